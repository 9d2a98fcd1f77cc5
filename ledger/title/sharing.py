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


@dataclass(frozen=True, slots=True)
class Sharer:
    """A party that shares: its key, and its reading key."""

    signer: PartySigner
    reading: ReadingKey

    def shared(self, epochs: Epochs, wish: Wish, at: datetime) -> str:
        """Return the signed epoch that the wish makes of these; the sharer always reads along.

        Raises NoPart where it is no reader of the epoch, EntryRefused for who leaves and never
        read, and where there is no room.
        """
        own = read_card(self.reading.card(self.signer, at))
        if wish.anew or wish.leavers or not epochs.count:
            return self._begun(epochs, wish, own)
        key = self._key(epochs, epochs.count - 1 if wish.epoch is None else wish.epoch)
        return admit(key, [*wish.newcomers, own], wish.names, self.signer)

    def _begun(self, epochs: Epochs, wish: Wish, own: Card) -> str:
        readers = epochs.cards(epochs.count - 1)
        for party in wish.leavers:
            if readers.pop(party, None) is None or party == party_id(self.signer.jwk):
                raise EntryRefused(reason=f"{party} is no other reader of the newest epoch")
        readers |= {card.party: card for card in (*wish.newcomers, own)}
        names = {**epochs.opened(self.reading).names, **wish.names}
        return begin(epochs.title, epochs.count, readers.values(), names, self.signer)[1]

    def _key(self, epochs: Epochs, epoch: int) -> TitleKey:
        try:
            return epochs.key(epoch, self.reading)
        except NotForYou as error:
            raise NoPart(where=epochs.title, epoch=epoch) from error
