"""Intents: what an anchor means to do, stored before it is done.

A row lives through   planned -> sent -> mined -> final,
or ends as            failed (the contract refused), superseded (another anchor covers it).

`planned` holds the nonce; a signed raw transaction is stored with its hash before it is sent,
so that after a crash the same bytes go out again and nothing is anchored twice. A reorganised
block takes `mined` back to `sent`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Protocol


class State(StrEnum):
    """Where an intent stands."""

    PLANNED = "planned"
    SENT = "sent"
    MINED = "mined"
    FINAL = "final"
    FAILED = "failed"
    SUPERSEDED = "superseded"

    @property
    def settled(self) -> bool:
        """Tell whether nothing more will happen to it."""
        return self in (State.FINAL, State.FAILED, State.SUPERSEDED)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One signed raw transaction: its hash, fees (wei per gas), and when it was signed (Unix)."""

    hash: bytes
    raw: bytes
    max_fee: int
    tip: int
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One checkpoint on its way to one anchor; (origin, size, anchor) is its key.

    `base` is the anchored size that its consistency proof starts from. `record` is the anchor
    record (JSON) once there is one.
    """

    origin: str
    size: int
    anchor: str
    root: bytes
    base: int = 0
    proof: tuple[bytes, ...] = ()
    nonce: int = 0
    state: State = State.PLANNED
    attempts: tuple[Attempt, ...] = ()
    block_number: int = 0
    gas_used: int = 0
    record: bytes = b""

    def moved(self, state: State, **changes: Any) -> Intent:  # noqa: ANN401 - fields of any type
        """Return the intent in another state."""
        return replace(self, state=state, **changes)

    def body(self) -> dict[str, Any]:
        """Return everything but key and state as plain JSON values, for a row of a database."""
        return {
            "root": self.root.hex(),
            "base": self.base,
            "proof": [node.hex() for node in self.proof],
            "nonce": self.nonce,
            "attempts": [
                [a.hash.hex(), a.raw.hex(), str(a.max_fee), str(a.tip), a.at] for a in self.attempts
            ],
            "block_number": self.block_number,
            "gas_used": self.gas_used,
            "record": self.record.decode(),
        }

    @classmethod
    def from_row(cls, origin: str, size: int, anchor: str, state: str, body: Any) -> Intent:  # noqa: ANN401 - JSON
        """Return the intent of a row of a database."""
        return cls(
            origin=origin,
            size=size,
            anchor=anchor,
            state=State(state),
            root=bytes.fromhex(body["root"]),
            base=body["base"],
            proof=tuple(map(bytes.fromhex, body["proof"])),
            nonce=body["nonce"],
            attempts=tuple(
                Attempt(bytes.fromhex(tx_hash), bytes.fromhex(raw), int(max_fee), int(tip), at)
                for tx_hash, raw, max_fee, tip, at in body["attempts"]
            ),
            block_number=body["block_number"],
            gas_used=body["gas_used"],
            record=body["record"].encode(),
        )


class IntentStore(Protocol):
    """Keeps intents; what `save` was given is durable when it returns."""

    def save(self, intent: Intent) -> None:
        """Insert the intent, or replace the one of the same origin, size and anchor."""
        ...

    def find(self, origin: str, size: int, anchor: str) -> Intent | None:
        """Return one intent."""
        ...

    def unsettled(self, anchor: str) -> list[Intent]:
        """Return the intents of an anchor that are not settled, by nonce."""
        ...

    def all(self, origin: str) -> list[Intent]:
        """Return the intents of a log, by size."""
        ...
