"""Titles on a chain, whichever contract keeps them: one Protocol, two drivers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ledger.anchors.chain import Receipt
from ledger.anchors.errors import AnchorUnavailable
from ledger.anchors.transaction import ChainSigner
from ledger.title.errors import BadAnswer, NoSuchTitle
from ledger.title.link import Link
from ledger.title.machine import Move
from ledger.title.slot import SlotRegister
from ledger.title.state import Location, State
from ledger.title.tradetrust import Status, TitleStatus, TradeTrustRegistry
from ledger.title.tradetrust_events import endorsement_chain


class ChainTitles(Protocol):
    """A contract that keeps titles under ids of 32 bytes; parties are its accounts.

    Every method raises AnchorUnavailable when the node does not answer.
    """

    @property
    def office(self) -> str:
        """The address that stands for whoever has a role."""
        ...

    def issue(
        self, account: ChainSigner, title: bytes, first: State, remark: bytes = b""
    ) -> Receipt:
        """Issue a title to the parties of `first`; raises CallReverted."""
        ...

    def perform(
        self, account: ChainSigner, title: bytes, move: Move, remark: bytes = b""
    ) -> Receipt:
        """Send a party's own move; raises CallReverted, and then nothing has happened."""
        ...

    def state(self, title: bytes) -> State:
        """Return what a title is now; raises NoSuchTitle, BadAnswer."""
        ...

    def history(self, title: bytes) -> Sequence[Link]:
        """Return every action since the issue; raises NoSuchTitle, BadAnswer."""
        ...

    def status(self, title: bytes) -> TitleStatus:
        """Return live, surrendered, ended, or unknown with the reason."""
        ...


@dataclass(frozen=True)
class TradeTrustTitles:
    """Titles in TradeTrust's contracts."""

    registry: TradeTrustRegistry

    @property
    def office(self) -> str:
        """The registry."""
        return self.registry.address

    def issue(
        self, account: ChainSigner, title: bytes, first: State, remark: bytes = b""
    ) -> Receipt:
        """Mint a token; kinds, terms and content are not the registry's to keep."""
        move = Move("issue", account.address, (first.beneficiary, first.holder))
        return self.registry.perform(account, title, move, remark)

    def perform(
        self, account: ChainSigner, title: bytes, move: Move, remark: bytes = b""
    ) -> Receipt:
        """Send a party's own move."""
        return self.registry.perform(account, title, move, remark)

    def state(self, title: bytes) -> State:
        """Return what the escrow says."""
        return self.registry.state(title)

    def history(self, title: bytes) -> Sequence[Link]:
        """Return what the escrow's events tell."""
        return endorsement_chain(self.registry, title)

    def status(self, title: bytes) -> TitleStatus:
        """Return where the token lies."""
        return self.registry.status(title)


@dataclass(frozen=True)
class SlotTitles:
    """Titles in our contract."""

    register: SlotRegister

    @property
    def office(self) -> str:
        """The contract."""
        return self.register.address

    def issue(
        self, account: ChainSigner, title: bytes, first: State, remark: bytes = b""
    ) -> Receipt:
        """Issue a title with its kind, its terms and the digest of its document."""
        return self.register.issue(account, title, first, remark)

    def perform(
        self, account: ChainSigner, title: bytes, move: Move, remark: bytes = b""
    ) -> Receipt:
        """Send a party's own move from the present head."""
        return self.register.perform(account, title, move, remark)

    def state(self, title: bytes) -> State:
        """Return the state that the events lead to and the slot confirms."""
        return self.register.head(title).state

    def history(self, title: bytes) -> Sequence[Link]:
        """Return what the events tell, confirmed by the slot."""
        return self.register.history(title)

    def status(self, title: bytes) -> TitleStatus:
        """Return what the state means."""
        try:
            state = self.state(title)
        except (NoSuchTitle, BadAnswer, AnchorUnavailable) as error:
            return TitleStatus(status=Status.UNKNOWN, reason=error.message.en)
        return TitleStatus(
            status=_STATUS[state.location],
            registry=self.office,
            beneficiary=state.beneficiary,
            holder=state.holder,
            nominee=state.nominee,
            paused=state.paused,
        )


_STATUS = {
    Location.ESCROW: Status.LIVE,
    Location.ISSUER: Status.SURRENDERED,
    Location.ENDED: Status.ENDED,
}
