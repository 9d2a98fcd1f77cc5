"""Records of title bent at random: whatever comes, a verdict comes back, and never a live title."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from certs.records import Identities, ecdsa_sd
from certs.records.wrapping import wrap
from gateway.wiring.records.records import RecordAuditor
from tests.certs.records import issuer

_JUNK: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 1e308, 2**70, "", "x", "0x", ":::", "\ud800", "\u2028"),
    *([], {}, [[]], {"a": {}}, ["a", {"@id": "x"}], {"@context": {}}, {"id": 5}, {"type": [1]}),
    *({"@value": "x"}, {"@value": {"a": 1}}, {"@language": "xx-"}, {"@list": [1]}, "-" * 5000),
    *("a:number:zz", "https://x.example.org/z", {"@type": "@json"}, [None], [True, [False]]),
)
_NAMES = ("@graph", "@id", "@type", "x.y", "id", "type", "proof", "tokenId", "credentialStatus", "")


def _records() -> list[dict[str, Any]]:
    base = issuer.signed()
    parts = ["/credentialSubject/vessel", "/credentialSubject/packages/0"]
    document = {
        "network": {"chain": "FREE", "chainId": "31337"},
        "issuers": [
            {
                "name": "Sample Line",
                "tokenRegistry": issuer.REGISTRY,
                "identityProof": {"type": "DNS-TXT", "location": issuer.DOMAIN},
            }
        ],
        "cargo": [{"n": 1.5, "flag": True, "none": None, "marks": "唛头"}],
    }
    third = {
        "version": "https://schema.openattestation.com/3.0/schema.json",
        "openAttestationMetadata": {
            "proof": {"method": "TOKEN_REGISTRY", "value": issuer.REGISTRY},
            "identityProof": {"type": "DNS-TXT", "identifier": issuer.DOMAIN},
        },
        "proof": {"type": "OpenAttestationMerkleProofSignature2018", "salts": "W10="},
    }
    shown = ecdsa_sd.derive(issuer.without_proof(base), base["proof"], parts)
    return [base, shown, wrap([document])[0], third]


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for name, child in value.items():
            yield from _places(child, (*path, name))
    elif isinstance(value, list):
        for number, child in enumerate(value):
            yield from _places(child, (*path, number))


def _bent(record: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    made = copy.deepcopy(record)
    for _ in range(rng.randint(1, 3)):
        *steps, last = rng.choice(list(_places(made)))
        place: Any = made
        for step in steps:
            place = place[step]
        choice = rng.random()
        if choice < 0.6:
            place[last] = copy.deepcopy(rng.choice(_JUNK))
        elif isinstance(place, dict) and choice < 0.8:
            del place[last]
        elif isinstance(place, dict):
            place[rng.choice(_NAMES)] = copy.deepcopy(rng.choice(_JUNK))
    return made


@pytest.mark.parametrize("seed", range(2))
def test_a_bent_record_gets_a_verdict(seed):
    """200 mutants a seed: JSON comes back, no exception, and what is not as signed is INVALID."""
    rng = random.Random(seed)
    records = _records()
    known: Identities = issuer.identities(issuer.RECORD)
    auditor = RecordAuditor(known)
    for _ in range(200):
        original = rng.choice(records)
        record = _bent(original, rng)
        found = auditor.verify(json.dumps(record).encode())
        assert json.dumps(found)
        assert found["title"] in {"unknown", "not-transferable"}
        if found["integrity"] == "VALID":
            assert _same(record, original), record


def _same(record: dict[str, Any], original: dict[str, Any]) -> bool:
    """Whether what is under the proof says the same; null and an empty list say nothing."""
    parts = ("data",) if "data" in original else tuple(original)
    return all(_said(record.get(name)) == _said(original.get(name)) for name in parts)


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        found = {name: _said(child) for name, child in value.items()}
        return {name: child for name, child in found.items() if child not in (None, [])}
    if isinstance(value, list):
        return [child for each in value if (child := _said(each)) is not None]
    return value
