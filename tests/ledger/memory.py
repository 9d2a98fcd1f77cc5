"""Stores in memory: what the database keeps of anchors and of witnessed logs, for one test."""

from __future__ import annotations

from ledger.anchors.intents import Intent
from ledger.witness import NOTHING_SEEN, Seen


class MemoryIntents:
    """An intent store (`ledger.anchors.intents.IntentStore`)."""

    def __init__(self) -> None:
        """Start without intents."""
        self._rows: dict[tuple[str, int, str], Intent] = {}

    def save(self, intent: Intent) -> None:
        """Insert or replace."""
        self._rows[intent.origin, intent.size, intent.anchor] = intent

    def find(self, origin: str, size: int, anchor: str) -> Intent | None:
        """Return one intent."""
        return self._rows.get((origin, size, anchor))

    def unsettled(self, anchor: str) -> list[Intent]:
        """Return the intents of an anchor that are not settled, by nonce."""
        rows = (i for i in self._rows.values() if i.anchor == anchor and not i.state.settled)
        return sorted(rows, key=lambda intent: intent.nonce)

    def all(self, origin: str) -> list[Intent]:
        """Return the intents of a log, by size."""
        rows = (intent for intent in self._rows.values() if intent.origin == origin)
        return sorted(rows, key=lambda intent: intent.size)


class MemoryWitness:
    """A witness store (`ledger.witness.WitnessStore`)."""

    def __init__(self) -> None:
        """Start without having seen any log."""
        self._seen: dict[str, Seen] = {}

    def seen(self, origin: str) -> Seen:
        """Return the last tree of the log."""
        return self._seen.get(origin, NOTHING_SEEN)

    def advance(self, origin: str, old: Seen, new: Seen) -> bool:
        """Replace `old` by `new` unless somebody was faster."""
        if self.seen(origin) != old:
            return False
        self._seen[origin] = new
        return True
