"""Mandates as W3C Verifiable Credentials 2.0 with a Data Integrity proof.

Its issuer is a DID, which says nothing of who that is. So the operator lists in
`domains/issuers.toml` of the trust folder which DID is which organisation's, and for a did:web
the document that was fetched; whoever is not listed mandates nobody:

    ["did:web:acme.example"]
    identifier = "LEIXG-529900T8BM49AURSDO55"
    document = "acme.did.json"
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from certs.errors import BadTrustList, MandateRefused
from certs.recognition import credential
from certs.recognition.identifiers import Identifier, parse
from certs.records import multikey, vc
from certs.records.identity import Document
from certs.records.model import Broken, Identity, Integrity, time
from certs.records.strict import Json
from certs.records.strict import parse as parse_strictly

FILE: Final = "issuers.toml"
_MARKS: Final = (f'"{credential.KIND}"'.encode(), b'"DataIntegrityProof"')


@dataclass(frozen=True, slots=True)
class Issuers:
    """Which DID is which organisation's, and the DID documents that were recorded."""

    identifiers: Mapping[str, Identifier] = field(default_factory=dict)
    documents: Mapping[str, Document] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> Issuers:
        """Return those listed in a folder, none without the file; raises BadTrustList."""
        place = folder / FILE
        if not place.is_file():
            return cls()
        try:
            listed = tomllib.loads(place.read_text("utf-8"))
            identifiers = {did: parse(str(each["identifier"])) for did, each in listed.items()}
            documents = {
                did: dict(json.loads((folder / Path(each["document"]).name).read_bytes()))
                for did, each in listed.items()
                if "document" in each
            }
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadTrustList(where=FILE, reason=str(error)) from error
        return cls(identifiers, documents)

    def txt(self, name: str) -> Sequence[str]:
        """Return no record: what a domain says of itself makes nobody an organisation."""
        del name
        return ()

    def did_document(self, did: str) -> Document:
        """Return the recorded document, or that of a did:key, which needs nobody."""
        return multikey.document_of(did) or self.documents.get(did, {})

    def how(self, name: str) -> None:
        """Return None: nobody was asked."""


NOBODY: Final = Issuers()


def is_credential(data: bytes) -> bool:
    """Tell whether a file looks like such a mandate; nothing is checked."""
    return data.lstrip().startswith(b"{") and all(mark in data for mark in _MARKS)


def read(data: bytes, issuers: Issuers, at: datetime) -> tuple[dict[str, object], Identifier]:
    """Return what a credential says as a mandate does, and who its issuer is.

    Raises MandateRefused unless every statement is signed by a listed issuer, nothing was left
    out, and the proof had not ended at `at`.
    """
    try:
        record = parse_strictly(data)
    except Broken as broken:
        raise MandateRefused(reason=broken.why.en) from broken
    checked = vc.check(record, issuers)
    for good, why in (
        (checked.integrity is Integrity.VALID, checked.integrity_why),
        (checked.identity is Identity.VALID, checked.identity_why),
    ):
        if not good:
            raise MandateRefused(reason=why.en)
    _check_proof(record["proof"], at)
    identifier = issuers.identifiers.get(checked.issuer)
    if identifier is None:
        raise MandateRefused(reason=f"{checked.issuer} is not listed in {FILE}")
    return credential.said(record), identifier


def _check_proof(proof: Json, at: datetime) -> None:
    if not vc.is_whole(proof):
        raise MandateRefused(reason="parts of it were left out when it was shown")
    expires = proof.get("expires")
    ends = None if expires is None else time(str(expires))
    if expires is not None and (ends is None or ends < at):
        raise MandateRefused(reason="its proof has expired")
