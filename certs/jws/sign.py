"""JWS with the headers of JAdES, written at every level: alone or beside others, over files too.

One signature without a time-stamp has the compact form, with one the flattened JSON form, which
has room for it; several signatures have the general JSON form (RFC 7515, 7; TS 119 182-1).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from certs import jose
from certs.algorithms import Scheme, default_scheme
from certs.authority.tsa import TimeStamper
from certs.digests import SHA256, Digest
from certs.errors import NotExtendable, NotJoined, UnsupportedAlgorithm
from certs.jose.serialization import Json
from certs.jws import detached as jades_detached
from certs.jws import extend as jws_extend
from certs.jws.detached import Mechanism
from certs.jws.extend import Document, Open
from certs.jws.unsigned import Signed
from certs.keys import SigningKey
from certs.levels import Level
from certs.validation.sources import Gatherer
from schemas.clock import utc_now
from schemas.jcs import canonical_json

_TYP: Final = "jose"


def sign(
    payload: bytes,
    key: SigningKey,
    *,
    stamper: TimeStamper | None = None,
    gatherer: Gatherer | None = None,
    level: Level | None = None,
    signed_at: datetime | None = None,
    typ: str = _TYP,
    content_type: str = "",
    beside: bytes | None = None,
) -> bytes:
    """Return the JWS over `payload`: compact, or flattened JSON when there is a stamper.

    By default at level T with a stamper, else B; levels LT and LTA take stamper and gatherer.
    `beside` is a JWS over the same payload that the new signature joins (general JSON).

    `typ` says what kind of JWS this is (RFC 8725, 3.11), `content_type` what the payload is.
    """
    header = _header(key, typ, signed_at) | ({"cty": content_type} if content_type else {})
    body = jose.encode(payload)
    made = _signed(header, body, body.encode(), key)
    return _finished(made, stamper, gatherer, level, _opened(beside, payload))


def sign_files(
    files: Mapping[str, bytes],
    key: SigningKey,
    *,
    mechanism: Mechanism = Mechanism.BY_URI_HASH,
    stamper: TimeStamper | None = None,
    gatherer: Gatherer | None = None,
    level: Level | None = None,
    signed_at: datetime | None = None,
    beside: bytes | None = None,
) -> bytes:
    """Return the JWS over files that it names and does not enclose; else as `sign`."""
    named, octets = jades_detached.references(files, mechanism)
    header = _header(key, _TYP, signed_at) | {"crit": ["sigD"], "sigD": named}
    made = _signed(header, "", octets, key)
    return _finished(made, stamper, gatherer, level, _opened(beside, files))


def _header(key: SigningKey, typ: str, signed_at: datetime | None) -> dict[str, object]:
    scheme = _scheme(key)
    embedded = [each for each in key.chain if each is key.chain[0] or not each.self_signed]
    return {
        "alg": scheme.jose,
        "iat": int((signed_at or utc_now()).timestamp()),
        "typ": typ,
        "x5c": [base64.b64encode(each.der).decode() for each in embedded],
        "x5t#S256": jose.encode(key.certificate.sha256),
    }


def _scheme(key: SigningKey) -> Scheme:
    scheme = default_scheme(key.private, pss=True)
    if not scheme.jose:
        raise UnsupportedAlgorithm(algorithm=f"{scheme.family.value} in a JWS")
    return scheme


def _signed(header: Json, payload: str, octets: bytes, key: SigningKey) -> Document:
    """Return a JWS whose payload stands as `payload` and is signed as `octets`."""
    protected = jose.encode(canonical_json(header))
    value = jose.encode(_scheme(key).sign_raw(key.private, f"{protected}.".encode() + octets))
    return Document(payload, (Open(Signed(protected, octets, value), header),))


def _opened(beside: bytes | None, over: bytes | Mapping[str, bytes]) -> Document | None:
    """Return the JWS to be joined, which must be over the same; raises NotJoined."""
    if beside is None:
        return None
    try:
        found = jws_extend.open_jws(beside, {} if isinstance(over, bytes) else over)
    except NotExtendable as error:
        raise NotJoined(reason=str(error.details["reason"])) from error
    if found.payload != (jose.encode(over) if isinstance(over, bytes) else ""):
        raise NotJoined(reason="it signs something else")
    return found


def _finished(
    made: Document,
    stamper: TimeStamper | None,
    gatherer: Gatherer | None,
    level: Level | None,
    beside: Document | None,
) -> bytes:
    """Return the new signature at its level, alone or after those it joins."""
    level = level or (Level.T if stamper else Level.B)
    if stamper is not None and level >= Level.T:
        made = made.each(lambda one: jws_extend.raised(one, level, stamper, gatherer))
    elif beside is None:
        signed = made.signatures[0].signed
        return f"{signed.protected}.{made.payload}.{signed.value}".encode()
    return (beside.joined(made) if beside else made).encode()


def add_timestamp(compact: bytes, stamper: TimeStamper) -> bytes:
    """Return a compact JWS in the flattened JSON form, with a signature time-stamp."""
    opened = jws_extend.open_jws(compact)
    return opened.each(lambda one: jws_extend.stamp(one, stamper)).encode()


def augment(
    data: bytes,
    level: Level,
    stamper: TimeStamper,
    gatherer: Gatherer,
    *,
    detached: Mapping[str, bytes] | None = None,
    digest: Digest = SHA256,
) -> bytes:
    """Return a JWS with each of its signatures at `level` at least; raises what `renew` does."""
    opened = jws_extend.open_jws(data, detached)
    return opened.each(
        lambda one: jws_extend.raised(one, level, stamper, gatherer, digest)
    ).encode()


def renew(
    data: bytes,
    stamper: TimeStamper,
    gatherer: Gatherer,
    *,
    detached: Mapping[str, bytes] | None = None,
    digest: Digest = SHA256,
) -> bytes:
    """Return a JWS with each of its signatures archived anew.

    Raises NotExtendable when one is broken or has no time-stamp, and what stamper and gatherer
    raise.
    """
    opened = jws_extend.open_jws(data, detached)
    return opened.each(lambda one: jws_extend.renew(one, stamper, gatherer, digest)).encode()


def sign_json(
    value: object,
    key: SigningKey,
    *,
    stamper: TimeStamper | None = None,
    signed_at: datetime | None = None,
) -> bytes:
    """Return the JWS over the canonical JSON (RFC 8785) of a value."""
    return sign(
        canonical_json(value), key, stamper=stamper, signed_at=signed_at, content_type="json"
    )
