"""What every anchor can do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ledger.anchors.intents import Intent, State
from ledger.checkpoint import Checkpoint

Consistency = Callable[[int, int], Sequence[bytes]]
"""Gives the consistency path between two sizes of the log, e.g. `log.consistency(a, b).path`."""


@dataclass(frozen=True, slots=True)
class AnchorStatus:
    """How far one checkpoint's anchor is; `record` (JSON) is there from the first block on.

    Before it is final, the record may still be taken back by a reorganisation of the chain.
    """

    anchor: str
    size: int
    state: State
    tx_hash: str = ""
    block_number: int = 0
    gas_used: int = 0
    record: bytes = b""


class Anchor(Protocol):
    """Somewhere a checkpoint's root is put.

    Calls may take as long as a node takes; they belong into a worker of their own. Raises
    AnchorUnavailable when the place does not answer; nothing is lost, call again later.
    """

    @property
    def name(self) -> str:
        """The stable name of chain and contract, or of the file."""
        ...

    def submit(self, checkpoint: Checkpoint, consistency: Consistency) -> AnchorStatus:
        """Anchor a checkpoint; doing it again changes nothing and returns the status."""
        ...

    def advance(self) -> list[AnchorStatus]:
        """Carry everything that is under way one step further; return what moved."""
        ...

    def status(self, checkpoint: Checkpoint) -> AnchorStatus | None:
        """Return how far a checkpoint's anchor is, None if it was never submitted."""
        ...


def status_of(intent: Intent) -> AnchorStatus:
    """Return the status that an intent's row shows."""
    last = intent.attempts[-1].hash.hex() if intent.attempts else ""
    return AnchorStatus(
        intent.anchor,
        intent.size,
        intent.state,
        f"0x{last}" if last else "",
        intent.block_number,
        intent.gas_used,
        intent.record,
    )
