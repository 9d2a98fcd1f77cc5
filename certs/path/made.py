"""Who made the signature of a certificate or of a revocation list (RFC 5280, 6.1.3 and 6.3.3)."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.exceptions import UnsupportedAlgorithm as Unsupported
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from certs.asn1 import oids
from certs.sm2 import Sm2PublicKey
from certs.x509.certificate import Certificate
from certs.x509.revocation_list import RevocationList


def issued(subject: Certificate, issuer: Certificate) -> bool:
    """Tell whether the issuer's key made the subject's signature; names were compared before."""
    signed = subject.x509
    if isinstance(issuer.public_key, Sm2PublicKey):
        named = signed.signature_algorithm_oid.dotted_string == oids.SM2_WITH_SM3
        return named and issuer.public_key.verify(signed.signature, signed.tbs_certificate_bytes)
    try:
        match issuer.public_key, signed.signature_algorithm_parameters:
            case ec.EllipticCurvePublicKey() as key, ec.ECDSA() as algorithm:
                key.verify(signed.signature, signed.tbs_certificate_bytes, algorithm)
            case rsa.RSAPublicKey() as key, (padding.PKCS1v15() | padding.PSS()) as scheme:
                digest = signed.signature_hash_algorithm
                if digest is None:
                    return False
                key.verify(signed.signature, signed.tbs_certificate_bytes, scheme, digest)
            case ed25519.Ed25519PublicKey() as key, None:
                key.verify(signed.signature, signed.tbs_certificate_bytes)
            case _:
                return False
    except (ValueError, TypeError, InvalidSignature, Unsupported):
        return False
    return True


def signed_list(found: RevocationList, signer: Certificate) -> bool:
    """Tell whether the signer, who must be allowed to, made the signature of a list."""
    key = signer.public_key
    if key is None or not signer.allows("crl_sign"):
        return False
    if found.key_id and signer.key_id and found.key_id != signer.key_id:
        return False
    crl = found.crl
    if isinstance(key, Sm2PublicKey):
        named = crl.signature_algorithm_oid.dotted_string == oids.SM2_WITH_SM3
        return named and key.verify(crl.signature, crl.tbs_certlist_bytes)
    try:
        return crl.is_signature_valid(key)
    except (ValueError, TypeError, Unsupported):
        return False
