"""What a title driver asks of a chain beyond what an anchor asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ledger.anchors.chain import Chain


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a contract: topics of 32 bytes, data, and where it was mined."""

    contract: str
    topics: tuple[bytes, ...]
    data: bytes
    block_number: int
    tx_hash: bytes
    tx_index: int


class TitleChain(Chain, Protocol):
    """A node that also answers views, searches events and tries a call before it is sent."""

    def view(self, to: str, data: bytes) -> bytes | None:
        """Return what a contract answers, None if the call reverts, b"" where there is none."""
        ...

    def events(self, contract: str, since: int, *topics: bytes | None) -> Sequence[Event]:
        """Return a contract's events from block `since` on, with these topics (None: any)."""
        ...

    def mined_at(self, block_number: int) -> datetime:
        """Return the time of a block."""
        ...

    def estimate(self, sender: str, to: str, data: bytes) -> int:
        """Return the gas a call would take; raises CallReverted with what the contract said."""
        ...
