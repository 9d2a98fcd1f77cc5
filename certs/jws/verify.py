"""JWS with the headers of JAdES (RFC 7515, TS 119 182-1): verified at every level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Final

from certs import jose
from certs.algorithms import scheme_by_jose
from certs.conclusion import Draft, assess, format_failure, no_signing_certificate
from certs.errors import MalformedCertificate
from certs.jose.serialization import Json
from certs.jws import detached as jades_detached
from certs.jws import jades
from certs.jws import unsigned as jades_unsigned
from certs.jws.unsigned import Signed
from certs.trust import TrustStore
from certs.verdict import (
    Refused,
    SignatureReport,
    SignedObject,
    SubIndication,
    Verdict,
    combine,
    refusal,
)
from certs.x509 import certificate as certificates
from certs.x509.certificate import Certificate
from schemas.clock import utc_now
from schemas.jcs import canonical_json
from schemas.text import Text

_COMPACT: Final = b"eyJ"  # the Base64 of {"


def is_jws(data: bytes) -> bool:
    """Tell whether `data` looks like a JWS, in a JSON form or the compact one."""
    return data.lstrip().startswith((b"{", _COMPACT))


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
    octets, draft.objects = jades_detached.signed_objects(payload, header, detached)
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
    over = jades_detached.content(header, draft.objects)
    draft.stamps = (*jades_unsigned.content_stamps(header, over), *unsigned.stamps)
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
