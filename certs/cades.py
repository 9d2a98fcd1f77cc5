"""CAdES-B and -B-T (EN 319 122-1): detached CMS signatures, made and verified."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import partial

from certs import ber, cms, der, oids, timestamp
from certs.algorithms import scheme_of_cms
from certs.conclusion import Draft, assess, format_failure, no_signing_certificate
from certs.errors import MalformedDer, UnsupportedAlgorithm
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
from schemas.errors import EvidenceError
from schemas.text import Text


def sign(
    content: bytes,
    key: SigningKey,
    *,
    stamper: TimeStamper | None = None,
    signed_at: datetime | None = None,
) -> bytes:
    """Return a detached signature (DER) over `content`, time-stamped when there is a stamper."""
    attributes = [
        cms.attribute(oids.CONTENT_TYPE, der.oid(oids.ID_DATA)),
        cms.attribute(oids.MESSAGE_DIGEST, der.octets(key.scheme.digest.of(content))),
        cms.signing_certificate_v2(key.certificate),
        cms.signing_time(signed_at or utc_now()),
    ]
    value = cms.sign_attributes(key, attributes)
    unsigned = []
    if stamper is not None:
        token = stamper.stamp(hashlib.sha256(value).digest())
        unsigned.append(cms.attribute(oids.SIGNATURE_TIME_STAMP, token))
    embedded = [each.der for each in key.chain if each is key.chain[0] or not each.self_issued]
    detached = der.sequence(der.oid(oids.ID_DATA))
    signer = cms.signer_info(key, attributes, unsigned, value=value)
    return cms.content_info(key, 1, detached, embedded, signer)


def verify(
    signature: bytes,
    content: bytes | None,
    trust: TrustStore,
    *,
    at: datetime | None = None,
    ref: str = "",
) -> Verdict:
    """Return the verdict on a CMS signature over `content` (None: what it encloses).

    `ref` is how reports name the content.
    """
    moment = at or utc_now()
    try:
        data = cms.read(ber.definite(signature))
        octets = cms.signed_content(data, content)
    except EvidenceError as error:
        return refusal(Refused(SubIndication.FORMAT_FAILURE, error.message))
    except Refused as refused:
        return refusal(refused)
    reports = []
    objects = []
    for signer in data.signers:
        draft = Draft(format="CAdES", refs=(ref,))
        check = partial(_check, data, signer, octets, trust)
        reports.append(assess(draft, check, trust, moment))
        objects.append(SignedObject(ref, octets))
    if not reports:
        return refusal(format_failure("There is no signature.", "没有签名。"))
    return combine(reports, objects)


def _check(
    data: cms.SignedData, signer: cms.SignerInfo, octets: bytes, trust: TrustStore, draft: Draft
) -> None:
    offered = timestamp.embedded(data)
    draft.level = _level(signer)
    draft.claimed_time = _claimed_time(signer)
    certificate = cms.signer_certificate(signer, (*offered, *trust.anchors))
    if certificate is None:
        raise no_signing_certificate()
    draft.identify(certificate, offered)
    cms.check_signer(signer, certificate, data.content_type, octets)
    scheme = scheme_of_cms(signer.algorithm, signer.digest)
    draft.check(scheme, signer.signature, signer.signed_octets, raw=False)
    draft.stamps = tuple(
        Stamp("signature", each.encoded, lambda digest: digest.of(signer.signature))
        for each in signer.unsigned.get(oids.SIGNATURE_TIME_STAMP, ())
    )
    draft.timestamps = _unjudged(signer)
    _check_unsigned(signer)


def _check_unsigned(signer: cms.SignerInfo) -> None:
    """Refuse what hangs on the signature and is not known: it may be a damaged time-stamp."""
    if oids.COUNTERSIGNATURE in signer.unsigned:
        raise Refused(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            Text("Counter-signatures are not evaluated.", "未评估副署签名。"),
        )
    for name in signer.unsigned:
        if name not in oids.UNSIGNED_ATTRIBUTES:
            raise Refused(
                SubIndication.SIG_CONSTRAINTS_FAILURE,
                Text(f"Unknown unsigned attribute {name}.", f"未知的未签名属性 {name}。"),
            )


def _level(signer: cms.SignerInfo) -> str:
    if oids.SIGNATURE_TIME_STAMP not in signer.unsigned:
        return "CAdES-BASELINE-B"
    archived = {oids.ARCHIVE_TIME_STAMP_V2, oids.ARCHIVE_TIME_STAMP_V3} & signer.unsigned.keys()
    return "CAdES-BASELINE-LTA" if archived else "CAdES-BASELINE-T"


def _claimed_time(signer: cms.SignerInfo) -> datetime | None:
    try:
        value = signer.attribute(oids.SIGNING_TIME)
        return None if value is None else value.moment()
    except (MalformedDer, UnsupportedAlgorithm) as error:
        raise Refused(SubIndication.FORMAT_FAILURE, error.message) from error


def _unjudged(signer: cms.SignerInfo) -> tuple[TimestampReport, ...]:
    """Return reports on archive time-stamps: they are there, and prove nothing here."""
    return tuple(
        TimestampReport(
            type="archive",
            indication=BlockIndication.INDETERMINATE,
            reason=Text("Archive time-stamps are not evaluated.", "未评估归档时间戳。"),
        )
        for name in (oids.ARCHIVE_TIME_STAMP_V2, oids.ARCHIVE_TIME_STAMP_V3)
        for _ in signer.unsigned.get(name, ())
    )
