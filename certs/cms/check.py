"""One signer of a CMS SignedData checked: digest, signature value, binding of the certificate.

RFC 5652, 5.4 and 5.6; RFC 5035 for the certificate.
"""

from __future__ import annotations

from collections.abc import Sequence

from certs.algorithms import Scheme, scheme_of_cms
from certs.asn1 import der, oids
from certs.cms.structure import NO_TYPE, SignerInfo, several
from certs.digests import SHA1, SHA256, Digest, digest_by_oid
from certs.errors import MalformedDer, UnsupportedAlgorithm
from certs.verdict import Refused, SubIndication
from certs.x509.certificate import Certificate
from schemas.text import Text


def check_signer(
    signer: SignerInfo,
    certificate: Certificate,
    content_type: str,
    content: bytes,
    *,
    bound: bool = True,
) -> bytes:
    """Check digest, signature and certificate binding of one signer; raises Refused.

    Returns the octets that were signed: without signed attributes plain data itself, where nothing
    binds the certificate.

    RFC 5652, 5.4 and 5.6; the ESS attribute must name the certificate (RFC 5035, section 5), or
    may be left out unless it is to be `bound`.
    """
    try:
        plain = not signer.signed_octets and content_type == oids.ID_DATA
        if not plain:
            _check_digest(signer, content_type, content)
        scheme = scheme_of_cms(signer.algorithm, signer.digest)
        octets = _signed(signer, scheme, certificate, (content,) if plain else signer.readings)
        _check_binding(signer, certificate, needed=bound)
    except (MalformedDer, UnsupportedAlgorithm) as error:
        raise Refused(SubIndication.FORMAT_FAILURE, error.message) from error
    return octets


def _signed(
    signer: SignerInfo, scheme: Scheme, certificate: Certificate, readings: Sequence[bytes]
) -> bytes:
    key = certificate.public_key
    for octets in readings:
        if key is not None and scheme.verify(key, signer.signature, octets):
            return octets
    raise Refused(
        SubIndication.SIG_CRYPTO_FAILURE,
        Text("The signature value is wrong.", "签名值错误。"),
    )


def _check_digest(signer: SignerInfo, content_type: str, content: bytes) -> None:
    kind = signer.attribute(oids.CONTENT_TYPE)
    digest = signer.attribute(oids.MESSAGE_DIGEST)
    # A counter-signature is over octets without a type of their own (RFC 5652, 11.4).
    named = kind.dotted() if kind is not None else NO_TYPE
    if digest is None or named != content_type:
        raise Refused(
            SubIndication.FORMAT_FAILURE,
            Text("The signed attributes are incomplete.", "签名属性不完整。"),
        )
    if digest.expect(der.OCTET_STRING).content != signer.digest.of(content):
        raise Refused(
            SubIndication.HASH_FAILURE,
            Text("The content is not what was signed.", "内容与签名时不一致。"),
        )


def _check_binding(signer: SignerInfo, certificate: Certificate, *, needed: bool) -> None:
    bound = _bound_digest(signer)
    if bound is None and not needed:
        return
    if bound is None:
        raise Refused(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            Text("The signature does not bind its certificate.", "签名未绑定签名证书。"),
        )
    digest, expected = bound
    if digest.of(certificate.der) != expected:
        raise Refused(
            SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
            Text("The certificate is not the one the signer named.", "证书与签名者指定的不一致。"),
        )


def _bound_digest(signer: SignerInfo) -> tuple[Digest, bytes] | None:
    """Return digest and value of the first ESSCertID(v2), that of the signer, or None."""
    newer = signer.attribute(oids.SIGNING_CERTIFICATE_V2)
    value = newer or signer.attribute(oids.SIGNING_CERTIFICATE)
    if value is None:
        return None
    identified = several(several(value.expect(der.SEQUENCE), 1)[0], 1)[0]
    parts = several(identified.expect(der.SEQUENCE), 1)
    digest = SHA256 if newer else SHA1
    if parts[0].tag == der.SEQUENCE:
        digest = digest_by_oid(several(parts[0], 1)[0].dotted())
        parts = parts[1:]
    if not parts:
        raise MalformedDer(reason="no certificate hash")
    return digest, parts[0].expect(der.OCTET_STRING).content
