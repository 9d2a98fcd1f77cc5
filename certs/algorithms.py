"""The allow-list of signature schemes, per key type, with their names in each form.

Identifiers: RFC 6931 and RFC 9231 (XML), RFC 5754, RFC 5758 and RFC 8419 (CMS), RFC 7518 and
RFC 8037 (JOSE), GB/T 33560 (SM2). Weak ones (SHA-1, RSA below 2,048 bits) are recognised so that
integrity can still be judged; `weak` says so, and a verdict never passes on them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from certs.asn1 import der, oids
from certs.digests import (
    SHA1,
    SHA3_224,
    SHA3_256,
    SHA3_384,
    SHA3_512,
    SHA224,
    SHA256,
    SHA384,
    SHA512,
    SM3,
    Digest,
)
from certs.errors import KeyUnreadable, MalformedDer, UnsupportedAlgorithm
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
_STRONG_RSA_BITS: Final = 2048
_SHORTEST_RSA_BITS: Final = 1024
_LONGEST_RSA_BITS: Final = 16384
_PSS_SALT: Final = 20
_LONGEST_SALT: Final = 512
_CURVES: Final = (
    ec.SECP256R1,
    ec.SECP384R1,
    ec.SECP521R1,
    ec.BrainpoolP256R1,
    ec.BrainpoolP384R1,
    ec.BrainpoolP512R1,
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


_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_NEWER: Final = "http://www.w3.org/2007/05/xmldsig-more#"
_NEWEST: Final = "http://www.w3.org/2021/04/xmldsig-more#"
# NIST: sigAlgs 9 to 12 are ECDSA, 13 to 16 RSASSA-PKCS1-v1_5, each with SHA3-224 to SHA3-512.
_SHA3_SIGNED: Final = "2.16.840.1.101.3.4.3"

SCHEMES: Final = (
    Scheme(Family.ECDSA, SHA256, _MORE + "ecdsa-sha256", "1.2.840.10045.4.3.2", "ES256"),
    Scheme(Family.ECDSA, SHA384, _MORE + "ecdsa-sha384", "1.2.840.10045.4.3.3", "ES384"),
    Scheme(Family.ECDSA, SHA512, _MORE + "ecdsa-sha512", "1.2.840.10045.4.3.4", "ES512"),
    Scheme(Family.ECDSA, SHA224, _MORE + "ecdsa-sha224", "1.2.840.10045.4.3.1"),
    Scheme(Family.ECDSA, SHA1, _MORE + "ecdsa-sha1", "1.2.840.10045.4.1"),
    Scheme(
        Family.ED25519,
        SHA512,
        _NEWEST + "eddsa-ed25519",
        oids.ED25519,
        "EdDSA",
    ),
    # No XML identifier is registered for SM2; its OID as URN (RFC 3061) names it without doubt.
    Scheme(Family.SM2, SM3, f"urn:oid:{oids.SM2_WITH_SM3}", oids.SM2_WITH_SM3),
    Scheme(Family.RSA, SHA256, _MORE + "rsa-sha256", "1.2.840.113549.1.1.11", "RS256"),
    Scheme(Family.RSA, SHA384, _MORE + "rsa-sha384", "1.2.840.113549.1.1.12", "RS384"),
    Scheme(Family.RSA, SHA512, _MORE + "rsa-sha512", "1.2.840.113549.1.1.13", "RS512"),
    Scheme(Family.RSA, SHA224, _MORE + "rsa-sha224", "1.2.840.113549.1.1.14"),
    Scheme(Family.RSA, SHA1, "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "1.2.840.113549.1.1.5"),
    Scheme(Family.PSS, SHA256, _NEWER + "sha256-rsa-MGF1", "", "PS256"),
    Scheme(Family.PSS, SHA384, _NEWER + "sha384-rsa-MGF1", "", "PS384"),
    Scheme(Family.PSS, SHA512, _NEWER + "sha512-rsa-MGF1", "", "PS512"),
    Scheme(Family.PSS, SHA224, _NEWER + "sha224-rsa-MGF1"),
    Scheme(Family.PSS, SHA1, _NEWER + "sha1-rsa-MGF1"),
    *(
        scheme
        for digest, name, last in (
            (SHA3_224, "sha3-224", 9),
            (SHA3_256, "sha3-256", 10),
            (SHA3_384, "sha3-384", 11),
            (SHA3_512, "sha3-512", 12),
        )
        for scheme in (
            Scheme(Family.ECDSA, digest, f"{_NEWEST}ecdsa-{name}", f"{_SHA3_SIGNED}.{last}"),
            Scheme(Family.RSA, digest, "", f"{_SHA3_SIGNED}.{last + 4}"),
            Scheme(Family.PSS, digest, f"{_NEWER}{name}-rsa-MGF1"),
        )
    ),
)
_BY_URI: Final = {scheme.uri: scheme for scheme in SCHEMES if scheme.uri}
_BY_OID: Final = {scheme.oid: scheme for scheme in SCHEMES if scheme.oid}
_BY_OID[oids.SM2_1] = _BY_OID[oids.SM2_WITH_SM3]
_BY_JOSE: Final = {scheme.jose: scheme for scheme in SCHEMES if scheme.jose}
_ON_CURVE: Final = {"secp256r1": "ES256", "secp384r1": "ES384"}
_BY_FAMILY: Final = {(scheme.family, scheme.digest.oid): scheme for scheme in reversed(SCHEMES)}


def scheme_by_uri(uri: str) -> Scheme:
    """Return the scheme of an XML SignatureMethod; raises UnsupportedAlgorithm."""
    if (scheme := _BY_URI.get(uri)) is None:
        raise UnsupportedAlgorithm(algorithm=uri)
    return scheme


def scheme_by_jose(name: str) -> Scheme:
    """Return the scheme of a JOSE `alg`; raises UnsupportedAlgorithm, also for `none` and HMAC."""
    if (scheme := _BY_JOSE.get(name)) is None:
        raise UnsupportedAlgorithm(algorithm=name)
    return scheme


def scheme_by_oid(dotted: str) -> Scheme:
    """Return the scheme of an AlgorithmIdentifier; raises UnsupportedAlgorithm."""
    if (scheme := _BY_OID.get(dotted)) is None:
        raise UnsupportedAlgorithm(algorithm=dotted)
    return scheme


def scheme_of_cms(algorithm: der.Node, digest: Digest) -> Scheme:
    """Return the scheme of a CMS SignerInfo whose digest algorithm is `digest`.

    RSASSA-PSS may sign with another one, which its parameters name. Raises UnsupportedAlgorithm
    when the algorithm is unknown or names another digest.
    """
    parts = algorithm.expect(der.SEQUENCE).children()
    dotted = parts[0].dotted() if parts else ""
    if dotted == oids.RSASSA_PSS:
        return _pss(parts[1:])
    if dotted in {oids.RSA_ENCRYPTION, oids.EC_PUBLIC_KEY}:
        family = Family.RSA if dotted == oids.RSA_ENCRYPTION else Family.ECDSA
        scheme = _BY_FAMILY.get((family, digest.oid))
    else:
        scheme = _BY_OID.get(dotted)
    if scheme is None or scheme.digest is not digest:
        raise UnsupportedAlgorithm(algorithm=f"{dotted} with {digest.name}")
    return scheme


def scheme_of_identifier(algorithm: der.Node) -> Scheme:
    """Return the scheme of an AlgorithmIdentifier that names its digest itself (X.509, OCSP).

    Raises UnsupportedAlgorithm.
    """
    parts = algorithm.expect(der.SEQUENCE).children()
    dotted = parts[0].dotted() if parts else ""
    return scheme_by_oid(dotted) if dotted != oids.RSASSA_PSS else _pss(parts[1:])


def _pss(parameters: list[der.Node]) -> Scheme:
    """Return the scheme of RSASSA-PSS-params with one digest for message and mask (RFC 4055, 3.1).

    What is left out is SHA-1, and a salt of 20 octets.
    """
    try:
        fields = {each.tag: each.children()[0] for each in parameters[0].children()}
        hashed, mask = fields.pop(0xA0, None), fields.pop(0xA1, None)
        salt = fields.pop(0xA2).number() if 0xA2 in fields else _PSS_SALT  # noqa: PLR2004
        digest = SHA1.oid if hashed is None else hashed.children()[0].dotted()
        named = SHA1.oid if mask is None else _masked(mask)
    except (IndexError, MalformedDer) as error:
        raise UnsupportedAlgorithm(algorithm="RSASSA-PSS without parameters") from error
    scheme = _BY_FAMILY.get((Family.PSS, digest))
    if scheme is None or named != digest or fields or not 0 <= salt <= _LONGEST_SALT:
        raise UnsupportedAlgorithm(algorithm="RSASSA-PSS with these parameters")
    return scheme if salt == scheme.digest.size else replace(scheme, salt=salt)


def _masked(generator: der.Node) -> str:
    """Return the digest of a mask generator, '' unless it is MGF1."""
    function, digest = generator.children()
    return digest.children()[0].dotted() if function.dotted() == oids.MGF1 else ""


def default_scheme(key: PrivateKey, *, pss: bool = False) -> Scheme:
    """Return the scheme a key of ours signs with; raises UnsupportedAlgorithm for other keys."""
    held = key.public_key() if isinstance(key, ExternalKey) else key
    match held:
        case ec.EllipticCurvePrivateKey(curve=curve) | ec.EllipticCurvePublicKey(curve=curve):
            if (named := _ON_CURVE.get(curve.name)) is not None:
                return _BY_JOSE[named]
        case ed25519.Ed25519PrivateKey() | ed25519.Ed25519PublicKey():
            return _BY_JOSE["EdDSA"]
        case Sm2PrivateKey() | Sm2PublicKey():
            return _BY_OID[oids.SM2_WITH_SM3]
        case rsa.RSAPrivateKey(key_size=bits) | rsa.RSAPublicKey(key_size=bits) if (
            bits >= _STRONG_RSA_BITS
        ):
            return _BY_JOSE["PS256" if pss else "RS256"]
    raise UnsupportedAlgorithm(algorithm=type(key).__name__)


def weakness(scheme: Scheme, key: PublicKey) -> str:
    """Return what is too weak in a scheme with a key, or '' when nothing is."""
    if scheme.digest.weak:
        return scheme.digest.name
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _STRONG_RSA_BITS:
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
