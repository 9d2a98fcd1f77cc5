"""JWS with the headers of JAdES-B and -B-T (RFC 7515, TS 119 182-1): made and verified.

Without a time-stamp the compact form; with one the flattened JSON form, which has room for it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final

from certs import certificate as certificates
from certs import jades, jose
from certs.algorithms import default_scheme, scheme_by_jose
from certs.certificate import Certificate
from certs.conclusion import Draft, assess, no_signing_certificate
from certs.errors import MalformedCertificate, UnsupportedAlgorithm
from certs.jose import Json
from certs.keys import SigningKey
from certs.trust import TrustStore
from certs.tsa import TimeStamper
from certs.validation.judge import Stamp
from certs.verdict import (
    BlockIndication,
    Refused,
    SignedObject,
    SubIndication,
    TimestampReport,
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
    signed_at: datetime | None = None,
    typ: str = _TYP,
    content_type: str = "",
) -> bytes:
    """Return the JWS over `payload`: compact, or flattened JSON when there is a stamper.

    `typ` says what kind of JWS this is (RFC 8725, 3.11), `content_type` what the payload is.
    """
    scheme = default_scheme(key.private, pss=True)
    if not scheme.jose:
        raise UnsupportedAlgorithm(algorithm=f"{scheme.family.value} in a JWS")
    embedded = [each for each in key.chain if each is key.chain[0] or not each.self_issued]
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
    return compact if stamper is None else add_timestamp(compact, stamper)


def add_timestamp(compact: bytes, stamper: TimeStamper) -> bytes:
    """Return a compact JWS in the flattened JSON form, with a signature time-stamp."""
    protected, body, value = compact.decode("ascii").split(".")
    token = stamper.stamp(hashlib.sha256(value.encode()).digest())
    return canonical_json(
        {
            "header": {"etsiU": [jades.time_stamp(token)]},
            "payload": body,
            "protected": protected,
            "signature": value,
        }
    )


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
        check = partial(_check, each, payload, typ, detached or {})
        reports.append(assess(draft, check, trust, moment))
        objects.extend(draft.objects)
    return combine(reports, objects)


def _check(
    signature: jose.Signature,
    payload: str,
    typ: str | None,
    detached: Mapping[str, bytes],
    draft: Draft,
) -> None:
    """Check signer, objects and signature value first, then the headers and the time-stamps."""
    header = signature.header
    offered = _chain(header)
    draft.identify(offered[0], offered)
    payload, draft.objects = jades.signed_objects(payload, header, detached)
    draft.refs = tuple(each.ref for each in draft.objects)
    scheme = scheme_by_jose(str(header.get("alg", "")))
    octets = f"{signature.protected}.{payload}".encode()
    draft.check(scheme, jose.decode(signature.value), octets, raw=True)
    draft.claimed_time = jades.claimed_time(header)
    jades.check_header(header, typ)
    _check_bound(header, offered[0])
    unsigned = jades.unsigned(signature.unprotected)
    draft.level = unsigned.level
    draft.stamps = tuple(
        Stamp("signature", token, lambda digest: digest.of(signature.value.encode()))
        for token in unsigned.tokens
    )
    draft.timestamps = _unjudged(unsigned)


def _chain(header: Json) -> tuple[Certificate, ...]:
    """Return the certificates of x5c; no other header gives a key (RFC 8725, 3.10)."""
    listed = header.get("x5c")
    if not isinstance(listed, list) or not listed:
        raise no_signing_certificate()
    try:
        return tuple(certificates.load(jose.decode_plain(each)) for each in listed)
    except MalformedCertificate as error:
        raise Refused(SubIndication.FORMAT_FAILURE, error.message) from error


def _check_bound(header: Json, signer: Certificate) -> None:
    """A digest of the certificate in the header must be that of the first in x5c."""
    bound = header.get("x5t#S256")
    if bound is not None and bound != jose.encode(signer.sha256):
        raise Refused(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            Text("The signature names another certificate.", "签名指明的是另一张证书。"),
        )


def _unjudged(unsigned: jades.Unsigned) -> tuple[TimestampReport, ...]:
    """Return a report on archive time-stamps: they are there, and prove nothing here."""
    if "arcTst" not in unsigned.names:
        return ()
    return (
        TimestampReport(
            type="archive",
            indication=BlockIndication.INDETERMINATE,
            reason=Text("Archive time-stamps are not evaluated.", "未评估归档时间戳。"),
        ),
    )
