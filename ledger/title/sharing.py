"""What a party shares of the keys of a title: a first epoch, the same for more, a new one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ledger.title.epochs import Epochs
from ledger.title.errors import EntryRefused, NoPart, NotForYou
from ledger.title.party import PartySigner, party_id
from ledger.title.privacy import TitleKey, admit, begin
from ledger.title.readers import Card, ReadingKey, read_card


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Who is to read, who no more, and what parties are called.

    A new epoch begins when somebody leaves, when `anew` asks for it, and when there is none.
    `epoch` lets newcomers read another than the newest.
    """

    newcomers: Collection[Card] = ()
    leavers: Collection[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    anew: bool = False
    epoch: int | None = None

    @property
    def empty(self) -> bool:
        """Whether nobody comes, goes or is named."""
        return not (self.newcomers or self.leavers or self.names or self.anew)


@dataclass(frozen=True, slots=True)
class Sharer:
    """A party that shares: its key, its reading key, and its card where it is made already."""

    signer: PartySigner
    reading: ReadingKey
    card: Card | None = None

    def shared(self, epochs: Epochs, wish: Wish, at: datetime, *, after: int) -> str:
        """Return the signed epoch that the wish makes of these; the sharer always reads along.

        `after` is the number of the last action on the title. Raises NoPart where the sharer is no
        reader of the epoch, EntryRefused for who leaves and never read, and where there is no room.
        """
        own = self._own(epochs, at)
        for card in wish.newcomers:
            if epochs.outdates(card):
                raise EntryRefused(reason="a newer card of {party} is known", party=card.party)
        if wish.anew or wish.leavers or not epochs.count:
            return self._begun(epochs, wish, own, after)
        key = self._key(epochs, epochs.count - 1 if wish.epoch is None else wish.epoch)
        return admit(key, [*wish.newcomers, own], wish.names, self.signer, after=after)

    def _own(self, epochs: Epochs, at: datetime) -> Card:
        """Return the sharer's card: the one given, or the newest one known, or a new one."""
        party, public = party_id(self.signer.jwk), self.reading.public
        known = self.card or epochs.known(party)
        if self.card is None and (known is None or known.public != public):
            known = read_card(self.reading.card(self.signer, at))
        if known is None or (known.party, known.public) != (party, public):
            raise EntryRefused(reason="the card is not that of the party and its reading key")
        return known

    def _begun(self, epochs: Epochs, wish: Wish, own: Card, after: int) -> str:
        newest = epochs.cards(epochs.count - 1)
        readers = {party: epochs.known(party) or card for party, card in newest.items()}
        for party in wish.leavers:
            if readers.pop(party, None) is None or party == party_id(self.signer.jwk):
                raise EntryRefused(
                    reason="{party} is no other reader of the newest epoch", party=party
                )
        readers |= {card.party: card for card in (*wish.newcomers, own)}
        names = {**epochs.opened(self.reading).names, **wish.names}
        _, signed = begin(
            epochs.title, epochs.count, readers.values(), names, self.signer, after=after
        )
        return signed

    def _key(self, epochs: Epochs, epoch: int) -> TitleKey:
        try:
            return epochs.key(epoch, self.reading)
        except NotForYou as error:
            raise NoPart(where=epochs.title, epoch=epoch) from error
