"""Sealing the log: a signed checkpoint, the partners' cosignatures, the anchor.

One round does what is due and no more: nothing when the log has not grown. Signing and
publishing are one transaction. A witness or anchor that does not answer holds nothing up: it is
asked again in the next round, for the newest checkpoint, which covers all before it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.store.database import Store, Transaction
from gateway.store.tiles import StoredTiles
from ledger.errors import WitnessRefused
from ledger.log import Log
from ledger.note import Note, NoteSigner, NoteVerifier, Signature
from ledger.store import Published
from ledger.witness import AddCheckpoint, Answer, read_answer
from schemas.clock import Clock, utc_now

_LOG = logging.getLogger(__name__)


class Witness(Protocol):
    """A partner who cosigns our checkpoints (C2SP tlog-witness)."""

    @property
    def verifier(self) -> NoteVerifier:
        """Checks its cosignatures."""
        ...

    def add_checkpoint(self, request: bytes) -> Answer:
        """Ask it; raises OSError or a SilkgateError when it cannot be reached."""
        ...


class Anchorer(Protocol):
    """Takes checkpoints to where they are anchored, and remembers by itself what is under way."""

    def anchor(self, checkpoint: Published) -> None:
        """Anchor a checkpoint unless it is, or a later one; returns when the intent is durable."""
        ...


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did: the newest checkpoint, whether it is new, who cosigned, what failed."""

    checkpoint: Published | None
    sealed: bool = False
    cosigned: tuple[str, ...] = ()
    anchored: bool = False
    problems: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Sealer:
    """Keeps one log sealed; `seen` is what each witness has, as far as it told us."""

    store: Store
    origin: str
    signer: NoteSigner
    witnesses: Sequence[Witness] = ()
    anchorer: Anchorer | None = None
    clock: Clock = utc_now
    seen: dict[str, int] = field(default_factory=dict)

    def round(self) -> Round:
        """Seal what is new, then ask the witnesses and the anchor for what they still lack."""
        before, newest = self._seal()
        if newest is None:
            return Round(None)
        problems: list[str] = []
        cosigned = tuple(
            w.verifier.key.name for w in self.witnesses if self._asked(w, newest, problems)
        )
        anchored = self._anchored(problems)
        return Round(newest, before != newest.size, cosigned, anchored, tuple(problems))

    def log(self, tx: Transaction) -> Log:
        """Return the log in a transaction."""
        return Log(StoredTiles(tx, self.origin, clock=self.clock), self.signer, self.origin)

    def _seal(self) -> tuple[int, Published | None]:
        with self.store.read() as tx:
            log = self.log(tx)
            last, size = log.tiles.published(), log.size
        before = 0 if last is None else last.size
        if size == before:
            return before, last
        with self.store.begin() as tx:
            log = self.log(tx)
            log.checkpoint()
            return before, log.tiles.published()

    def _asked(self, witness: Witness, newest: Published, problems: list[str]) -> bool:
        """Have a checkpoint cosigned unless it is; tells whether it was done now."""
        note = Note.parse(newest.note)
        if any(line.by(witness.verifier.key) for line in note.signatures):
            return False
        try:
            lines = self._cosigned(witness, newest, note)
        except Exception as error:  # noqa: BLE001 - the log goes on without the witness
            problems.append(f"{witness.verifier.key.name}: {error}")
            _LOG.warning("no cosignature of %s: %s", witness.verifier.key.name, error)
            return False
        with self.store.begin() as tx:
            self.log(tx).add_cosignatures(newest.size, lines)
        self.seen[witness.verifier.key.name] = newest.size
        return True

    def _cosigned(self, witness: Witness, newest: Published, note: Note) -> Sequence[Signature]:
        name = witness.verifier.key.name
        try:
            return self._ask(witness, newest, note, self.seen.get(name, 0))
        except WitnessRefused as refused:
            has = str(refused.details.get("size", ""))
            if not has.isdigit() or int(has) > newest.size:
                raise
            return self._ask(witness, newest, note, int(has))

    def _ask(
        self, witness: Witness, newest: Published, note: Note, old: int
    ) -> Sequence[Signature]:
        with self.store.read() as tx:
            path = self.log(tx).consistency(old, newest.size).path if old else ()
        answer = witness.add_checkpoint(bytes(AddCheckpoint(old, path, newest.note)))
        return read_answer(answer, note.text, witness.verifier)

    def _anchored(self, problems: list[str]) -> bool:
        if self.anchorer is None:
            return False
        with self.store.read() as tx:
            newest = self.log(tx).tiles.published()
        if newest is None:
            return False
        try:
            self.anchorer.anchor(newest)
        except Exception as error:  # noqa: BLE001 - the log goes on without the anchor
            problems.append(f"anchor: {error}")
            _LOG.warning("size %d is not anchored: %s", newest.size, error)
            return False
        return True


class Rounds(Protocol):
    """What has rounds: the sealer of one log, or of several."""

    def round(self) -> Round:
        """Do what is due."""
        ...


class SealerThread:
    """Runs a round every `interval` seconds until it is stopped."""

    def __init__(self, sealer: Rounds, interval: float) -> None:
        """Run the rounds of `sealer`."""
        self._sealer = sealer
        self._interval = interval
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="log-sealer", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout: float | None = None) -> None:
        """Finish the round under way and end the thread."""
        self._stopping.set()
        self._thread.join(timeout)

    def _loop(self) -> None:
        while not self._stopping.wait(self._interval):
            try:
                self._sealer.round()
            except Exception:  # noqa: BLE001 - the store may be back in the next round
                _LOG.exception("the log could not be sealed")
