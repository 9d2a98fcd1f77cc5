"""The epochs of one title together: who reads what, and what a reading key opens.

A title has a row of signed epochs. Of one epoch there may be several, of the same key for more
readers. They are believed when a party signed them that had a part in the title after the action
that they name; and they go on with the title, so that nobody makes one for a time that is past.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from ledger.title.errors import EntryRefused, NoEpoch, NoPart, NotForYou
from ledger.title.pkh import ChainAccount
from ledger.title.privacy import Epoch, Reader, TitleKey, epoch_of, read_epoch
from ledger.title.readers import Card, ReadingKey
from ledger.title.sequence import Standing

May = Callable[[Epoch], bool]
"""Tells whether the signer of an epoch may share the keys of the title at the time it names."""

MOST: Final = 60
"""Signed epochs that a title may have: all of them fit the 1 MiB that an answer may have."""


@dataclass(frozen=True, slots=True)
class Epochs:
    """What was shared of the keys of one title, in the order in which it came."""

    title: str
    shared: tuple[Epoch, ...] = ()

    @classmethod
    def read(cls, title: str, signed: Iterable[str], may: May) -> Epochs:
        """Return the epochs of a title, each by a party that `may` share then.

        Raises EntryRefused for any other, for another title, and where one does not follow.
        """
        found = cls(title)
        for each in signed:
            epoch = read_epoch(each)
            if not may(epoch):
                raise EntryRefused(reason="an epoch is by a party without a part in the title")
            found = found.followed(epoch)
        return found

    def followed(self, epoch: Epoch) -> Epochs:
        """Return these epochs and one more; raises EntryRefused where it does not follow.

        An epoch that is there has one key, no epoch is left out, none is of an earlier time, and
        none lets a party read by a key that it has replaced.
        """
        if epoch.title != self.title:
            raise EntryRefused(reason="the epoch is of another title")
        if epoch.epoch > self.count:
            raise EntryRefused(reason="an epoch is left out")
        if self.shared and epoch.after < self.shared[-1].after:
            raise EntryRefused(reason="the epoch is of an earlier time than the one before it")
        if any(known.commitment != epoch.commitment for known in self._of(epoch.epoch)):
            raise EntryRefused(reason="the epoch has another key")
        for party, card in epoch.cards.items():
            if self.outdates(card):
                raise EntryRefused(reason="a newer card of {party} is known", party=party)
        if len(self.shared) >= MOST:
            raise EntryRefused(reason="the title has no room for more epochs")
        return Epochs(self.title, (*self.shared, epoch))

    @property
    def count(self) -> int:
        """How many epochs there are; the newest is the last."""
        return max((each.epoch + 1 for each in self.shared), default=0)

    def cards(self, epoch: int) -> dict[str, Card]:
        """Return the readers of an epoch by party, each with the newest card there."""
        found: dict[str, Card] = {}
        for each in self._of(epoch):
            for party, card in each.cards.items():
                if party not in found or card.at >= found[party].at:
                    found[party] = card
        return found

    def known(self, party: str) -> Card | None:
        """Return the newest card of a party in any epoch."""
        cards = (each.cards[party] for each in self.shared if party in each.cards)
        return max(cards, key=lambda card: card.at, default=None)

    def outdates(self, card: Card) -> bool:
        """Tell whether a newer card of the same party is known."""
        known = self.known(card.party)
        return known is not None and known.at > card.at

    def owners(self, key: ReadingKey, epoch: int) -> list[Card]:
        """Return the cards in an epoch that name a reading key; no card proves that it is had."""
        public = key.public
        return [
            card
            for each in self._of(epoch)
            for card in each.cards.values()
            if card.public == public
        ]

    def key(self, epoch: int, key: ReadingKey) -> TitleKey:
        """Return the key of an epoch; raises NotForYou unless `key` is a reader's."""
        for each in self._of(epoch):
            for card in each.cards.values():
                if card.public == key.public:
                    with suppress(NotForYou):  # another sharer may have wrapped the true key
                        return each.unwrap(card.party, key.private)
        raise NotForYou(where=self.title, epoch=epoch)

    def sealing(self, key: ReadingKey, actor: str | ChainAccount) -> TitleKey:
        """Return the newest key, to seal with; raises NoEpoch, or NoPart without a part in it.

        The reading key has to be that of the actor: of a party, or of an account on a chain.
        """
        if not self.count:
            raise NoEpoch(where=self.title)
        newest = self.count - 1
        if not any(actor in {card.party, card.account} for card in self.owners(key, newest)):
            raise NoPart(where=self.title, epoch=newest)
        return self.key(newest, key)

    def opened(self, key: ReadingKey | None, parties: Collection[str] | None = None) -> Opened:
        """Return what a reading key opens; without one, what is to be seen from outside.

        With `parties` the key counts as that of one of them alone.
        """
        return Opened(self, Reader([] if key is None else list(self._keys(key, parties))))

    def _keys(self, key: ReadingKey, parties: Collection[str] | None) -> Iterator[TitleKey]:
        for epoch in range(self.count):
            owners = {card.party for card in self.owners(key, epoch)}
            if parties is None or not owners.isdisjoint(parties):
                with suppress(NotForYou):
                    yield self.key(epoch, key)

    def _of(self, epoch: int) -> list[Epoch]:
        return [each for each in self.shared if each.epoch == epoch]


@dataclass(frozen=True, slots=True)
class Opened:
    """The epochs as one reader sees them."""

    epochs: Epochs
    reader: Reader

    @property
    def names(self) -> dict[str, str]:
        """What parties are called, by the newest epoch that the reader opens."""
        found: dict[str, str] = {}
        for each in sorted(self.epochs.shared, key=lambda shared: shared.epoch):
            for party, sealed in each.names.items():
                with suppress(NotForYou):
                    found[party] = self.reader.name(self.epochs.title, sealed, party)
        return found

    def remark(self, remark: bytes, actor: str) -> dict[str, object] | None:
        """Return `{epoch, text}` of a sealed remark, with no text for others; None if it is open.

        A remark is sealed that has the form of one, in an epoch that there is; it is the text of
        who acted, or nobody's.
        """
        epoch = epoch_of(remark)
        if epoch is None or epoch >= self.epochs.count:
            return None
        try:
            return {"epoch": epoch, "text": self.reader.remark(self.epochs.title, remark, actor)}
        except NotForYou:
            return {"epoch": epoch, "text": None}

    def link(self, link: Mapping[str, object]) -> dict[str, object]:
        """Return an action as it is printed, with `sealed` where its remark is private."""
        sealed = self.remark(bytes.fromhex(str(link["remark"])), str(link["actor"]))
        return dict(link) if sealed is None else {**link, "sealed": sealed}

    def as_dict(self) -> dict[str, object]:
        """Return the readers of each epoch, and the names that can be read."""
        epochs = self.epochs
        return {
            "epochs": [sorted(epochs.cards(number)) for number in range(epochs.count)],
            "names": self.names,
        }


def sharers(standings: Sequence[Standing]) -> May:
    """Return who may share at which time: issuer, title holder and possessor after an entry."""

    def may(epoch: Epoch) -> bool:
        if epoch.after >= len(standings):
            return False
        state = standings[epoch.after].state
        return epoch.signer in {state.terms.roles.minter, state.beneficiary, state.holder}

    return may
