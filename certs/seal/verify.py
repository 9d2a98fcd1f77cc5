"""Verification of seals in the order of GB/T 38540-2020, 7: each check has its own reason.

The checks of trust (maker, period, signer) come last here, so that an unknown authority never
hides a broken hash; otherwise the order is that of the standard.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import partial
from typing import Final

from certs import path, timestamp
from certs.algorithms import scheme_by_oid
from certs.asn1.oids import SM2_WITH_SM3
from certs.conclusion import Draft, assess
from certs.digests import SM3
from certs.errors import MalformedCertificate, MalformedDer
from certs.seal.structure import Seal, SealSignature, Signed, read
from certs.sm2 import Sm2PublicKey
from certs.trust import TrustStore
from certs.verdict import Refused, SignedObject, SubIndication, Verdict, combine, refusal
from certs.x509 import certificate as certificates
from certs.x509.certificate import Certificate
from schemas.clock import utc_now
from schemas.text import Text

_FORMAT: Final = "GB/T 38540"
# How a list of digests names its algorithm.
_NAMED: Final = {"SM3": "sm3", "1.2.156.10197.1.401": "sm3", "SHA256": "sha256"}


def verify(
    signature: bytes,
    content: bytes | None,
    trust: TrustStore,
    *,
    at: datetime | None = None,
    ref: str = "",
) -> Verdict:
    """Return the verdict on a SES_Signature over `content` (of an OFD file: its Signature.xml)."""
    moment = at or utc_now()
    try:
        sealed = read(signature)
    except MalformedDer as error:
        return refusal(Refused(SubIndication.FORMAT_FAILURE, error.message))
    draft = Draft(format=_FORMAT, level=f"{_FORMAT}-v{sealed.version}", refs=(ref,))
    report = assess(draft, partial(_check, sealed, content, trust, moment), trust, moment)
    return combine([report], [SignedObject(ref, content or b"")])


def _check(
    sealed: SealSignature, content: bytes | None, trust: TrustStore, at: datetime, draft: Draft
) -> None:
    signer = _certificate(sealed.signed)
    draft.identify(signer, ())
    draft.claimed_time = sealed.time
    signed = sealed.signed
    draft.check(scheme_by_oid(SM2_WITH_SM3), signed.signature, signed.candidates[0], raw=False)
    _check_user(sealed.seal, signer)
    maker = maker_of(sealed.seal)
    _check_data(sealed, content)
    if sealed.token:
        draft.timestamps = (timestamp.verify(sealed.token, sealed.signed.value, trust),)
    path.find(maker, (), trust, min(draft.proven_time or at, at))
    _check_period(sealed)


def _certificate(signed: Signed) -> Certificate:
    try:
        return certificates.load(signed.certificate)
    except MalformedCertificate as error:
        raise Refused(SubIndication.FORMAT_FAILURE, error.message) from error


def _check_user(seal: Seal, signer: Certificate) -> None:
    """The signer's certificate, or its digest, must be in the list of the seal."""
    listed = signer.der in seal.certificates or any(
        named.upper() in _NAMED
        and hashlib.new(_NAMED[named.upper()], signer.der).digest() == digest
        for named, digest in seal.digests
    )
    if not listed:
        raise Refused(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            Text(
                f"“{signer.name}” may not use the seal “{seal.name}”.",
                f"“{signer.name}”不在印章“{seal.name}”的签章者列表中。",
            ),
        )


def maker_of(seal: Seal) -> Certificate:
    """Return the certificate of the maker, who signed the seal; raises Refused when not."""
    maker = _certificate(seal.made)
    key = maker.public_key
    good = isinstance(key, Sm2PublicKey) and any(
        key.verify(seal.made.signature, octets) for octets in seal.made.candidates
    )
    if not good:
        raise Refused(
            SubIndication.SIG_CRYPTO_FAILURE,
            Text("The seal is not as its maker signed it.", "印章与制章人签署的内容不一致。"),
        )
    return maker


def _check_data(sealed: SealSignature, content: bytes | None) -> None:
    if content is None:
        raise Refused(
            SubIndication.SIGNED_DATA_NOT_FOUND,
            Text("The sealed file is not here.", "缺少被签章的文件。"),
        )
    if SM3.of(content) != sealed.data_hash:
        raise Refused(
            SubIndication.HASH_FAILURE,
            Text("The file is not what was sealed.", "文件与签章时不一致。"),
        )


def _check_period(sealed: SealSignature) -> None:
    """The seal must be valid at the time it was affixed, as far as that is known."""
    seal = sealed.seal
    if sealed.time is None or not seal.not_before <= sealed.time <= seal.not_after:
        raise Refused(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            Text(
                f"The seal “{seal.name}” was not valid when it was affixed.",
                f"印章“{seal.name}”在签章时不在有效期内。",
            ),
        )
