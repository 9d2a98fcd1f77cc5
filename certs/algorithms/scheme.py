"""A signature scheme: how keys of each type sign and verify with it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from certs.asn1 import der, oids
from certs.digests import Digest
from certs.errors import KeyUnreadable, UnsupportedAlgorithm
from certs.sm2 import Sm2PrivateKey, Sm2PublicKey

PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey | Sm2PublicKey


class ExternalKey(ABC):
    """A private key that stays where it is, in a token or with a remote signer."""

    @abstractmethod
    def public_key(self) -> PublicKey:
        """Return its public key."""

    @abstractmethod
    def sign(self, scheme: Scheme, data: bytes) -> bytes:
        """Return the signature over `data`, ECDSA as DER; raises KeyUnreadable."""


PrivateKey = (
    ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | rsa.RSAPrivateKey
    | Sm2PrivateKey
    | ExternalKey
)

# Keys whose signatures are two numbers, r and s.
_PAIRS: Final = (
    *(ec.EllipticCurvePrivateKey, ec.EllipticCurvePublicKey),
    *(Sm2PrivateKey, Sm2PublicKey),
)


class Family(Enum):
    """What kind of key and padding a scheme uses."""

    RSA = "RSA"
    PSS = "RSASSA-PSS"
    ECDSA = "ECDSA"
    ED25519 = "Ed25519"
    SM2 = "SM2"


@dataclass(frozen=True, slots=True)
class Scheme:
    """A signature scheme: key family and digest, and its XML, CMS and JOSE names ('' = none).

    `salt` is the length of an RSASSA-PSS salt in octets where it is not that of the digest.
    """

    family: Family
    digest: Digest
    uri: str = ""
    oid: str = ""
    jose: str = ""
    salt: int | None = None

    @property
    def parameters(self) -> bytes:
        """The DER of the parameters of RSASSA-PSS."""
        return _pss_parameters(self.digest)

    @property
    def identifier(self) -> bytes:
        """The DER of its AlgorithmIdentifier in CMS."""
        if self.family is Family.PSS:
            return der.sequence(der.oid(oids.RSASSA_PSS), _pss_parameters(self.digest))
        if self.family is Family.RSA:
            return der.sequence(der.oid(self.oid), der.null())
        return der.sequence(der.oid(self.oid))

    def sign(self, key: PrivateKey, data: bytes) -> bytes:
        """Return the signature over `data`, ECDSA as DER; raises when the key does not fit."""
        match key:
            case ExternalKey():
                return self._sign_outside(key, data)
            case ec.EllipticCurvePrivateKey() if self.family is Family.ECDSA:
                return key.sign(data, ec.ECDSA(self.digest.primitive))
            case ed25519.Ed25519PrivateKey() if self.family is Family.ED25519:
                return key.sign(data)
            case rsa.RSAPrivateKey() if self.family in {Family.RSA, Family.PSS}:
                return key.sign(data, self._padding(), self.digest.primitive)
            case Sm2PrivateKey() if self.family is Family.SM2:
                return key.sign(data)
        raise UnsupportedAlgorithm(algorithm=self.family.value)

    def _sign_outside(self, key: ExternalKey, data: bytes) -> bytes:
        """Have a key elsewhere sign, and believe it only when the signature is good."""
        value = key.sign(self, data)
        if not self.verify(key.public_key(), value, data):
            raise KeyUnreadable(ref=self.family.value, reason="it made a signature that is wrong")
        return value

    def verify(self, key: PublicKey, signature: bytes, data: bytes) -> bool:
        """Tell whether `signature` (ECDSA as DER) over `data` is by `key`, of a fitting type."""
        try:
            match key:
                case ec.EllipticCurvePublicKey() if self.family is Family.ECDSA:
                    key.verify(signature, data, ec.ECDSA(self.digest.primitive))
                case ed25519.Ed25519PublicKey() if self.family is Family.ED25519:
                    key.verify(signature, data)
                case rsa.RSAPublicKey() if self.family in {Family.RSA, Family.PSS}:
                    key.verify(signature, data, self._padding(), self.digest.primitive)
                case Sm2PublicKey() if self.family is Family.SM2:
                    return key.verify(signature, data)
                case _:
                    return False
        except (InvalidSignature, ValueError):
            return False
        return True

    def sign_raw(self, key: PrivateKey, data: bytes) -> bytes:
        """Return the signature with ECDSA and SM2 as r and s side by side (XML, JOSE)."""
        signature = self.sign(key, data)
        held = key.public_key() if isinstance(key, ExternalKey) else key
        if not isinstance(held, _PAIRS):
            return signature
        size = (held.key_size + 7) // 8
        r, s = decode_dss_signature(signature)
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    def verify_raw(self, key: PublicKey, signature: bytes, data: bytes) -> bool:
        """As `verify`, with ECDSA and SM2 as r and s side by side, of the curve's size."""
        if isinstance(key, (ec.EllipticCurvePublicKey, Sm2PublicKey)):
            size = (key.key_size + 7) // 8
            if len(signature) != 2 * size:
                return False
            signature = encode_dss_signature(
                int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
            )
        return self.verify(key, signature, data)

    def _padding(self) -> padding.AsymmetricPadding:
        if self.family is Family.PSS:
            salt = self.digest.size if self.salt is None else self.salt
            return padding.PSS(padding.MGF1(self.digest.primitive), salt)
        return padding.PKCS1v15()


def _pss_parameters(digest: Digest) -> bytes:
    """Return RSASSA-PSS-params with MGF1 over the same digest (RFC 4055, 3.1)."""
    hashed = der.sequence(der.oid(digest.oid), der.null())
    return der.sequence(
        der.context(0, hashed),
        der.context(1, der.sequence(der.oid(oids.MGF1), hashed)),
        der.context(2, der.integer(digest.size)),
    )
