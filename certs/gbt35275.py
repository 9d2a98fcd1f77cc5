"""SignedData of GB/T 35275-2017 (GM/T 0010): CMS with SM2 and SM3 under names of its own.

Written with signed attributes. Read also without: then the signature is over the content.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import partial
from typing import Final

from certs import cms, timestamp
from certs.algorithms import Family, scheme_of_cms
from certs.asn1 import ber, der, oids
from certs.authority.tsa import TimeStamper
from certs.cms.check import check_signer
from certs.conclusion import Draft, assess, format_failure, no_signing_certificate
from certs.digests import SM3
from certs.errors import MalformedDer, UnsupportedAlgorithm
from certs.keys import SigningKey
from certs.trust import TrustStore
from certs.verdict import Refused, SignedObject, SubIndication, Verdict, combine, refusal
from schemas.clock import utc_now
from schemas.errors import EvidenceError
from schemas.text import Text

TYPES: Final = cms.Types(oids.GBT_SIGNED_DATA, oids.GBT_DATA)
_FORMAT: Final = "GB/T 35275"
_SM2_1: Final = der.sequence(der.oid(oids.SM2_1))


def is_signed_data(data: bytes) -> bool:
    """Tell whether `data` begins like a ContentInfo of this standard."""
    return der.oid(oids.GBT_SIGNED_DATA) in data[:32]


def enclosed(signature: bytes) -> bytes | None:
    """Return the content that SignedData encloses, unverified; None without one, or for damage."""
    try:
        return cms.read(ber.definite(signature), TYPES).content
    except EvidenceError:
        return None


def sign(
    content: bytes,
    key: SigningKey,
    *,
    enclosed: bool = False,
    stamper: TimeStamper | None = None,
    signed_at: datetime | None = None,
) -> bytes:
    """Return the signature (DER) over `content`, which it encloses or not; the key must be SM2.

    Raises UnsupportedAlgorithm for other keys, NoLibcrypto where SM2 cannot sign.
    """
    if key.scheme.family is not Family.SM2:
        raise UnsupportedAlgorithm(algorithm=f"{_FORMAT} with {key.scheme.family.value}")
    attributes = [
        cms.attribute(oids.CONTENT_TYPE, der.oid(oids.GBT_DATA)),
        cms.attribute(oids.MESSAGE_DIGEST, der.octets(SM3.of(content))),
        cms.signing_certificate_v2(key.certificate),
        cms.signing_time(signed_at or utc_now()),
    ]
    value = cms.sign_attributes(key, attributes)
    stamps = []
    if stamper is not None:
        token = stamper.stamp(hashlib.sha256(value).digest())
        stamps.append(cms.attribute(oids.SIGNATURE_TIME_STAMP, token))
    wrapped = (der.context(0, der.octets(content)),) if enclosed else ()
    embedded = [each.der for each in key.chain if each is key.chain[0] or not each.self_signed]
    signed_data = der.sequence(
        der.integer(1),
        der.set_of(SM3.identifier),
        der.sequence(der.oid(oids.GBT_DATA), *wrapped),
        der.tlv(0xA0, *sorted(embedded)),
        der.set_of(_signer(key, attributes, value, stamps)),
    )
    return der.sequence(der.oid(oids.GBT_SIGNED_DATA), der.context(0, signed_data))


def _signer(key: SigningKey, attributes: list[bytes], value: bytes, stamps: list[bytes]) -> bytes:
    extra = (der.tlv(0xA1, *sorted(stamps)),) if stamps else ()
    return der.sequence(
        der.integer(1),
        cms.identified_by(key.certificate),
        SM3.identifier,
        der.tlv(0xA0, *sorted(attributes)),
        _SM2_1,
        der.octets(value),
        *extra,
    )


def verify(
    signature: bytes,
    content: bytes | None,
    trust: TrustStore,
    *,
    at: datetime | None = None,
    ref: str = "",
) -> Verdict:
    """Return the verdict on a signature over `content` (None: what it encloses)."""
    moment = at or utc_now()
    try:
        data = cms.read(ber.definite(signature), TYPES)
        octets = cms.signed_content(data, content)
    except EvidenceError as error:
        return refusal(Refused(SubIndication.FORMAT_FAILURE, error.message))
    except Refused as refused:
        return refusal(refused)
    reports = [
        assess(
            Draft(format=_FORMAT, refs=(ref,)),
            partial(_check, data, signer, octets, trust),
            trust,
            moment,
        )
        for signer in data.signers
    ]
    if not reports:
        return refusal(format_failure("There is no signature.", "没有签名。"))
    return combine(reports, [SignedObject(ref, octets)])


def _check(
    data: cms.SignedData, signer: cms.SignerInfo, octets: bytes, trust: TrustStore, draft: Draft
) -> None:
    offered = timestamp.embedded(data)
    certificate = cms.signer_certificate(signer, (*offered, *trust.anchors))
    if certificate is None:
        raise no_signing_certificate()
    draft.identify(certificate, offered)
    scheme = scheme_of_cms(signer.algorithm, signer.digest)
    if signer.attributes:
        check_signer(signer, certificate, data.content_type, octets, bound=False)
        draft.claimed_time = _claimed_time(signer)
    draft.check(scheme, signer.signature, signer.signed_octets or octets, raw=False)
    draft.timestamps = tuple(
        timestamp.verify(each.encoded, signer.signature, trust, extra=offered)
        for each in signer.unsigned.get(oids.SIGNATURE_TIME_STAMP, ())
    )
    if set(signer.unsigned) - {oids.SIGNATURE_TIME_STAMP}:
        raise Refused(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            Text("There are unsigned attributes nobody knows.", "存在未知的未签名属性。"),
        )


def _claimed_time(signer: cms.SignerInfo) -> datetime | None:
    try:
        value = signer.attribute(oids.SIGNING_TIME)
        return None if value is None else value.moment()
    except MalformedDer as error:
        raise Refused(SubIndication.FORMAT_FAILURE, error.message) from error
