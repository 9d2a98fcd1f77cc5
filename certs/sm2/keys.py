"""SM2 keys: signatures (GB/T 32918.2), with the signer's identity, and encryption (GB/T 32918.4).

Signatures are DER SEQUENCE(r, s) here; `Scheme.sign_raw` gives r and s side by side.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from certs.asn1 import der, oids
from certs.errors import MalformedDer, UnsupportedAlgorithm
from certs.sm2 import curve
from certs.sm2.libcrypto import Handle, library

DEFAULT_ID: Final = b"1234567812345678"
_LONGEST_ID: Final = 8190  # what libcrypto 3.0 takes; the length is counted in bits, in 2 octets
_UNCOMPRESSED: Final = 0x04
_EVEN: Final = 0x02
_ODD: Final = 0x03
_SM3: Final = "sm3"
_ALGORITHM: Final = der.sequence(der.oid(oids.EC_PUBLIC_KEY), der.oid(oids.SM2_CURVE))
_PARAMETERS: Final = 0xA0
_PUBLIC: Final = 0xA1
_CURVE: Final = b"".join(
    each.to_bytes(curve.SIZE, "big") for each in (curve.A, curve.B, *curve.GENERATOR)
)


@dataclass(frozen=True)
class Sm2PublicKey:
    """A point of the curve; raises UnsupportedAlgorithm for coordinates that are none."""

    x: int
    y: int

    def __post_init__(self) -> None:
        """Refuse what is not on the curve."""
        if not curve.contains((self.x, self.y)):
            raise UnsupportedAlgorithm(algorithm="SM2 with a point that is not on the curve")

    @classmethod
    def from_point(cls, encoded: bytes) -> Sm2PublicKey:
        """Return the key of a point in SEC 1 form (04, or 02 and 03); raises MalformedDer."""
        head, rest = encoded[:1], encoded[1:]
        if head == bytes((_UNCOMPRESSED,)) and len(rest) == 2 * curve.SIZE:
            x, y = (int.from_bytes(each, "big") for each in (rest[:32], rest[32:]))
            return cls(x, y)
        if head in {bytes((_EVEN,)), bytes((_ODD,))} and len(rest) == curve.SIZE:
            found = curve.decompress(int.from_bytes(rest, "big"), odd=head == bytes((_ODD,)))
            if found is not None:
                return cls(*found)
        raise MalformedDer(reason="no point of the SM2 curve")

    @classmethod
    def from_spki(cls, encoded: bytes) -> Sm2PublicKey | None:
        """Return the key in a SubjectPublicKeyInfo, None when it is of another type.

        Raises MalformedDer or UnsupportedAlgorithm for an SM2 key that is damaged.
        """
        algorithm, bits = der.parse(encoded).children()
        if algorithm.encoded != _ALGORITHM:
            return None
        content = bits.expect(der.BIT_STRING).content
        if content[:1] != b"\x00":
            raise MalformedDer(reason="a key of broken octets")
        return cls.from_point(content[1:])

    @property
    def key_size(self) -> int:
        """Bits of the curve."""
        return 8 * curve.SIZE

    @property
    def point(self) -> bytes:
        """The point, uncompressed (65 octets)."""
        return b"\x04" + self.x.to_bytes(curve.SIZE, "big") + self.y.to_bytes(curve.SIZE, "big")

    @property
    def spki(self) -> bytes:
        """The DER of its SubjectPublicKeyInfo."""
        return der.sequence(_ALGORITHM, der.tlv(der.BIT_STRING, b"\x00", self.point))

    @cached_property
    def _handle(self) -> Handle | None:
        return Handle.public(self.spki) if library() else None

    def verify(self, signature: bytes, data: bytes, identity: bytes = DEFAULT_ID) -> bool:
        """Tell whether `signature` (strict DER) over `data` is by this key and identity."""
        if not 0 < len(identity) <= _LONGEST_ID:
            return False
        try:
            r, s = (each.number() for each in der.parse(signature).children())
        except (MalformedDer, ValueError):
            return False
        if not (0 < r < curve.N and 0 < s < curve.N):
            return False
        handle = self._handle
        if handle is not None:
            return handle.verify(signature, data, identity)
        return self.verify_numbers(r, s, data, identity)

    def encrypt(self, data: bytes) -> bytes:
        """Return `data` encrypted to this key: SM2Cipher in DER (GB/T 32918.4, GB/T 35276).

        Raises NoLibcrypto where there is none.
        """
        return (self._handle or Handle.public(self.spki)).encrypt(data)

    def verify_numbers(self, r: int, s: int, data: bytes, identity: bytes = DEFAULT_ID) -> bool:
        """As `verify`, in Python alone (GB/T 32918.2, 7.1)."""
        t = (r + s) % curve.N
        if not (0 < r < curve.N and 0 < s < curve.N and t):
            return False
        point = curve.combination(s, t, (self.x, self.y))
        return point is not None and (self._digest(data, identity) + point[0]) % curve.N == r

    def _digest(self, data: bytes, identity: bytes) -> int:
        """Return e = SM3(ZA, data), with ZA as GB/T 32918.2, 5.5 has it."""
        length = (8 * len(identity)).to_bytes(2, "big")
        distinguished = hashlib.new(_SM3, length + identity + _CURVE + self.point[1:]).digest()
        return int.from_bytes(hashlib.new(_SM3, distinguished + data).digest(), "big")


def _pkcs8(scalar: bytes, public: Sm2PublicKey | None = None) -> bytes:
    """Return the DER of a PrivateKeyInfo around an ECPrivateKey."""
    known = (der.context(1, der.tlv(der.BIT_STRING, b"\x00", public.point)),) if public else ()
    inner = der.sequence(der.integer(1), der.octets(scalar), *known)
    return der.sequence(der.integer(0), _ALGORITHM, der.octets(inner))


class Sm2PrivateKey:
    """A private key; it works through libcrypto only, which takes care of constant time."""

    def __init__(self, scalar: bytes, public: Sm2PublicKey) -> None:
        """Take the scalar (32 octets, big-endian) and the public key that belongs to it."""
        if len(scalar) != curve.SIZE or not 0 < int.from_bytes(scalar, "big") < curve.N - 1:
            raise UnsupportedAlgorithm(algorithm="SM2 with a scalar out of range")
        self._scalar = scalar
        self._public = public

    @classmethod
    def from_sec1(cls, encoded: bytes) -> Sm2PrivateKey:
        """Return the key of an ECPrivateKey (RFC 5915), its curve named in it or known before.

        Without the public point libcrypto computes it. Raises MalformedDer, NoLibcrypto.
        """
        version, scalar, *rest = der.parse(encoded).children()
        if version.number() != 1:
            raise MalformedDer(reason="an EC private key of another version")
        octets = scalar.expect(der.OCTET_STRING).content
        for each in rest:
            inner = each.children()[0]
            if each.tag == _PARAMETERS and inner.encoded != der.oid(oids.SM2_CURVE):
                raise UnsupportedAlgorithm(algorithm=inner.dotted())
            if each.tag == _PUBLIC:
                bits = inner.expect(der.BIT_STRING).content
                return cls(octets, Sm2PublicKey.from_point(bits[1:]))
        public = Sm2PublicKey.from_spki(Handle.private(_pkcs8(octets)).spki)
        if public is None:
            raise MalformedDer(reason="no SM2 key")
        return cls(octets, public)

    @classmethod
    def from_pkcs8(cls, encoded: bytes) -> Sm2PrivateKey:
        """Return the key of a PrivateKeyInfo (RFC 5208); raises as `from_sec1`."""
        _, algorithm, wrapped, *_ = der.parse(encoded).children()
        if algorithm.encoded != _ALGORITHM:
            raise UnsupportedAlgorithm(algorithm="a key that is not SM2")
        return cls.from_sec1(wrapped.expect(der.OCTET_STRING).content)

    @classmethod
    def generate(cls) -> Sm2PrivateKey:
        """Return a new key; raises NoLibcrypto."""
        return cls.from_sec1(Handle.generate().sec1)

    @property
    def pkcs8(self) -> bytes:
        """The DER of its PrivateKeyInfo, not encrypted."""
        return _pkcs8(self._scalar, self._public)

    @property
    def key_size(self) -> int:
        """Bits of the curve."""
        return 8 * curve.SIZE

    def public_key(self) -> Sm2PublicKey:
        """Return the public key."""
        return self._public

    @cached_property
    def _handle(self) -> Handle:
        return Handle.private(self.pkcs8)

    def sign(self, data: bytes, identity: bytes = DEFAULT_ID) -> bytes:
        """Return the signature (DER) over `data`; raises NoLibcrypto where there is none."""
        return self._handle.sign(data, identity)

    def decrypt(self, data: bytes) -> bytes:
        """Return what an SM2Cipher (DER) to this key holds; raises NoLibcrypto or KeyUnreadable."""
        return self._handle.decrypt(data)
