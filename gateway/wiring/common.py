"""The log as the two-side proof needs it: the gateway's secret, its roots, and cosigned places."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.store.database import Transaction
from gateway.wiring.log.logbook import Logbook
from ledger.log import Log
from ledger.note import Note
from ledger.store import Published
from ledger.twoside import Side
from ledger.vkey import VerifierKey
from schemas.errors import LedgerError

_LABEL: Final = b"silkgate two-side secret v1"


@dataclass(frozen=True, slots=True)
class CommonRoots:
    """Roots of common fields in this gateway's log."""

    logbook: Logbook
    key_secret: bytes
    witnesses: tuple[VerifierKey, ...]

    def secret(self) -> bytes:
        """Return the secret (32 bytes) that salt keys of clearances are derived from."""
        return hmac.digest(self.key_secret, _LABEL, "sha256")

    def append(self, tx: Transaction, digests: Sequence[bytes]) -> Sequence[int]:
        """Append roots to the log in the transaction and return their indices."""
        return self.logbook.append(tx, digests).indices

    def part(self, root: bytes) -> Side | None:
        """Return where a root stands under a cosigned checkpoint; None while there is none."""
        try:
            with self.logbook.finding(root) as (log, index):
                return self._cosigned(log, index)
        except LedgerError:
            return None

    def _cosigned(self, log: Log, index: int) -> Side | None:
        for known in covering(log, index):
            note = Note.parse(known.note)
            if any(line.by(key) for line in note.signatures for key in self.witnesses):
                path = log.prove(index, known.size).path
                return Side(log.origin, known.size, index, path, note.signatures)
        return None


def covering(log: Log, index: int) -> Iterator[Published]:
    """Yield the published checkpoints that cover a leaf, smallest first."""
    wanted = index + 1
    while (known := log.tiles.published(at_least=wanted)) is not None:
        yield known
        wanted = known.size + 1
