"""The endorsement chain: each action on a title, and what the title was after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ledger.title.machine import Move
from ledger.title.state import State
from schemas.clock import iso


@dataclass(frozen=True, slots=True)
class Link:
    """One action: who did what, the state after it, the remark, when, and where it is recorded.

    `reference` is a transaction hash, or the digest of a signed entry, in hex.
    """

    move: Move
    state: State
    remark: bytes
    time: datetime
    reference: str

    def as_dict(self) -> dict[str, object]:
        """Return it as plain JSON values."""
        return {
            "action": self.move.action,
            "actor": self.move.actor,
            "args": list(self.move.args),
            "state": self.state.as_dict(),
            "remark": self.remark.hex(),
            "time": iso(self.time),
            "reference": self.reference,
        }


def remark_text(remark: bytes) -> str:
    """Return a remark as people read it: as text, in hex where it is none."""
    text = remark.decode("utf-8", "replace")
    return text if text.isprintable() and "\ufffd" not in text else remark.hex()
