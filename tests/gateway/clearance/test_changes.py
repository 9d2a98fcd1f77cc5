"""Statements about changes: who may make them, what they stand for, and what follows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

import adapters
from gateway.clearance.errors import (
    AlreadyCancelled,
    MessageRefused,
    NothingToAmend,
    NotYours,
    UnknownTerm,
)
from gateway.sandbox import messages
from gateway.store.errors import NotFound
from schemas.errors import EvidenceError
from tests.gateway.clearance import world as play
from tests.gateway.clearance.test_amending import NAME, declared, last_change
from tests.gateway.clearance.test_complete import good
from tests.gateway.clearance.test_service import released
from tests.gateway.clearance.world import EXPORTER, IMPORTER, Notary, World

PACKAGES = "TotalPackageQuantity"


def amend(world: World, clearance_id: str) -> dict[str, Any]:
    """The exporter amends one field; its change."""
    shown = world.export.correct(EXPORTER, clearance_id, {NAME: "SAMPLE BALTIC"}, "another vessel")
    world.run()
    return last_change(shown)


def told(world: World, clearance_id: str, said: Mapping[str, Any], signer: str = EXPORTER) -> None:
    """The exporter's gateway sends a statement that somebody signed."""
    signed = Notary(signer).sign({"clearance": clearance_id, **said}).decode()
    message = {"clearance": clearance_id, "corridor": "cn-gb", "change": signed}
    world.import_.mirrored(EXPORTER, [message])


CHANGE: Mapping[str, Any] = {
    "kind": "amendment",
    "by": "exporter",
    "number": 7,
    "at": "2026-03-20T02:00:00.000Z",
    "reason": "made up",
    "changes": [],
}


def test_values_amend_the_export_declaration(world: World) -> None:
    """One value by term id becomes a new version, a row of the window's list, and a proposal."""
    clearance_id = declared(world)
    here = amend(world, clearance_id)
    [row] = here["request"]["DecModList"]
    assert (row["FieldCode"], row["OldValue"], row["NewValue"]) == (
        "TrafName", "SAMPLE NORTH SEA", "SAMPLE BALTIC",
    )  # fmt: skip
    again = world.export.correct(EXPORTER, clearance_id, {NAME: "THIRD"}, "again")
    assert [c["old"] for c in last_change(again)["changes"]] == ["SAMPLE BALTIC"]


def test_a_document_amends_the_import_declaration(world: World) -> None:
    """The importer sends its corrected declaration; customs gets the fields that differ."""
    clearance_id = declared(world)
    corrected = world.gb.taken[0][2].replace(b">13</TotalPackageQuantity>",
                                             b">14</TotalPackageQuantity>")  # fmt: skip
    assert corrected != world.gb.taken[0][2]
    shown = world.import_.amend(IMPORTER, clearance_id, corrected, "counted")
    assert [(c["term"], c["new"]) for c in last_change(shown)["changes"]] == [(PACKAGES, "14")]
    world.run()
    assert adapters.read(world.gb.taken[-1][2]).document.value(PACKAGES) == "14"
    with pytest.raises(NothingToAmend):
        world.import_.amend(IMPORTER, clearance_id, corrected, "counted")


def test_what_is_no_field_amends_nothing(world: World) -> None:
    """A misspelt field is refused by name on either side, and nothing is told."""
    clearance_id = declared(world)
    for service, tenant in ((world.export, EXPORTER), (world.import_, IMPORTER)):
        with pytest.raises(UnknownTerm):
            service.correct(tenant, clearance_id, {"TotalPackages": "14"}, "counted")
        assert service.show(tenant, clearance_id)["changes"] == []


def test_the_window_gets_the_list_once_it_has_numbered_the_declaration(world: World) -> None:
    """Chinese customs gets the members of the request as JSON, with the EntryId."""
    clearance_id = world.open()
    world.run()
    amend(world, clearance_id)
    assert len(world.cn.taken) == 1
    world.cn_says("L", 1)
    world.time.tick(60)
    world.run()
    request = json.loads(world.cn.taken[-1][2])
    assert request["DecModHead"]["EntryId"] == play.ENTRY
    assert [row["FieldCode"] for row in request["DecModList"]] == ["TrafName"]


