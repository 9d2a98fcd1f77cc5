"""Parties of titles: a party is its key, named by the key's thumbprint (RFC 7638).

Ed25519 and ECDSA on P-256. Who a key belongs to is told elsewhere (`ledger.title.identity`).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from ledger.folder import write_new
from ledger.title.errors import EntryRefused
from schemas.jcs import canonical_json

PublicKey = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey
PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
Jwk = dict[str, str]

_PARTY: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_NUMBER_BYTES: Final = 32
_HASH: Final = ec.ECDSA(hashes.SHA256())


class PartySigner(Protocol):
    """Signs for a party, wherever the key is: in this process, on a token, in another room."""

    @property
    def jwk(self) -> Jwk:
        """The public key: its required members alone."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return the JWS signature value: 64 bytes, of Ed25519, or r and s of ECDSA."""
        ...


@dataclass(frozen=True)
class PartyKey:
    """A party's key in this process."""

    private: PrivateKey

    @classmethod
    def generate(cls) -> PartyKey:
        """Return a party with a new Ed25519 key; its id does not look like an option (`-…`)."""
        made = cls(ed25519.Ed25519PrivateKey.generate())
        return cls.generate() if made.party.startswith("-") else made

    @classmethod
    def load(cls, path: Path, passphrase: bytes | None = None) -> PartyKey:
        """Read a PKCS#8 PEM file; raises OSError, ValueError, TypeError, or EntryRefused."""
        private = serialization.load_pem_private_key(path.read_bytes(), passphrase)
        if not isinstance(private, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
            raise EntryRefused(reason="the key is neither Ed25519 nor P-256")
        found = cls(private)
        algorithm(found.jwk)
        return found

    def save(self, path: Path, passphrase: bytes | None = None) -> None:
        """Write the key as PKCS#8 PEM for its owner alone, encrypted under a passphrase."""
        protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if passphrase is not None:
            protection = serialization.BestAvailableEncryption(passphrase)
        pem = self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection
        )
        write_new(path, pem, 0o600)

    @cached_property
    def jwk(self) -> Jwk:
        """The public key."""
        return jwk_of(self.private.public_key())

    @cached_property
    def party(self) -> str:
        """The party's id."""
        return party_id(self.jwk)

    def sign(self, data: bytes) -> bytes:
        """Return the signature over `data`."""
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(data)
        r, s = decode_dss_signature(self.private.sign(data, _HASH))
        return r.to_bytes(_NUMBER_BYTES, "big") + s.to_bytes(_NUMBER_BYTES, "big")


def party_id(jwk: Jwk) -> str:
    """Return the thumbprint of a key, 43 characters."""
    return encode(sha256(canonical_json(dict(jwk))).digest())


def is_party(text: str) -> bool:
    """Tell whether text has the form of a thumbprint."""
    return _PARTY.fullmatch(text) is not None


def algorithm(jwk: Jwk) -> str:
    """Return the one JWS algorithm that a key signs with; raises EntryRefused."""
    match jwk:
        case {"kty": "OKP", "crv": "Ed25519", "x": str(), **rest} if not rest:
            return "EdDSA"
        case {"kty": "EC", "crv": "P-256", "x": str(), "y": str(), **rest} if not rest:
            return "ES256"
    raise EntryRefused(reason="the key is neither Ed25519 nor P-256")


def verifies(jwk: Jwk, signature: bytes, data: bytes) -> bool:
    """Tell whether a signature value holds; raises EntryRefused for a key that is none."""
    algorithm(jwk)
    try:
        if jwk["kty"] == "OKP":
            key = ed25519.Ed25519PublicKey.from_public_bytes(decode(jwk["x"]))
            key.verify(signature, data)
        elif len(signature) == 2 * _NUMBER_BYTES:
            r, s = signature[:_NUMBER_BYTES], signature[_NUMBER_BYTES:]
            both = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
            _curve_key(jwk).verify(both, data, _HASH)
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True


def jwk_of(public: PublicKey) -> Jwk:
    """Return the JWK of a public key; raises EntryRefused for another curve."""
    if isinstance(public, ed25519.Ed25519PublicKey):
        return {"crv": "Ed25519", "kty": "OKP", "x": encode(public.public_bytes_raw())}
    if public.curve.name != "secp256r1":
        raise EntryRefused(reason="the key is neither Ed25519 nor P-256")
    numbers = public.public_numbers()
    x, y = (encode(each.to_bytes(_NUMBER_BYTES, "big")) for each in (numbers.x, numbers.y))
    return {"crv": "P-256", "kty": "EC", "x": x, "y": y}


def encode(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Read base64url without padding, in its only form; raises EntryRefused."""
    try:
        found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise EntryRefused(reason="it is not base64url") from error
    if encode(found) != text:
        raise EntryRefused(reason="it is not base64url in its only form")
    return found


def _curve_key(jwk: Jwk) -> ec.EllipticCurvePublicKey:
    x, y = (int.from_bytes(decode(jwk[name]), "big") for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
