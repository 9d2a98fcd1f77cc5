"""An anchor for operators without a chain: an append-only file that somebody else keeps.

Put it where the operator cannot rewrite it: write-once storage, a repository with protected
history, a newspaper. Each line carries the hash of the line before:

    LINE TIME ORIGIN SIZE ROOT SHA-256-OF-PREVIOUS-LINE
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from ledger.anchors.base import AnchorStatus, Consistency
from ledger.anchors.errors import AnchorRefused
from ledger.anchors.intents import State
from ledger.anchors.record import FileRecord
from ledger.checkpoint import Checkpoint
from ledger.errors import SplitView
from ledger.merkle import verify_consistency
from schemas.clock import Clock, iso, utc_now


@dataclass(frozen=True)
class FileAnchor:
    """Appends checkpoints to a file, each line synced to the disk before it counts."""

    path: Path
    clock: Clock = field(default=utc_now)

    @property
    def name(self) -> str:
        """The stable name of this anchor."""
        return f"file:{self.path.name}"

    def submit(self, checkpoint: Checkpoint, consistency: Consistency) -> AnchorStatus:
        """Append a line; raises SplitView if the checkpoint does not extend the last one."""
        with self.path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            records = read_lines(file.read(), self.path.name)
            last = _last(records, checkpoint.origin)
            if last is not None and last.size >= checkpoint.size:
                return self._known(records, checkpoint)
            if last is not None:
                _must_extend(last, checkpoint, consistency)
            record = self._next(records, checkpoint)
            file.write(f"{record.text()}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        return self._status(record)

    def advance(self) -> list[AnchorStatus]:
        """Do nothing: a line is final once it is written."""
        return []

    def status(self, checkpoint: Checkpoint) -> AnchorStatus | None:
        """Return the line of a checkpoint, None if there is none."""
        data = self.path.read_bytes() if self.path.exists() else b""
        for record in read_lines(data, self.path.name):
            if (record.origin, record.size) == (checkpoint.origin, checkpoint.size):
                return self._status(record)
        return None

    def _known(self, records: list[FileRecord], checkpoint: Checkpoint) -> AnchorStatus:
        """Return the status of a line that is there, or of the later one that covers it."""
        for record in records:
            if (record.origin, record.size) == (checkpoint.origin, checkpoint.size):
                if record.root != checkpoint.root:
                    raise SplitView(old=record.size, new=checkpoint.size)
                return self._status(record)
        return AnchorStatus(self.name, checkpoint.size, State.SUPERSEDED)

    def _next(self, records: list[FileRecord], checkpoint: Checkpoint) -> FileRecord:
        previous = sha256(records[-1].text().encode()).digest() if records else bytes(32)
        return FileRecord(
            origin=checkpoint.origin,
            size=checkpoint.size,
            root=checkpoint.root,
            file=self.path.name,
            line=len(records) + 1,
            time=iso(self.clock()),
            previous=previous,
        )

    def _status(self, record: FileRecord) -> AnchorStatus:
        return AnchorStatus(
            self.name, record.size, State.FINAL, block_number=record.line, record=bytes(record)
        )


def read_lines(data: bytes, name: str) -> list[FileRecord]:
    """Read an anchor file and check its chain of hashes; raises AnchorRefused at a broken line."""
    records: list[FileRecord] = []
    previous = bytes(32)
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n")[:-1], 1):
        words = line.split(" ")
        try:
            _, time, origin, size, root, before = words
            record = FileRecord(
                origin=origin,
                size=int(size),
                root=bytes.fromhex(root),
                file=name,
                line=number,
                time=time,
                previous=bytes.fromhex(before),
            )
        except ValueError:
            raise AnchorRefused(reason=f"line {number} of {name} is malformed") from None
        if record.text() != line or record.previous != previous:
            raise AnchorRefused(reason=f"line {number} of {name} does not follow the one before")
        records.append(record)
        previous = sha256(line.encode()).digest()
    return records


def _last(records: list[FileRecord], origin: str) -> FileRecord | None:
    return next((record for record in reversed(records) if record.origin == origin), None)


def _must_extend(last: FileRecord, checkpoint: Checkpoint, consistency: Consistency) -> None:
    path = consistency(last.size, checkpoint.size)
    if not verify_consistency(last.size, checkpoint.size, last.root, checkpoint.root, path):
        raise SplitView(old=last.size, new=checkpoint.size)
