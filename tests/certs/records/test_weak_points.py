"""What the reference library lets pass, and must not pass here."""

from __future__ import annotations

import copy
import dataclasses
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from certs.records import (
    Identity,
    Integrity,
    Recorded,
    Transferability,
    check,
    ecdsa_sd,
    multikey,
)
from ledger.anchors.secp256k1 import recover
from tests.certs.records.issuer import (
    KEY,
    RECORD,
    credential,
    identities,
    proof,
    signed,
    without_proof,
)

BARE = ("/issuer", "/validFrom")
"""Mandatory pointers that leave the status out, as the reference library signs by default."""


def _found(record: dict[str, Any], *records: str) -> Any:
    return check(json.dumps(record).encode(), identities(*records), recover)


def _changed(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield each leaf's path and another value for it."""
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _changed(child, (*path, key))
    elif isinstance(value, str):
        yield path, value[:-1] + ("0" if value[-1:] != "0" else "1")
    else:
        yield path, value + 1


def _put(record: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    made = copy.deepcopy(record)
    place: Any = made
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return made


@pytest.mark.parametrize("pointers", [BARE, (*BARE, "/credentialStatus")])
def test_every_field_of_a_base_proof_is_verified(pointers):
    """A base proof is verified with all statements disclosed: no leaf can be changed unseen.

    The reference checks the mandatory statements alone, and accepts another register.
    """
    record = signed(None, *pointers)
    assert _found(record).integrity is Integrity.VALID
    unseen = [
        path
        for path, value in _changed(record)
        if path[:2] != ("proof", "proofValue")
        and _found(_put(record, path, value)).integrity is Integrity.VALID
    ]
    assert unseen == []


def test_no_character_of_a_proof_value_can_change():
    """Each of 60 places of the proof value, over its whole length, is noticed when changed."""
    record = signed()
    value = record["proof"]["proofValue"]
    rng = random.Random(6)
    unseen = []
    for place in range(1, len(value), len(value) // 60):
        other = rng.choice([c for c in "ABCDEFGHabcdefgh0123-_" if c != value[place]])
        changed = value[:place] + other + value[place + 1 :]
        if _found(_put(record, ("proof", "proofValue"), changed)).integrity is Integrity.VALID:
            unseen.append(place)
    assert unseen == []


def test_a_stripped_status_is_never_a_title():
    """A derived record without its status may have had one: stripped, not free of title."""
    base = signed(None, *BARE)
    shown = ecdsa_sd.derive(without_proof(base), base["proof"], ["/credentialSubject/blNumber"])
    found = _found(shown)
    assert found.integrity is Integrity.VALID
    assert found.claim.transferability is Transferability.STRIPPED


def test_a_mandatory_status_cannot_be_left_out():
    """Where the status is mandatory, whatever a holder derives still names the register."""
    base = signed()
    shown = ecdsa_sd.derive(without_proof(base), base["proof"], ["/credentialSubject/vessel"])
    assert "blNumber" not in shown["credentialSubject"]
    assert _found(shown).claim.token is not None
    del shown["credentialStatus"]
    assert _found(shown).integrity is Integrity.INVALID


def test_the_register_must_be_the_issuers():
    """A domain that names its registers refutes another one; silence leaves the link unproven."""
    record = signed()
    assert _found(record, RECORD).claim.controlled is True
    assert _found(record).claim.controlled is None
    other = RECORD.replace("0xe7f1", "0xdead")
    assert _found(record, other).claim.controlled is False


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("undefinedTerm", "x"),
        ("@type", "urn:x"),
        ("@graph", []),
        ("@included", []),
        ("@context", {"vessel": "urn:other"}),
    ],
)
def test_what_no_context_defines_is_refused(name, value):
    """A name outside the contexts would be outside the signature: the record is not intact."""
    record = signed()
    record["credentialSubject"][name] = value
    assert _found(record).integrity is Integrity.INVALID


def test_a_context_that_is_not_held_is_refused():
    """Nothing is fetched: an unknown context makes the record unverifiable, not valid."""
    record = signed()
    record["@context"].append("https://example.org/context.json")
    found = _found(record)
    assert found.integrity is Integrity.INVALID
    assert "not held" in found.integrity_why.en


def test_a_name_twice_is_refused():
    """Two values under one name: readers would disagree about which one was signed."""
    text = json.dumps(signed()).replace('"scac"', '"scac": "EVIL", "scac"', 1)
    assert check(text.encode(), identities(), recover).integrity is Integrity.INVALID


def test_a_poisoned_graph_is_refused_quickly():
    """Blank nodes that are all alike make canonical naming explode; it is cut off."""
    knot: list[dict[str, Any]] = [{"type": "BillOfLading", "links": {}} for _ in range(60)]
    record = signed()
    record["credentialSubject"] = knot
    assert _found(record).integrity is Integrity.INVALID


def test_a_derived_proof_is_not_derived_again():
    """Only the issuer's base proof can be derived from."""
    base = signed()
    shown = ecdsa_sd.derive(without_proof(base), base["proof"], [])
    with pytest.raises(Exception, match="base proof"):
        ecdsa_sd.derive(without_proof(shown), shown["proof"], [])


def test_signing_what_no_context_defines_is_refused():
    """We never sign a field that the signature would not cover."""
    document = credential()
    document["credentialSubject"]["freeText"] = "x"
    with pytest.raises(Exception, match="No context defines"):
        ecdsa_sd.sign(document, proof(), KEY, BARE)


def test_a_proof_by_a_stranger_is_intact_but_not_the_issuers():
    """Who signed with a key of their own in another's name is told by the identity alone."""
    stranger, answers = "did:web:other.example.org", identities()
    public = multikey.encode(multikey.of_p256(KEY.public_key()))
    documents = {**answers.didweb, stranger: multikey.did_document(stranger, "1", public)}
    options = {**proof(), "verificationMethod": f"{stranger}#1"}
    record = ecdsa_sd.sign(credential(), options, KEY, ("/issuer", "/credentialStatus"))

    def found(record: dict[str, Any]) -> tuple[Integrity, Identity]:
        said = check(json.dumps(record).encode(), Recorded({}, documents), recover)
        return said.integrity, said.identity

    assert found(record) == (Integrity.VALID, Identity.INVALID)
    changed = _put(record, ("credentialSubject", "vessel"), "OTHER")
    assert found(changed) == (Integrity.INVALID, Identity.INVALID)


def test_a_pointer_through_a_value_is_refused():
    """A base proof may name any path: one that goes on below a text leads nowhere."""
    record = signed()
    base = ecdsa_sd.Base.parse(record["proof"]["proofValue"])
    subject = "/credentialSubject"
    for pointer in (f"{subject}/vessel/0/name", f"{subject}/packages/²", f"{subject}/packages/01"):
        value = dataclasses.replace(base, pointers=(pointer,)).encode()
        bent = {**record, "proof": {**record["proof"], "proofValue": value}}
        assert _found(bent).integrity is Integrity.INVALID


@pytest.mark.parametrize("odd", [{}, [], [[]], [{}], 5, None])
@pytest.mark.parametrize("path", [("@context", 1), ("credentialSubject", "type"), ("issuer",)])
def test_an_odd_shape_is_refused_and_stops_nothing(path, odd):
    """Where a name is expected and a structure stands, the record is not intact; nothing raises."""
    whole = signed(None, "/issuer")
    shown = ecdsa_sd.derive(without_proof(whole), whole["proof"], ["/credentialSubject"])
    assert "credentialStatus" not in shown
    assert _found(_put(shown, path, odd)).integrity is Integrity.INVALID
