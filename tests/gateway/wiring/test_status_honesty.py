"""A title is called live when it is, and never when it is not: 520 cases."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest

from certs.records import Identities, Lookup, NotAsked, Recorded, ecdsa_sd, salted
from certs.records.wrapping import redacted, wrap
from gateway.wiring.records.records import Offline, RecordAuditor, Register
from gateway.wiring.records.registers import ChainRegister
from ledger.title.chain import TitleChain
from tests.certs.records import issuer
from tests.gateway.wiring.recorded_chain import BANK, RecordedChain

DOMAIN, REGISTRY, RECORD = issuer.DOMAIN, issuer.REGISTRY, issuer.RECORD
OTHER = "0x" + "bad0" * 10
Record = dict[str, Any]


@dataclass(frozen=True)
class Form:
    """A record in one form: its token, and whether it still says where its title is kept."""

    name: str
    record: Record
    token_id: bytes
    says: bool = True
    intact: bool = True


def _bill(**fields: Any) -> Record:
    return {
        "network": {"chain": "FREE", "chainId": "31337"},
        "issuers": [
            {
                "name": "Sample Line",
                "tokenRegistry": REGISTRY,
                "identityProof": {"type": "DNS-TXT", "location": DOMAIN},
            }
        ],
        "blNumber": "SGTD0001",
        "vessel": "SAMPLE PIONEER",
        **fields,
    }


def _forms() -> list[Form]:
    wrapped = wrap([_bill()])[0]
    target = bytes.fromhex(wrapped["signature"]["targetHash"])
    stripped = json.loads(json.dumps(wrapped))
    leaf = stripped["data"]["issuers"][0].pop("tokenRegistry")
    stripped["privacy"] = {"obfuscatedData": [salted.leaf_hash("issuers.0.tokenRegistry", leaf)]}
    altered = json.loads(json.dumps(wrapped))
    altered["data"]["vessel"] += "X"

    token = bytes.fromhex("ab" * 32)
    base = issuer.signed()
    plain, proof = issuer.without_proof(base), base["proof"]
    loose = issuer.signed(None, "/issuer", "/validFrom")
    bare = issuer.without_proof(loose)
    cut = {**base, "credentialStatus": {**base["credentialStatus"], "tokenId": "cd" * 32}}
    return [
        Form("oa", wrapped, target),
        Form("oa redacted", redacted(wrapped, ["vessel"]), target),
        Form("oa stripped", stripped, target, says=False),
        Form("oa altered", altered, target, intact=False),
        Form("vc base", base, token),
        Form("vc derived", ecdsa_sd.derive(plain, proof, ["/credentialSubject/vessel"]), token),
        Form(
            "vc stripped",
            ecdsa_sd.derive(bare, loose["proof"], ["/credentialSubject/vessel"]),
            token,
            says=False,
        ),
        Form("vc altered", cut, bytes.fromhex("cd" * 32), intact=False),
    ]


States = dict[str, tuple[dict[str, Any], str]]
STATES: States = {
    "live": ({}, "live"),
    "held by a bank": ({"holder": BANK}, "live"),
    "restored": ({}, "live"),
    "surrendered": ({"owner": "registry"}, "surrendered"),
    "burnt": ({"owner": "burnt", "active": False, "holder": None}, "ended"),
    "switched to paper": ({"owner": "burnt", "active": False, "beneficiary": None}, "ended"),
    "never issued": ({"owner": ""}, "unknown"),
    "at a stranger": ({"owner": BANK}, "unknown"),
    "escrow of another token": ({"escrow_of": b"\x01" * 32}, "unknown"),
    "escrow ended": ({"active": False}, "unknown"),
    "no contract": ({"contract": False}, "unknown"),
    "another chain": ({"id": 1}, "unknown"),
    "node down": ({"up": False}, "unknown"),
}


@dataclass(frozen=True)
class Case:
    """A record in a form, with its title in a state, seen with some answers about its issuer."""

    name: str
    record: Record
    register: Register
    identities: Identities
    truth: str


def _answers() -> dict[str, tuple[Identities, Callable[[str, Form], str]]]:
    """Return what the issuer's domain and DID say, and what that makes of a register's yes."""
    foreign = RECORD.replace(REGISTRY, OTHER)
    known = issuer.identities(RECORD)
    return {
        "issuer known": (known, lambda said, _: said),
        "foreign register": (issuer.identities(foreign), lambda said, _: _no_longer_live(said)),
        "issuer unresolved": (Recorded(), _unresolved),
        "nobody asked": (NotAsked(), _unresolved),
    }


def _no_longer_live(said: str) -> str:
    return "unknown" if said == "live" else said


def _unresolved(said: str, form: Form) -> str:
    """Without its key a credential proves nothing; a wrapped record is intact all the same."""
    return "unknown" if form.name.startswith("vc") else _no_longer_live(said)


def _cases() -> Iterator[Case]:
    for form in _forms():
        for version in (5, 4) if form.name in {"oa", "vc base"} else (5,):
            for state, (changes, said) in STATES.items():
                chain = RecordedChain(REGISTRY, form.token_id, version=version, **changes)
                register = ChainRegister(cast("TitleChain", chain))
                for answer, (identities, weighed) in _answers().items():
                    honest = weighed(said, form) if form.says and form.intact else "unknown"
                    name = f"{form.name}, v{version}, {state}, {answer}"
                    yield Case(name, form.record, register, identities, honest)


def _title(case: Case) -> str:
    auditor = RecordAuditor(case.identities, case.register)
    return str(auditor.verify(json.dumps(case.record).encode())["title"])


def test_no_title_is_called_live_when_it_is_not():
    """Surrendered, burnt, on paper, foreign, stripped, altered, unasked: none is called live.

    Every form of record, both versions of the registry, every state, every answer: what is said
    is what is true, live titles included.
    """
    cases = list(_cases())
    assert len(cases) == 520
    wrong = [(case.name, found) for case in cases if (found := _title(case)) != case.truth]
    assert [name for name, found in wrong if found == "live"] == []
    assert wrong == []
    assert {case.truth for case in cases} == {"live", "surrendered", "ended", "unknown"}


@pytest.mark.parametrize("form", [form for form in _forms() if form.says and form.intact])
def test_offline_a_title_is_unknown(form):
    """Without a register's answer no title is live, and the verdict does not pass."""
    auditor = RecordAuditor(issuer.identities(RECORD), Offline())
    found = auditor.verify(json.dumps(form.record).encode())
    assert (found["integrity"], found["title"]) == ("VALID", "unknown")
    assert found["indication"] != "TOTAL-PASSED"


