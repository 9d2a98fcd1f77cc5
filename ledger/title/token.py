"""Signed values: compact JWS with the signer's key in its header, and nothing else there.

The key in the header says who signed, not that they may: a party is its key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ledger.title.errors import EntryRefused
from ledger.title.party import Jwk, PartySigner, algorithm, decode, encode, party_id, verifies
from schemas.errors import InputError
from schemas.jcs import canonical_json
from schemas.jsondepth import loads

LONGEST: Final = 16_384
Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Opened:
    """What a verified token says, and which party signed it."""

    payload: Json
    signer: str


def sealed(payload: Mapping[str, object], typ: str, signer: PartySigner) -> str:
    """Return the compact JWS over the canonical JSON of `payload`; `typ` says what it is."""
    header = {"alg": algorithm(signer.jwk), "jwk": signer.jwk, "typ": typ}
    signed = f"{encode(canonical_json(header))}.{encode(canonical_json(dict(payload)))}"
    return f"{signed}.{encode(signer.sign(signed.encode()))}"


def opened(token: str, typ: str) -> Opened:
    """Return what a token says; raises EntryRefused unless it is whole, of `typ` and signed."""
    parts = token.split(".")
    if len(token) > LONGEST or len(parts) != 3:  # noqa: PLR2004 - header, payload, signature
        raise EntryRefused(reason="it is no compact JWS of at most 16 kB")
    header, payload = _object(parts[0]), _object(parts[1])
    jwk = _jwk(header.get("jwk"))
    if header != {"alg": algorithm(jwk), "jwk": jwk, "typ": typ}:
        raise EntryRefused(reason="the header is not that of a title entry")
    if not verifies(jwk, decode(parts[2]), f"{parts[0]}.{parts[1]}".encode()):
        raise EntryRefused(reason="the signature does not hold")
    return Opened(payload, party_id(jwk))


def _jwk(found: object) -> Jwk:
    if not isinstance(found, dict):
        raise EntryRefused(reason="the header has no key")
    members = {str(name): value for name, value in found.items()}
    if not all(isinstance(value, str) for value in members.values()):
        raise EntryRefused(reason="the header has no key")
    return members


def _object(part: str) -> Json:
    """Return the object in a part, which must be canonical JSON."""
    data = decode(part)
    try:
        found = loads(data)
        canonical = canonical_json(found)
    except (ValueError, InputError) as error:
        raise EntryRefused(reason="it is not canonical JSON") from error
    if not isinstance(found, dict) or canonical != data:
        raise EntryRefused(reason="it is not canonical JSON")
    return found
