"""Both customs saw the same fields, and each side's log says so under the other's witness."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from gateway.clearance.corridor import corridor
from gateway.clearance.twoside import common_fields
from gateway.store.database import Store, Transaction
from gateway.store.tiles import StoredTiles
from ledger.checkpoint import open_checkpoint
from ledger.errors import NotFoundInLog, NotInTree
from ledger.log import Log
from ledger.note import NoteSigner
from ledger.signature import Cosigner, verifier_for
from ledger.twoside import Side, SideKeys, side_of, verify_two_sides
from tests.gateway.clearance import documents as golden
from tests.gateway.clearance.test_build import crossing
from tests.gateway.clearance.test_complete import good
from tests.gateway.clearance.test_service import released
from tests.gateway.clearance.world import EXPORTER, IMPORTER, World
from tests.ledger.trees import cosigner, signer

GB = corridor("cn-gb")


@dataclass
class LogDesk:
    """One gateway's log in its own store, and its witness."""

    store: Store
    signer: NoteSigner
    witness: Cosigner
    own_secret: bytes

    def secret(self) -> bytes:
        """What only this gateway knows."""
        return self.own_secret

    def append(self, tx: Transaction, digests: Sequence[bytes]) -> Sequence[int]:
        """Append in the transaction."""
        return Log(StoredTiles(tx, self.signer.key.name), self.signer).append(digests)

    def part(self, root: bytes) -> Side | None:
        """The root's place, once cosigned."""
        with self.store.read() as tx:
            try:
                part = side_of(Log(StoredTiles(tx, self.signer.key.name), self.signer), root)
            except (NotFoundInLog, NotInTree):
                return None
        return part if len(part.signatures) > 1 else None

    def publish(self, other: LogDesk) -> None:
        """Sign a checkpoint and have the other side cosign it."""
        with self.store.begin() as tx:
            log = Log(StoredTiles(tx, self.signer.key.name), self.signer)
            if not log.tiles.size():
                return
            opened = open_checkpoint(log.checkpoint(), verifier_for(self.signer.key))
            line = other.witness.cosign(opened.note.text, 1_800_000_000)
            log.add_cosignatures(opened.checkpoint.size, [line])


def with_logs(world: World) -> tuple[LogDesk, LogDesk]:
    """Give both desks a log."""
    made = []
    for number, service in enumerate((world.export, world.import_)):
        name = service.desk.gateway
        log = LogDesk(
            service.desk.store,
            signer(f"{name}/log", 10 + number),
            cosigner(f"{name}/witness", 20 + number),
            bytes([number]) * 32,
        )
        service.desk = replace(service.desk, common=log)
        service.runner._desk = service.desk
        made.append(log)
    return made[0], made[1]


def proven(world: World) -> tuple[dict[str, Any], dict[str, Any], tuple[LogDesk, LogDesk]]:
    """A clearance with its two-side proof, as both desks show it."""
    logs = with_logs(world)
    clearance_id = released(world)
    world.import_.answer(IMPORTER, clearance_id, good())
    for _ in range(6):
        world.run()
        logs[0].publish(logs[1])
        logs[1].publish(logs[0])
    here = world.export.show(EXPORTER, clearance_id)
    there = world.import_.show(IMPORTER, clearance_id)
    return here, there, logs


def test_both_desks_hold_one_proof_that_verifies(world: World) -> None:
    """One root in both logs, each checkpoint cosigned by the other side, same bytes on both."""
    here, there, (cn, gb) = proven(world)
    assert here["two_side"]["alike"] is True
    assert here["two_side"]["proof"] == there["two_side"]["proof"] != ""
    keys = (SideKeys(cn.signer.key, gb.witness.key), SideKeys(gb.signer.key, cn.witness.key))
    proof = base64.b64decode(here["two_side"]["proof"])
    first, second = verify_two_sides(proof, keys)
    assert (first.origin, second.origin) == (cn.signer.key.name, gb.signer.key.name)


