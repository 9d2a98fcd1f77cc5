"""TradeTrust's own verifier on records of title that we write, and on each of them tampered."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from certs.records import Recorded, ecdsa_sd, multikey
from certs.records.wrapping import redacted
from gateway.lading.issuing import Bill, Register, credential, derived, signed, wrapped
from gateway.wiring.records import RecordAuditor
from gateway.wiring.registers import ChainRegister
from ledger.anchors.account import Account
from ledger.title.evm import connect
from ledger.title.machine import Move
from tests.certs.records.issuer import KEY
from tests.interop.node import HERE, MODULES, anvil
from tests.interop.tradetrust import deployed, installed

pytestmark = [pytest.mark.interop, pytest.mark.timeout(300)]

LADING = Path(__file__).parent.parent / "golden" / "related" / "g06" / "lading.json"
DOMAIN = "carrier.example.org"
DID = f"did:web:{DOMAIN}"
ISSUER, HOLDER = Account.generate(), Account.generate()
Record = dict[str, Any]


@dataclass
class World:
    """A chain with a registry, what the issuer's names answer, and the records issued there."""

    url: str
    register: Register
    records: dict[str, Record]

    @property
    def dns(self) -> dict[str, list[str]]:
        """The issuer's TXT records."""
        return {DOMAIN: [self.register.dns_record]}

    @property
    def didweb(self) -> dict[str, Any]:
        """The issuer's DID document."""
        public = multikey.encode(multikey.of_p256(KEY.public_key()))
        return {DID: multikey.did_document(DID, "keys-1", public)}

    def theirs(self, records: list[Record], folder: Path) -> list[dict[str, Any]]:
        """Return what TradeTrust's library says of records."""
        files = []
        for number, record in enumerate(records):
            path = folder / f"{number}.json"
            path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
            files.append(str(path))
        asked = {"rpc": self.url, "dns": self.dns, "didweb": self.didweb, "files": files}
        done = subprocess.run(
            ["node", str(HERE / "records.cjs")],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == 0, done.stderr
        return list(json.loads(done.stdout))

    def ours(self, record: Record) -> dict[str, Any]:
        """Return what we say of a record."""
        auditor = RecordAuditor(
            Recorded(self.dns, self.didweb), ChainRegister(connect(self.url)), proven=True
        )
        return auditor.verify(json.dumps(record).encode())


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Our records, each with a live title in TradeTrust's registry."""
    installed()
    if not (MODULES / "@trustvc" / "trustvc").exists():
        pytest.skip("TradeTrust's verifier is not installed: `make interop` installs it")
    with anvil() as node:
        for account in (ISSUER, HOLDER):
            node.fund(account.address)
        chain = connect(node.url)
        registry = deployed(chain, ISSUER)
        register = Register(chain.chain_id(), registry.address, "local")
        records, tokens = _issued(register)
        for token in tokens:
            to = HOLDER.address
            registry.perform(ISSUER, token, Move("issue", ISSUER.address, (to, to)))
        yield World(node.url, register, records)


def _issued(register: Register) -> tuple[dict[str, Record], list[bytes]]:
    bill = Bill.read(LADING.read_bytes(), incomplete=True)
    record, token = wrapped(bill, register, domain=DOMAIN, name="Sample Ocean Carrier Ltd")
    now = datetime(2026, 2, 1, tzinfo=UTC)
    plain = credential(bill, register, did=DID, at=now, renderer="https://r.example.org")
    base = signed(plain, KEY, method=f"{DID}#keys-1", at=now)
    shown = ("/credentialSubject/blNumber", "/credentialSubject/packages/1")
    records = {
        "oa": record,
        "oa redacted": redacted(record, ["vessel", "transportDocument.consignmentItems"]),
        "vc": base,
        "vc derived": derived(base, shown),
        "vc shown whole": derived(base, ["/credentialSubject"]),
    }
    status = plain["credentialStatus"]
    return records, [bytes.fromhex(token[2:]), bytes.fromhex(status["tokenId"])]


def test_their_verifier_says_valid_for_ours(world: World, tmp_path: Path):
    """Each form that we write is valid there, and live here."""
    records = list(world.records.values())
    found = world.theirs(records, tmp_path)
    assert [each["valid"] for each in found] == [True] * len(records), found
    assert [world.ours(record)["title"] for record in records] == ["live"] * len(records)


@pytest.mark.parametrize("form", ["oa", "oa redacted", "vc", "vc derived", "vc shown whole"])
def test_their_verifier_says_invalid_for_each_tampered_one(world: World, tmp_path: Path, form: str):
    """Any value changed, added or taken away: not valid there, and not intact here."""
    tampered = list(_tampered(world.records[form]))
    assert len(tampered) >= 12
    found = world.theirs([record for _, record in tampered], tmp_path)
    accepted = [name for (name, _), each in zip(tampered, found, strict=True) if each["valid"]]
    assert accepted == []
    for name, record in tampered:
        assert world.ours(record)["indication"] != "TOTAL-PASSED", name


def _tampered(record: Record) -> Iterator[tuple[str, Record]]:
    for path, value in _leaves(record):
        if path == ("version",):
            continue  # the name of the schema is outside the digest; ours refuses another
        base = ecdsa_sd.is_base(str(record.get("proof", {}).get("proofValue", "")))
        if path[:2] == ("proof", "proofValue") and base:
            continue  # their verifier does not read all of a base proof; ours does, tested apart
        yield "/".join(map(str, path)), _put(record, path, _other(value))
    added = copy.deepcopy(record)
    (added.get("data") or added["credentialSubject"])["carrierName"] = "Mallory Lines"
    yield "added", added


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(child, (*path, key))
    else:
        yield path, value


def _other(value: Any) -> Any:
    if isinstance(value, str):
        return value[:-1] + ("1" if value[-1:] != "1" else "2")
    return value + 1


def _put(record: Record, path: tuple[Any, ...], value: Any) -> Record:
    made = copy.deepcopy(record)
    place: Any = made
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return made