def test_agreement_reaches_the_author_and_names_the_very_change(world: World) -> None:
    """The author's change has the partner's agreement: by whom, when, which version."""
    clearance_id = declared(world)
    amend(world, clearance_id)
    world.import_.confirm(IMPORTER, clearance_id, 1)
    world.run()
    change = last_change(world.export.show(EXPORTER, clearance_id))
    assert (change["state"], change["answer"]["by"], change["answer"]["version"]) == (
        "confirmed", "importer", 2,
    )  # fmt: skip
    repeated = [m for m in world.to_export.sent if "change" in m]
    world.export.mirrored(IMPORTER, repeated)
    assert last_change(world.export.show(EXPORTER, clearance_id)) == change


@pytest.mark.parametrize(
    ("said", "signer", "error"),
    [
        (CHANGE, "stranger", EvidenceError),
        ({**CHANGE, "by": "importer"}, EXPORTER, NotYours),
        ({**CHANGE, "clearance": "another"}, EXPORTER, NotYours),
        ({"kind": "amendment", "by": "exporter"}, EXPORTER, MessageRefused),
        ({"kind": "agreement", "state": "confirmed", "version": 2, "by": "exporter", "at": "",
          "of": {"by": "importer", "number": 1, "sha256": "0" * 64}}, EXPORTER, NotFound),
    ],
)  # fmt: skip
def test_what_a_partner_may_not_state_changes_nothing(
    world: World, said: Mapping[str, Any], signer: str, error: type[Exception]
) -> None:
    """Another's signature, another's side, another clearance, or what was never proposed."""
    clearance_id = declared(world)
    with pytest.raises(error):
        told(world, clearance_id, said, signer)
    assert world.import_.show(IMPORTER, clearance_id)["changes"] == []


def test_a_refused_change_leaves_the_declaration(world: World) -> None:
    """Customs rejects the correction by its own reference: the declaration is not rejected."""
    clearance_id = declared(world)
    world.import_.correct(IMPORTER, clearance_id, {PACKAGES: "14"}, "counted")
    world.run()
    own = adapters.read(world.gb.taken[-1][2]).document.value("FunctionalReferenceID")
    refusal = messages.notification("03", lrn=own, mrn="", at=play.START, reference="n-03",
                                    errors=[("X", "no")])  # fmt: skip
    world.import_.receipt(play.GB, refusal)
    shown: Any = world.import_.show(IMPORTER, clearance_id)
    assert last_change(shown)["customs"]["state"] == "refused"
    assert shown["import"]["status"]["name"] == "RECEIVED_BY_CUSTOMS"
    again = world.import_.correct(IMPORTER, clearance_id, {PACKAGES: "15"}, "counted")
    assert last_change(again)["changes"][0]["old"] == "13"


def test_cancelled_before_the_release_nothing_crosses(world: World) -> None:
    """Even when the release comes all the same, nothing is opened on the other side."""
    clearance_id = world.open()
    world.run()
    world.export.cancel(EXPORTER, clearance_id, "sold elsewhere")
    world.cn_says("P", 5)
    world.run()
    assert world.export.show(EXPORTER, clearance_id)["opened"] == ""
    assert [m for m in world.to_import.sent if "change" in m] == []


def test_the_importer_cancels_what_it_has_not_declared(world: World) -> None:
    """The form is closed, nothing is declared, and the exporter hears of it."""
    clearance_id = released(world)
    world.import_.cancel(IMPORTER, clearance_id, "refused by the buyer")
    world.import_.answer(IMPORTER, clearance_id, good())
    world.run()
    assert world.gb.taken == []
    change = last_change(world.export.show(EXPORTER, clearance_id))
    assert (change["kind"], change["by"], change["state"]) == (
        "cancellation", "importer", "proposed",
    )  # fmt: skip


def test_a_cancellation_counts_once_and_ends_amending(world: World) -> None:
    """The same again changes nothing; what is cancelled is not amended."""
    clearance_id = declared(world)
    for _ in range(2):
        shown = world.export.cancel(EXPORTER, clearance_id, "sold elsewhere")
    assert len(shown["changes"]) == 1  # type: ignore[arg-type]
    with pytest.raises(AlreadyCancelled):
        amend(world, clearance_id)