def test_no_private_field_is_in_the_proof_s_data(world: World) -> None:
    """The common fields are those of the corridor; salts and private values are shown nowhere."""
    here, there, _ = proven(world)
    fields = here["two_side"]["fields"]
    assert fields == there["two_side"]["fields"]
    assert fields["InvoiceAmount"] == "142919.6 GBP"
    assert fields["GoodsShipment.GovernmentAgencyGoodsItem[2].Commodity.Classification.ID"] == (
        "845811"
    )
    shown = json.dumps([here, there], ensure_ascii=False)
    assert "salt_key" not in shown
    assert golden.shipment("g06")["cn_declarant"]["uscc"] not in json.dumps(fields)


def test_sides_that_saw_different_fields_have_no_proof(world: World) -> None:
    """An importer whose declaration differs in a common field is told so, and nothing is proven."""
    logs = with_logs(world)
    clearance_id = released(world)
    render = world.import_.desk.documents.render

    def changed(document: Any, format_id: str) -> bytes:
        return render(document, format_id).replace(b"142919.60", b"142919.61")

    world.import_.desk.documents.render = changed  # type: ignore[method-assign]
    world.import_.answer(IMPORTER, clearance_id, good())
    for _ in range(6):
        world.run()
        logs[0].publish(logs[1])
        logs[1].publish(logs[0])
    shown: Any = world.export.show(EXPORTER, clearance_id)["two_side"]
    assert shown["alike"] is False
    assert shown["proof"] == ""


def on(world: World, logs: tuple[LogDesk, LogDesk], rounds: int = 6) -> None:
    """Let both desks work and cosign each other's logs."""
    for _ in range(rounds):
        world.run()
        logs[0].publish(logs[1])
        logs[1].publish(logs[0])


@pytest.mark.parametrize("by", ["exporter", "importer"])
def test_an_agreed_change_of_a_common_field_is_proven_anew(world: World, by: str) -> None:
    """Both desks come to the same new version; the proof is of the fields as changed."""
    here, _, logs = proven(world)
    clearance_id = str(here["id"])
    world.gb_says("02", 10)
    sides = ((world.export, EXPORTER), (world.import_, IMPORTER))
    (author, one), (other, two) = sides if by == "exporter" else sides[::-1]
    author.correct(one, clearance_id, {"TotalPackageQuantity": "14"}, "counted")
    on(world, logs)
    assert author.show(one, clearance_id)["two_side"] == here["two_side"]
    other.confirm(two, clearance_id, 1)
    on(world, logs)
    shown: list[Any] = [side.show(who, clearance_id)["two_side"] for side, who in sides]
    assert shown[0] == shown[1]
    assert (shown[0]["version"], shown[0]["alike"]) == (2, True)
    assert shown[0]["fields"]["TotalPackageQuantity"] == "14"
    assert shown[0]["root"] != here["two_side"]["root"]
    cn, gb = logs
    keys = (SideKeys(cn.signer.key, gb.witness.key), SideKeys(gb.signer.key, cn.witness.key))
    assert len(verify_two_sides(base64.b64decode(shown[0]["proof"]), keys)) == 2


def test_a_change_before_the_import_is_declared_leaves_both_sides_alike(world: World) -> None:
    """What was amended while the form was open is in the fields of both sides."""
    logs = with_logs(world)
    clearance_id = released(world)
    on(world, logs, 2)
    world.export.correct(EXPORTER, clearance_id, {"TotalPackageQuantity": "14"}, "counted")
    on(world, logs, 2)
    world.import_.answer(IMPORTER, clearance_id, good())
    on(world, logs)
    for side, who in ((world.export, EXPORTER), (world.import_, IMPORTER)):
        shown: Any = side.show(who, clearance_id)["two_side"]
        assert (shown["version"], shown["alike"], shown["proof"] != "") == (2, True, True)
        assert shown["fields"]["TotalPackageQuantity"] == "14"


@pytest.mark.parametrize("digits", ["600", "600.00000", "600.0"])
def test_figures_are_alike_however_they_are_written(digits: str) -> None:
    """Trailing zeros do not make another weight."""
    document = crossing("g06").document
    weight = document.get("TotalGrossMassMeasure")
    assert weight is not None
    weight.value = digits
    assert common_fields(document, GB)["TotalGrossMassMeasure"] == "600 KGM"
