"""Reading keys of parties, and the cards that bind each to its party.

A party's key signs; what is sealed for the party is opened with another key of its own (X25519). A
card is a signed value that names party and reading key: only the party itself can make it, so that
nobody is given the keys of a title under another's name. Where the party acts on a chain the card
names its account there, which has signed as well (EIP-191).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from ledger.anchors.errors import AnchorRefused
from ledger.anchors.secp256k1 import address_of, keccak256, recover
from ledger.folder import write_new
from ledger.title import token
from ledger.title.errors import EntryRefused
from ledger.title.fields import moment, text
from ledger.title.party import Jwk, PartySigner, decode, encode, party_id
from ledger.title.pkh import ChainAccount
from schemas.clock import iso

TYP: Final = "silkgate-title-reader"
_FIELDS: Final = frozenset({"at", "party", "reads"})
_ACCOUNT: Final = "account"
_BYTES: Final = 32
_REMEMBERED: Final = 4096
"""Cards that were read lately: the same ones stand in each epoch of a title."""

_PROOF: Final = re.compile(r"([0-9a-f]{64})([0-9a-f]{64})(0[01])")


class AccountSigner(Protocol):
    """An account on a chain, wherever its key is."""

    @property
    def address(self) -> str:
        """The address (EIP-55)."""
        ...

    def sign_digest(self, digest: bytes) -> tuple[int, int, int]:
        """Return (r, s, parity) over a 32-byte digest."""
        ...


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

    def card(
        self,
        party: PartySigner,
        at: datetime,
        account: AccountSigner | None = None,
        chain_id: int = 0,
    ) -> str:
        """Return the signed card by which `party` says that this is its reading key.

        With an account it also says, and the account with it, that the two are one.
        """
        name = party_id(party.jwk)
        said: dict[str, object] = {"at": iso(at), "party": name, "reads": _jwk(self.public)}
        if account is not None:
            did = str(ChainAccount(chain_id, account.address))
            r, s, parity = account.sign_digest(_to_sign(name, self.public, did))
            said[_ACCOUNT] = {"id": did, "proof": f"{r:064x}{s:064x}{parity:02x}"}
        return token.sealed(said, TYP, party)


@dataclass(frozen=True, slots=True)
class Card:
    """A verified card: the party, its reading key (32 bytes), since when, and the signed form.

    `account` is the party's on a chain, None where it names none.
    """

    party: str
    public: bytes
    at: datetime
    signed: str
    account: ChainAccount | None = None

    @property
    def key(self) -> X25519PublicKey:
        """The reading key."""
        return X25519PublicKey.from_public_bytes(self.public)


@lru_cache(maxsize=_REMEMBERED)
def read_card(signed: str) -> Card:
    """Return a card that the party it names signed; raises EntryRefused for any other."""
    opened = token.opened(signed, TYP)
    said = opened.payload
    if said.keys() - {_ACCOUNT} != _FIELDS:
        raise EntryRefused(reason="the card lacks fields, or has unknown ones")
    party = text(said, "party")
    if party != opened.signer:
        raise EntryRefused(reason="the card is not signed by the party that it names")
    public = _public(said["reads"])
    account = _account(said[_ACCOUNT], party, public) if _ACCOUNT in said else None
    return Card(party, public, moment(said, "at"), signed, account)


def _jwk(public: bytes) -> Jwk:
    """Return a reading key as JWK (RFC 8037)."""
    return {"crv": "X25519", "kty": "OKP", "x": encode(public)}


def _public(found: object) -> bytes:
    if isinstance(found, dict) and isinstance(x := found.get("x"), str):
        public = decode(x)
        if len(public) == _BYTES and found == _jwk(public):
            return public
    raise EntryRefused(reason="the reading key of the card is not X25519")


def _account(found: object, party: str, public: bytes) -> ChainAccount:
    """Return the account of a card, which has signed for party and key itself."""
    if not isinstance(found, dict) or found.keys() != {"id", "proof"}:
        raise EntryRefused(reason="the account of the card lacks fields, or has unknown ones")
    did, proof = text(found, "id"), _PROOF.fullmatch(text(found, "proof"))
    account = ChainAccount.read(did)
    if account is None or str(account) != did or proof is None:
        raise EntryRefused(reason="the account of the card cannot be read")
    r, s, parity = (int(each, 16) for each in proof.groups())
    try:
        signer = address_of(recover(_to_sign(party, public, did), r, s, parity))
    except AnchorRefused as error:
        raise EntryRefused(reason="the account has not signed the card") from error
    if signer != account.address:
        raise EntryRefused(reason="the account has not signed the card")
    return account


def _to_sign(party: str, public: bytes, account: str) -> bytes:
    """Return the digest that an account signs, of a text that wallets show (EIP-191)."""
    said = f"Silkgate title: {account} acts for {party} and reads with {encode(public)}".encode()
    return keccak256(b"\x19Ethereum Signed Message:\n" + str(len(said)).encode() + said)
