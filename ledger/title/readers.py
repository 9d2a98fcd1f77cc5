"""Reading keys of parties, and the cards that bind each to its party.

A party's key signs; what is sealed for the party is opened with another key of its own (X25519). A
card is a signed value that names party and reading key: only the party itself can make it, so that
nobody is given the keys of a title under another's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from ledger.folder import write_new
from ledger.title import token
from ledger.title.errors import EntryRefused
from ledger.title.fields import moment, text
from ledger.title.party import Jwk, PartySigner, decode, encode, party_id
from schemas.clock import iso

TYP: Final = "silkgate-title-reader"
_FIELDS: Final = frozenset({"at", "party", "reads"})
_BYTES: Final = 32


@dataclass(frozen=True)
class ReadingKey:
    """A party's key for opening what is sealed for it."""

    private: X25519PrivateKey

    @classmethod
    def generate(cls) -> ReadingKey:
        """Return a new random key."""
        return cls(X25519PrivateKey.generate())

    @classmethod
    def read(cls, pem: bytes, passphrase: bytes | None = None) -> ReadingKey:
        """Read PKCS#8 PEM; raises ValueError, TypeError, or EntryRefused for another kind."""
        private = serialization.load_pem_private_key(pem, passphrase)
        if not isinstance(private, X25519PrivateKey):
            raise EntryRefused(reason="the reading key is not X25519")
        return cls(private)

    def save(self, path: Path, passphrase: bytes | None = None) -> None:
        """Write the key as PKCS#8 PEM for its owner alone, encrypted under a passphrase."""
        protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if passphrase is not None:
            protection = serialization.BestAvailableEncryption(passphrase)
        pem = self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection
        )
        write_new(path, pem, 0o600)

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        return self.private.public_key().public_bytes_raw()

    def card(self, party: PartySigner, at: datetime) -> str:
        """Return the signed card by which `party` says that this is its reading key."""
        said = {"at": iso(at), "party": party_id(party.jwk), "reads": _jwk(self.public)}
        return token.sealed(said, TYP, party)


@dataclass(frozen=True, slots=True)
class Card:
    """A verified card: the party, its reading key (32 bytes), since when, and the signed form."""

    party: str
    public: bytes
    at: datetime
    signed: str

    @property
    def key(self) -> X25519PublicKey:
        """The reading key."""
        return X25519PublicKey.from_public_bytes(self.public)


def read_card(signed: str) -> Card:
    """Return a card that the party it names signed; raises EntryRefused for any other."""
    opened = token.opened(signed, TYP)
    said = opened.payload
    if said.keys() != _FIELDS:
        raise EntryRefused(reason="the card lacks fields, or has unknown ones")
    party = text(said, "party")
    if party != opened.signer:
        raise EntryRefused(reason="the card is not signed by the party that it names")
    return Card(party, _public(said["reads"]), moment(said, "at"), signed)


def _jwk(public: bytes) -> Jwk:
    """Return a reading key as JWK (RFC 8037)."""
    return {"crv": "X25519", "kty": "OKP", "x": encode(public)}


def _public(found: object) -> bytes:
    if isinstance(found, dict) and isinstance(x := found.get("x"), str):
        public = decode(x)
        if len(public) == _BYTES and found == _jwk(public):
            return public
    raise EntryRefused(reason="the reading key of the card is not X25519")