def test_only_a_live_title_passes():
    """The verdict passes for a live title, and for none that was returned or has ended."""
    form = _forms()[0]
    data = json.dumps(form.record).encode()
    for owner, passed in (("escrow", True), ("registry", False), ("burnt", False)):
        chain = RecordedChain(REGISTRY, form.token_id, owner=owner)
        register = ChainRegister(cast("TitleChain", chain))
        found = RecordAuditor(issuer.identities(RECORD), register).verify(data)
        assert (found["indication"] == "TOTAL-PASSED") is passed


def test_proof_of_the_register_can_be_asked_for():
    """A credential's signature names its register; the strict policy wants the domain to do so."""
    form = next(form for form in _forms() if form.name == "vc base")
    data = json.dumps(form.record).encode()
    register = ChainRegister(cast("TitleChain", RecordedChain(REGISTRY, form.token_id)))
    silent = issuer.identities()
    assert RecordAuditor(silent, register).verify(data)["title"] == "live"
    assert RecordAuditor(silent, register, proven=True).verify(data)["title"] == "unknown"
    named = issuer.identities(RECORD)
    assert RecordAuditor(named, register, proven=True).verify(data)["title"] == "live"


def test_a_silent_domain_speaks_for_nobody():
    """A domain that was asked in vain might have named other registers: no title is live."""
    form = next(form for form in _forms() if form.name == "vc base")
    data = json.dumps(form.record).encode()
    register = ChainRegister(cast("TitleChain", RecordedChain(REGISTRY, form.token_id)))
    vain = Lookup(
        by="https://resolver.example", at="2026-03-14T08:00:00.000Z", problem="time ran out"
    )
    known = issuer.identities()
    silent = Recorded({issuer.DOMAIN: None}, known.didweb, {issuer.DOMAIN: vain})
    found = RecordAuditor(silent, register).verify(data)
    assert (found["issuer_identity"], found["title"]) == ("VALID", "unknown")
    assert found["indication"] != "TOTAL-PASSED"


def test_a_credential_past_its_time_does_not_pass():
    """An expired credential is told as such, whatever the register says."""
    record = issuer.signed(issuer.credential(validUntil="2026-01-02T00:00:00Z"))
    register = ChainRegister(cast("TitleChain", RecordedChain(REGISTRY, bytes.fromhex("ab" * 32))))
    auditor = RecordAuditor(issuer.identities(RECORD), register)
    found = auditor.verify(json.dumps(record).encode())
    assert found["subindication"] == "EXPIRED"
