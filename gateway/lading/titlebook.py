"""What the lading room asks of a title register, on a log or on a chain (`gateway.wiring`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ledger.title.link import Link
from ledger.title.machine import Move
from ledger.title.state import Kind, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a title begins: its kind, its parties' accounts, and the titles that it replaces."""

    kind: Kind
    beneficiary: str
    holder: str
    shipper: str | None = None
    consignee: str | None = None
    replaced: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Chronicle:
    """A title as its register tells it: what it is, and every move since the issue."""

    state: State
    links: Sequence[Link]


class TitleBook(Protocol):
    """One register of titles; a title's id is the checksum of its transport document (hex).

    Parties are accounts: key thumbprints on a log, addresses on a chain. Each method raises
    TransferDisputed where the register refuses, and PeerSilent where it gives no answer.
    """

    @property
    def own(self) -> str:
        """Our account, which keeps titles for those of our parties that have none."""
        ...

    def account(self, code: str) -> str | None:
        """Return the account that an identifying code of a party names here, or None."""
        ...

    def platform(self, code: str) -> str | None:
        """Return the account of another platform, None if it has none here."""
        ...

    def owner(self, account: str) -> str:
        """Return the platform whose account it is, '' for none that we know."""
        ...

    def read(self, title: str) -> Chronicle | None:
        """Return what became of a title, None for an id that was never issued."""
        ...

    def marked(self, link: Link, mark: bytes) -> bool:
        """Tell whether a move was made with this mark (32 bytes)."""
        ...

    def final(self, link: Link) -> bool:
        """Tell whether a move can no longer be undone by the register itself."""
        ...

    def issue(self, title: str, opening: Opening, mark: bytes) -> None:
        """Issue a title."""
        ...

    def perform(self, title: str, move: Move, mark: bytes, order: str = "") -> None:
        """Move a title: as our account, or on the order or mandate of the party that acts."""
        ...

    def to_sign(
        self, title: str, moves: Sequence[Move], mark: bytes, until: datetime
    ) -> Mapping[str, object]:
        """Return what a party has to sign for moves of its own, the last with the mark."""
        ...

    def place(self, title: str) -> str:
        """Return what people look the title up by."""
        ...
