"""Private remarks of a title on a chain: its contract keeps no epochs, its parties hold a file.

Epochs are signed by party keys; their signers' cards name the accounts that have part in the
title. Their title is a name made of chain, contract and token, so that nothing sealed for one
title is opened under another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from ledger.title.epochs import Epochs
from ledger.title.epochsfile import EpochsFile
from ledger.title.errors import Guard, MoveRefused
from ledger.title.link import Link
from ledger.title.pkh import ChainAccount
from ledger.title.privacy import Epoch, read_epoch
from ledger.title.readers import ReadingKey


@dataclass(frozen=True, slots=True)
class ChainPrivate:
    """One title on a chain, every action on it, and the file that its parties hold."""

    chain_id: int
    contract: str
    token: bytes
    links: Sequence[Link]
    file: EpochsFile

    @property
    def name(self) -> str:
        """What epochs call the title."""
        place = f"{self.contract.lower()}/{self.token.hex()}"
        return f"eip155:{self.chain_id}:{sha256(place.encode()).hexdigest()}"

    @property
    def last(self) -> int:
        """The number of the last action."""
        return len(self.links) - 1

    def epochs(self) -> Epochs:
        """Return the epochs by who owned or possessed it at the time; raises EntryRefused."""
        return Epochs.read(self.name, self.file.epochs, self._may)

    def shared(self, signed: str) -> EpochsFile:
        """Return the file with one more epoch, of who owns or possesses it now.

        Raises MoveRefused for anybody else, EntryRefused.
        """
        epoch = read_epoch(signed)
        if epoch.after != self.last or not self._may(epoch):
            raise MoveRefused(Guard.NO_ROLE, action="share", where=f"0x{self.token.hex()}")
        self.epochs().followed(epoch)
        return replace(self.file, epochs=(*self.file.epochs, signed))

    def sealed(self, key: ReadingKey, address: str, remark: str, actor: str = "") -> bytes:
        """Return a remark of an account sealed for the readers of the newest epoch.

        `actor` is who acts by the chain's history, where that is not the account. Raises NoEpoch,
        RemarkTooLong, and NoPart where the key is not that of the account's party.
        """
        account = ChainAccount(self.chain_id, address)
        return self.epochs().sealing(key, account).seal_remark(remark, actor or address)

    def history(self) -> list[Link]:
        """Return every action, with the remark from the file where the chain has its digest."""
        known = {sha256(each).digest(): each for each in self.file.remarks}
        return [replace(link, remark=known.get(link.remark, link.remark)) for link in self.links]

    def _may(self, epoch: Epoch) -> bool:
        """Tell whether an epoch's signer acts with an account that had a part in the title then."""
        if epoch.after > self.last:
            return False
        card, state = epoch.cards.get(epoch.signer), self.links[epoch.after].state
        accounts = {
            ChainAccount(self.chain_id, each) for each in (state.beneficiary, state.holder) if each
        }
        return card is not None and card.account in accounts
