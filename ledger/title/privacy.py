"""Private remarks and names: readable for the parties of a title, for nobody else.

Each title has a random key per epoch, wrapped for each reader; a new epoch begins when a reader
leaves, so that who was removed reads nothing later. Sealed text is

    epoch (2 bytes) || nonce (12, random) || AES-256-GCM ciphertext and tag (16)

with title, epoch, purpose and party as associated data: a remark opens as the words of the party
that acts and a name as that of the party that bears it, wherever somebody copies them to. That is
30 bytes more than the text, so that 90 bytes of text fit the 120 of a remark on TradeTrust's
escrow. Its first byte is at most 7, a control character that no text begins with. The key is
wrapped by an ephemeral X25519 agreement, HKDF-SHA256 and AES-256-GCM.

An epoch is signed by the party that begins it: a reader who believes just anybody's epoch would
write under just anybody's key. It says after which action on the title it was made, for who may
make one changes with them. It holds the card of each reader, and commits to its key, so that all
readers have the same one and a remark opens to the same text for everybody.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from struct import pack, unpack
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.title import token
from ledger.title.entry import MAX_REMARK
from ledger.title.errors import EntryRefused, NotForYou, RemarkTooLong
from ledger.title.fields import name, text
from ledger.title.party import PartySigner, decode, encode
from ledger.title.readers import Card, read_card

TYP: Final = "silkgate-title-keys"
KEY_BYTES: Final = 32
OVERHEAD: Final = 30
_EPOCH_BYTES: Final = 2
_NONCE_BYTES: Final = 12
_PUBLIC_BYTES: Final = 32
_LAST_EPOCH: Final = 2**11 - 1
_REMEMBERED: Final = 256
"""Epochs that were read lately: each has some 16 signatures, and every look at a title wants it."""

_FIELDS: Final = frozenset({"after", "cards", "commitment", "epoch", "names", "title", "wrapped"})
_REMARK: Final = "remark"
_NAME: Final = "name"


@dataclass(frozen=True, slots=True)
class TitleKey:
    """The key of one epoch of one title."""

    title: str
    epoch: int
    secret: bytes = field(repr=False)

    @property
    def commitment(self) -> str:
        """What tells the key from every other, and tells nothing of it (base64url)."""
        info = _bound(self.title, self.epoch, "commitment")
        return encode(HKDF(hashes.SHA256(), KEY_BYTES, None, info).derive(self.secret))

    def seal_remark(self, remark: str, actor: str) -> bytes:
        """Return a sealed remark of at most 120 bytes of who acts; raises RemarkTooLong."""
        data = remark.encode()
        if len(data) + OVERHEAD > MAX_REMARK:
            raise RemarkTooLong(length=len(data), most=MAX_REMARK - OVERHEAD)
        return self._seal(data, _REMARK, actor)

    def seal_name(self, said: str, party: str) -> bytes:
        """Return a party's sealed name."""
        return self._seal(said.encode(), _NAME, party)

    def _seal(self, data: bytes, purpose: str, party: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        bound = _bound(self.title, self.epoch, purpose, party)
        return pack(">H", self.epoch) + nonce + AESGCM(self.secret).encrypt(nonce, data, bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """A signed epoch: its readers' cards, their wrapped keys, the sealed names, and who signed.

    `after` is the number of the title's last action when it was made, 0 for the issue.
    """

    title: str
    epoch: int
    after: int
    commitment: str
    cards: Mapping[str, Card]
    wrapped: Mapping[str, bytes]
    names: Mapping[str, bytes]
    signer: str
    signed: str = field(repr=False)

    def unwrap(self, party: str, private: X25519PrivateKey) -> TitleKey:
        """Return the key; raises NotForYou for a party that is no reader of this epoch.

        Also where what was wrapped is not the key that the epoch commits to.
        """
        found = self.wrapped.get(party)
        if found is None:
            raise NotForYou(where=self.title, epoch=self.epoch)
        secret = _unwrapped(found, private, self.title, self.epoch)
        key = TitleKey(self.title, self.epoch, secret)
        if key.commitment != self.commitment:
            raise NotForYou(where=self.title, epoch=self.epoch)
        return key


class Reader:
    """Opens what is sealed for a party: remarks and names, by the epochs it has keys of."""

    def __init__(self, keys: Collection[TitleKey]) -> None:
        """Read with `keys`, in any order."""
        self._keys = {(key.title, key.epoch): key for key in keys}

    def remark(self, title: str, sealed: bytes, actor: str) -> str:
        """Return the remark of who acted.

        Raises NotForYou without its epoch's key, when it was changed, and when it is another's.
        """
        return self._open(title, sealed, _REMARK, actor)

    def name(self, title: str, sealed: bytes, party: str) -> str:
        """Return a party's name; raises NotForYou as `remark`."""
        return self._open(title, sealed, _NAME, party)

    def _open(self, title: str, sealed: bytes, purpose: str, party: str) -> str:
        if len(sealed) < OVERHEAD:
            raise NotForYou(where=title, epoch="?")
        (epoch,) = unpack(">H", sealed[:_EPOCH_BYTES])
        key = self._keys.get((title, epoch))
        if key is None:
            raise NotForYou(where=title, epoch=epoch)
        nonce = sealed[_EPOCH_BYTES : _EPOCH_BYTES + _NONCE_BYTES]
        body = sealed[_EPOCH_BYTES + _NONCE_BYTES :]
        try:
            found = AESGCM(key.secret).decrypt(nonce, body, _bound(title, epoch, purpose, party))
            return found.decode()
        except (InvalidTag, UnicodeDecodeError) as error:
            raise NotForYou(where=title, epoch=epoch) from error


def begin(
    title: str,
    epoch: int,
    readers: Iterable[Card],
    names: Mapping[str, str],
    signer: PartySigner,
    *,
    after: int = 0,
) -> tuple[TitleKey, str]:
    """Return the new key of an epoch and the signed epoch; whoever is no reader has no part in it.

    `names` is what parties are called, `after` the number of the title's last action. Raises
    EntryRefused when there is no room for it.
    """
    if not 0 <= epoch <= _LAST_EPOCH:
        raise EntryRefused(reason="there are no more epochs")
    key = TitleKey(title, epoch, os.urandom(KEY_BYTES))
    return key, admit(key, readers, names, signer, after=after)


def admit(
    key: TitleKey,
    readers: Iterable[Card],
    names: Mapping[str, str],
    signer: PartySigner,
    *,
    after: int = 0,
) -> str:
    """Return the signed epoch of a known key for these readers: to let one more read it."""
    cards = {card.party: card for card in readers}
    said = {
        "after": after,
        "cards": {party: card.signed for party, card in cards.items()},
        "commitment": key.commitment,
        "epoch": key.epoch,
        "names": {party: encode(key.seal_name(called, party)) for party, called in names.items()},
        "title": key.title,
        "wrapped": {party: encode(_wrapped(key, card.key)) for party, card in cards.items()},
    }
    made = token.sealed(said, TYP, signer)
    if len(made) > token.LONGEST:
        raise EntryRefused(reason="an epoch has no room for so many readers and names")
    return made


@lru_cache(maxsize=_REMEMBERED)
def read_epoch(signed: str) -> Epoch:
    """Return a signed epoch; whether its signer may begin one is for the caller to say.

    Raises EntryRefused, also where a reader's card is not signed by that reader.
    """
    opened = token.opened(signed, TYP)
    said = opened.payload
    if said.keys() != _FIELDS:
        raise EntryRefused(reason="the epoch lacks fields, or has unknown ones")
    epoch, after = _number(said["epoch"]), _number(said["after"])
    if epoch > _LAST_EPOCH:
        raise EntryRefused(reason="there are no more epochs")
    cards = {party: read_card(card) for party, card in _texts(said["cards"]).items()}
    wrapped = _octets(said["wrapped"])
    if cards.keys() != wrapped.keys() or any(cards[each].party != each for each in cards):
        raise EntryRefused(reason="an epoch has a card of each reader, and of nobody else")
    return Epoch(
        title=name(said, "title"),
        epoch=epoch,
        after=after,
        commitment=text(said, "commitment"),
        cards=cards,
        wrapped=wrapped,
        names=_octets(said["names"]),
        signer=opened.signer,
        signed=signed,
    )


def epoch_of(remark: bytes) -> int | None:
    """Return the epoch in which a remark was sealed, None if it has not the form of one."""
    if not OVERHEAD <= len(remark) <= MAX_REMARK:
        return None
    (epoch,) = unpack(">H", remark[:_EPOCH_BYTES])
    return int(epoch) if epoch <= _LAST_EPOCH else None


def _number(found: object) -> int:
    if type(found) is not int or found < 0:
        raise EntryRefused(reason="an epoch's numbers are whole, and not below 0")
    return found


def _texts(found: object) -> dict[str, str]:
    if not isinstance(found, dict):
        raise EntryRefused(reason="an epoch's keys and names are texts by party")
    return {str(party): text(found, party) for party in found}


def _octets(found: object) -> dict[str, bytes]:
    return {party: decode(each) for party, each in _texts(found).items()}


def _wrapped(key: TitleKey, reader: X25519PublicKey) -> bytes:
    ephemeral = X25519PrivateKey.generate()
    public = ephemeral.public_key().public_bytes_raw()
    try:
        shared = ephemeral.exchange(reader)
    except ValueError as error:  # a point of low order, with which nothing is secret
        raise EntryRefused(reason="the reading key of a card is no key") from error
    wrapping = _derived(shared, public, reader.public_bytes_raw(), key.title, key.epoch)
    # The wrapping key is used this once: a constant nonce never repeats under it.
    return public + AESGCM(wrapping).encrypt(bytes(_NONCE_BYTES), key.secret, None)


def _unwrapped(blob: bytes, private: X25519PrivateKey, title: str, epoch: int) -> bytes:
    public, body = blob[:_PUBLIC_BYTES], blob[_PUBLIC_BYTES:]
    own = private.public_key().public_bytes_raw()
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(public))
        wrapping = _derived(shared, public, own, title, epoch)
        return AESGCM(wrapping).decrypt(bytes(_NONCE_BYTES), body, None)
    except (InvalidTag, ValueError) as error:
        raise NotForYou(where=title, epoch=epoch) from error


def _derived(shared: bytes, ephemeral: bytes, reader: bytes, title: str, epoch: int) -> bytes:
    info = _bound(title, epoch, "key")
    return HKDF(hashes.SHA256(), KEY_BYTES, ephemeral + reader, info).derive(shared)


def _bound(title: str, epoch: int, purpose: str, party: str = "") -> bytes:
    """Return what a ciphertext is bound to; a title's id has no NUL in it."""
    parts = (b"silkgate-title", purpose.encode(), title.encode(), pack(">H", epoch))
    return b"\0".join((*parts, *([party.encode()] if party else [])))
