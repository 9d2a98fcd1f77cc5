"""JWS with the headers of JAdES (RFC 7515, TS 119 182-1): made and verified at every level.

Without a time-stamp the compact form; with one the flattened JSON form, which has room for it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Final

from certs import certificate as certificates
from certs import jades, jades_unsigned, jose, jws_extend
from certs.algorithms import default_scheme, scheme_by_jose
from certs.certificate import Certificate
from certs.conclusion import Draft, assess, format_failure, no_signing_certificate
from certs.digests import SHA256, Digest
from certs.errors import MalformedCertificate, UnsupportedAlgorithm
from certs.jades_unsigned import Signed
from certs.jose import Json
from certs.keys import SigningKey
from certs.levels import Level
from certs.trust import TrustStore
from certs.tsa import TimeStamper
from certs.validation.sources import Gatherer
from certs.verdict import (
    Refused,
    SignatureReport,
    SignedObject,
    SubIndication,
    Verdict,
    combine,
    refusal,
)
from schemas.clock import utc_now
from schemas.jcs import canonical_json
from schemas.text import Text

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
) -> bytes:
    """Return the JWS over `payload`: compact, or flattened JSON when there is a stamper.

    By default at level T with a stamper, else B; levels LT and LTA take stamper and gatherer.

    `typ` says what kind of JWS this is (RFC 8725, 3.11), `content_type` what the payload is.
    """
    scheme = default_scheme(key.private, pss=True)
    if not scheme.jose:
        raise UnsupportedAlgorithm(algorithm=f"{scheme.family.value} in a JWS")
    embedded = [each for each in key.chain if each is key.chain[0] or not each.self_signed]
    header: dict[str, object] = {
        "alg": scheme.jose,
        "iat": int((signed_at or utc_now()).timestamp()),
        "typ": typ,
        "x5c": [base64.b64encode(each.der).decode() for each in embedded],
        "x5t#S256": jose.encode(key.certificate.sha256),
    }
    if content_type:
        header["cty"] = content_type
    protected, body = jose.encode(canonical_json(header)), jose.encode(payload)
    value = jose.encode(scheme.sign_raw(key.private, f"{protected}.{body}".encode()))
    compact = f"{protected}.{body}.{value}".encode()
    level = level or (Level.T if stamper else Level.B)
    if stamper is None or level < Level.T:
        return compact
    return _raised(compact, stamper, gatherer, level)


def _raised(compact: bytes, stamper: TimeStamper, gatherer: Gatherer | None, level: Level) -> bytes:
    opened = jws_extend.stamp(jws_extend.open_jws(compact), stamper)
    if gatherer is not None and level >= Level.LT:
        opened = jws_extend.complete(opened, gatherer)
        if level >= Level.LTA:
            opened = jws_extend.archive(opened, stamper)
    return opened.encode()


def add_timestamp(compact: bytes, stamper: TimeStamper) -> bytes:
    """Return a compact JWS in the flattened JSON form, with a signature time-stamp."""
    return jws_extend.stamp(jws_extend.open_jws(compact), stamper).encode()


def renew(
    data: bytes,
    stamper: TimeStamper,
    gatherer: Gatherer,
    *,
    detached: Mapping[str, bytes] | None = None,
    digest: Digest = SHA256,
) -> bytes:
    """Return a JWS archived anew; raises NotExtendable, and what stamper and gatherer raise."""
    opened = jws_extend.open_jws(data, detached)
    return jws_extend.renew(opened, stamper, gatherer, digest).encode()


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


def verify(
    data: bytes,
    trust: TrustStore,
    *,
    at: datetime | None = None,
    typ: str | None = None,
    detached: Mapping[str, bytes] | None = None,
) -> Verdict:
    """Return the verdict on a JWS in compact, flattened or general JSON form.

    `typ`, when given, is the only kind of JWS accepted; `detached` gives files by name that the
    signature covers and does not enclose. Nothing that a header points at is fetched. Only
    `Verdict.signed`, the payload, may be parsed afterwards.
    """
    moment = at or utc_now()
    try:
        payload, signatures = jose.read(data)
    except Refused as refused:
        return refusal(refused)
    reports = []
    objects: list[SignedObject] = []
    for each in signatures:
        draft = Draft(format="JAdES", level="JAdES-BASELINE-B")
        check = partial(_check, each, payload, typ, detached or {}, trust)
        reports.append(assess(draft, check, trust, moment))
        reports.extend(_countersigned(each, trust, moment))
        objects.extend(draft.objects)
    return combine(reports, objects)


def _countersigned(
    countersigned: jose.Signature, trust: TrustStore, at: datetime
) -> Iterator[SignatureReport]:
    """Judge each counter-signature, whose payload is the signature value (TS 119 182-1, 5.3.2)."""
    try:
        signed = Signed(countersigned.protected, b"", countersigned.value)
        listed = jades_unsigned.read(countersigned.unprotected, signed).countersignatures
    except Refused:
        return
    for each in listed:
        draft = Draft(format="JAdES", level="JAdES-BASELINE-B")
        check = partial(_check_counter, countersigned.value, each, trust)
        yield assess(draft, check, trust, at)


def _check_counter(value: str, content: object, trust: TrustStore, draft: Draft) -> None:
    text = content.encode() if isinstance(content, str) else canonical_json(content)
    payload, signatures = jose.read(text)
    if payload not in {"", value} or len(signatures) != 1:
        raise format_failure("It countersigns something else.", "副署的并非所属签名。")
    _check(signatures[0], value, None, {}, trust, draft)
    draft.refs, draft.objects = ("countersigned",), ()


def _check(  # noqa: PLR0917 - what to check, and against what
    signature: jose.Signature,
    payload: str,
    typ: str | None,
    detached: Mapping[str, bytes],
    trust: TrustStore,
    draft: Draft,
) -> None:
    """Check signer, objects and signature value first, then the headers and the time-stamps."""
    header = signature.header
    signer, offered = _signer(signature, trust)
    draft.identify(signer, offered)
    octets, draft.objects = jades.signed_objects(payload, header, detached)
    draft.refs = tuple(each.ref for each in draft.objects)
    scheme = scheme_by_jose(str(header.get("alg", "")))
    signed_octets = f"{signature.protected}.".encode() + octets
    draft.check(scheme, jose.decode(signature.value), signed_octets, raw=True)
    draft.claimed_time = jades.claimed_time(header)
    jades.check_header(header, typ)
    jades.check_members(signature.strange)
    _check_bound(header, signer)
    signed = Signed(signature.protected, octets, signature.value)
    unsigned = jades_unsigned.read(signature.unprotected, signed)
    draft.level = unsigned.level
    draft.material = unsigned.material
    draft.stamps = tuple(unsigned.stamps)
    draft.timestamps = tuple(unsigned.reports)


def _signer(
    signature: jose.Signature, trust: TrustStore
) -> tuple[Certificate, tuple[Certificate, ...]]:
    """Return the signer's certificate, and those that came along.

    It is the first of x5c; without x5c the one that the header names by its digest, among those
    kept with the signature and those known here (TS 119 182-1, 5.1.7). No other header gives a
    key (RFC 8725, 3.10).
    """
    listed = _chain(signature.header)
    if listed:
        return listed[0], listed
    kept = _kept(signature)
    named = jades.named_certificate(signature.header)
    for each in (*kept, *trust.anchors, *trust.known) if named is not None else ():
        if named is not None and named[0].of(each.der) == named[1]:
            return each, kept
    raise no_signing_certificate()


def _chain(header: Json) -> tuple[Certificate, ...]:
    listed = header.get("x5c")
    if not isinstance(listed, list):
        return ()
    try:
        return tuple(certificates.load(jose.decode_plain(each)) for each in listed)
    except MalformedCertificate as error:
        raise Refused(SubIndication.FORMAT_FAILURE, error.message) from error


def _kept(signature: jose.Signature) -> tuple[Certificate, ...]:
    signed = Signed(signature.protected, b"", signature.value)
    try:
        return jades_unsigned.read(signature.unprotected, signed).material.certificates
    except Refused:
        return ()


def _check_bound(header: Json, signer: Certificate) -> None:
    """A digest of the certificate in the header must be that of the signer's."""
    named = jades.named_certificate(header)
    if named is not None and named[0].of(signer.der) != named[1]:
        raise Refused(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            Text("The signature names another certificate.", "签名指明的是另一张证书。"),
        )
