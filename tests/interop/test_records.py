"""TradeTrust's own verifier on records of title that we write, and on each of them tampered."""

from __future__ import annotations

import copy
import csv
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from certs.records import Recorded, check, contexts, ecdsa_sd, multikey
from certs.records.wrapping import redacted
from gateway.lading.titles.issuing import Bill, Register, credential, derived, signed, wrapped
from gateway.wiring.records.records import RecordAuditor
from gateway.wiring.records.registers import ChainRegister
from ledger.anchors.account import Account
from ledger.anchors.secp256k1 import recover
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
        at = len(value) // 2  # the last letter of Base64 may hold bits that mean nothing
        return value[:at] + ("1" if value[at : at + 1] != "1" else "2") + value[at + 1 :]
    return value + 1


def _put(record: Record, path: tuple[Any, ...], value: Any) -> Record:
    made = copy.deepcopy(record)
    place: Any = made
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return made


def _subject(name: str) -> Record:
    """Return a subject with every term that the table of a context has for its first type."""
    text = resources.files(contexts).joinpath(f"{name}.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    kind = next(row["term"] for row in rows if not row["scope"])

    def filled(scope: str) -> Record:
        found: Record = {}
        for row in rows:
            inner = f"{scope} > {row['term']}"
            if row["scope"] != scope:
                continue
            if any(each["scope"] == inner for each in rows):
                value = filled(inner)
                found[row["term"]] = [value, dict(value)] if row["container"] else value
            elif row["type"] == "@id":
                found[row["term"]] = f"https://x.example.org/{row['term']}"
            else:
                found[row["term"]] = f'值 {row["term"]} "q" \\ é\n2'
        return found

    return {"type": [kind], **filled(kind)}


def _theirs_to_sign() -> Iterator[dict[str, Any]]:
    """Yield credentials over the contexts of our tables, and odd values."""
    base = "https://trustvc.io/context/"
    bill = f"{base}bill-of-lading.json"
    held = ("bill-of-lading", "bill-of-lading-carrier", "invoice", "promissory-note")
    for name in (*held, "warehouse-receipt"):
        subject = _subject(name)
        shown = [f"/credentialSubject/{term}" for term in list(subject)[1:3]]
        yield _unsigned([f"{base}{name}.json"], subject, shown)
    odd: Record = {"type": ["BillOfLading"], "blNumber": 12345, "scac": 1.5, "vessel": True}
    odd |= {"voyageNo": 1e21, "portOfLoading": {"@value": "上海", "@language": "zh"}}
    odd["packages"] = [{"packagesWeight": number} for number in range(5)]
    yield _unsigned([bill], odd, ["/credentialSubject/packages/3"])
    more = [f"{base}{name}.json" for name in ("render-method-context-v2", "qrcode-context")]
    extra = {"qrCode": {"type": "TrustVCQRCode", "uri": "https://q.example.org"}}
    small = {"type": ["BillOfLading"], "blNumber": "1"}
    yield _unsigned([*more, bill], small, ["/credentialSubject/blNumber"], **extra)
    status = "https://w3id.org/vc/status-list/2021/v1"
    yield _unsigned([status, bill], small, ["/credentialSubject/blNumber"])


def _unsigned(names: list[str], subject: Record, show: list[str], **extra: Any) -> dict[str, Any]:
    document = {
        "@context": [contexts.CREDENTIALS, contexts.DATA_INTEGRITY, *names],
        "type": ["VerifiableCredential"],
        "validFrom": "2026-01-01T00:00:00Z",
        **extra,
        "credentialSubject": subject,
    }
    return {"document": document, "show": show}


def test_what_their_library_signs_verifies_here():
    """Base and derived, ecdsa-sd-2023 and bbs-2023, over the contexts we hold as tables."""
    installed()
    if not (MODULES / "@trustvc" / "trustvc").exists():
        pytest.skip("TradeTrust's verifier is not installed: `make interop` installs it")
    suites = {"ecdsa-sd-2023": "did:web:e.example.org", "bbs-2023": "did:web:b.example.org"}
    done = subprocess.run(
        ["node", str(HERE / "sign_records.cjs")],
        input=json.dumps({"suites": suites, "credentials": list(_theirs_to_sign())}),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    identities = Recorded({}, made["dids"])
    assert len(made["records"]) == 32
    for record in made["records"]:
        found = check(json.dumps(record).encode(), identities, recover)
        assert found.integrity == "VALID", (record["@context"], found.integrity_why.en)
        subject = record["credentialSubject"]
        bent = {**record, "credentialSubject": {**subject, "blNumber": "EVIL"}}
        assert check(json.dumps(bent).encode(), identities, recover).integrity == "INVALID"
