"""Contexts beside ours: given by an operator, pinned, and never fetched."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from certs.errors import BadContexts
from certs.records import Integrity, Transferability, check, contexts, ecdsa_sd
from certs.records.contexts import given
from ledger.anchors.secp256k1 import recover
from tests.certs.records.issuer import KEY, credential, identities, proof, without_proof

URL = "https://example.org/terms/v1"
TERMS = {"@context": {"@protected": True, "Report": "urn:x:Report", "grade": "urn:x:grade"}}


def folder(place: Path, data: bytes, **entry: object) -> Path:
    """Write a folder of one context."""
    (place / "terms.jsonld").write_bytes(data)
    said = {"file": "terms.jsonld", "sha256": sha256(data).hexdigest(), **entry}
    lines = [f"{name} = {json.dumps(value)}" for name, value in said.items()]
    (place / given.INDEX).write_text("\n".join([f'["{URL}"]', *lines]))
    return place


def report(**fields: Any) -> dict[str, Any]:
    """Return a credential over the terms of the operator's context."""
    subject = {"type": ["Report"], "grade": "A"}
    names = [contexts.CREDENTIALS, contexts.DATA_INTEGRITY, URL]
    made = credential(credentialSubject=subject, **{"@context": names}, **fields)
    return {
        name: value
        for name, value in made.items()
        if name not in {"renderMethod", "credentialStatus"}
    }


def test_a_given_context_makes_its_credentials_verifiable(tmp_path):
    """With its context known the credential is verified, each statement of it; without, refused."""
    known = given.read(folder(tmp_path, json.dumps(TERMS).encode()))
    with contexts.beside(known):
        signed = ecdsa_sd.sign(report(), proof(), KEY, ("/issuer",))
        shown = ecdsa_sd.derive(
            without_proof(signed), signed["proof"], ["/credentialSubject/grade"]
        )
    changed = {**signed, "credentialSubject": {**signed["credentialSubject"], "grade": "B"}}

    def found(record: dict[str, Any]) -> Any:
        return check(json.dumps(record).encode(), identities(), recover)

    assert found(signed).integrity is Integrity.INVALID
    with contexts.beside(known):
        assert found(signed).integrity is Integrity.VALID
        assert found(signed).claim.transferability is Transferability.NONE
        assert found(changed).integrity is Integrity.INVALID
        assert found(shown).integrity is Integrity.VALID
        assert found(shown).claim.transferability is Transferability.STRIPPED


@pytest.mark.parametrize(
    ("data", "entry"),
    [
        (b'{"@context": {}}', {"sha256": "00" * 32}),
        (b'{"@context": {}}', {"sha256": 5}),
        (b'{"@context": {}}', {"file": "none.jsonld"}),
        (b'{"@context": 5}', {}),
        (b"not json", {}),
        (b" " * (1024 * 1024 + 1), {}),
    ],
)
def test_a_folder_that_does_not_hold_what_it_pins_is_refused(tmp_path, data, entry):
    """Another file than the pinned one, none, or one that is no context: said, not passed over."""
    with pytest.raises(BadContexts):
        given.read(folder(tmp_path, data, **entry))


def test_a_context_of_ours_cannot_be_replaced(tmp_path):
    """A name that is built in keeps its meaning."""
    data = json.dumps(TERMS).encode()
    index = folder(tmp_path, data) / given.INDEX
    index.write_text(index.read_text().replace(URL, contexts.CREDENTIALS))
    with pytest.raises(BadContexts):
        given.read(tmp_path)
