"""What is too weak in a scheme or a key, and what is no key to try at all."""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from certs.algorithms.scheme import PublicKey, Scheme
from certs.sm2 import Sm2PublicKey

STRONG_RSA_BITS: Final = 2048
_SHORTEST_RSA_BITS: Final = 1024
_LONGEST_RSA_BITS: Final = 16384
_CURVES: Final = (
    ec.SECP256R1,
    ec.SECP384R1,
    ec.SECP521R1,
    ec.BrainpoolP256R1,
    ec.BrainpoolP384R1,
    ec.BrainpoolP512R1,
)


def weakness(scheme: Scheme, key: PublicKey) -> str:
    """Return what is too weak in a scheme with a key, or '' when nothing is."""
    if scheme.digest.weak:
        return scheme.digest.name
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < STRONG_RSA_BITS:
        return f"RSA with {key.key_size} bits"
    if isinstance(key, ec.EllipticCurvePublicKey) and not isinstance(key.curve, _CURVES):
        return f"the curve {key.curve.name}"
    return ""


def strength_of(key: object) -> tuple[str, int | None]:
    """Return the name of a key's algorithm in validation policies, and its size in bits."""
    match key:
        case rsa.RSAPublicKey():
            return "RSA", key.key_size
        case ec.EllipticCurvePublicKey():
            known = isinstance(key.curve, _CURVES)
            return "ECDSA" if known else f"the curve {key.curve.name}", key.key_size
        case ed25519.Ed25519PublicKey():
            return "EDDSA", 256
        case Sm2PublicKey():
            return "SM2", key.key_size
    return "", None


def usable(key: object) -> bool:
    """Tell whether a public key is of a type and size that is worth an attempt at all."""
    if isinstance(key, rsa.RSAPublicKey):
        return _SHORTEST_RSA_BITS <= key.key_size <= _LONGEST_RSA_BITS
    return isinstance(key, (ec.EllipticCurvePublicKey, ed25519.Ed25519PublicKey, Sm2PublicKey))
