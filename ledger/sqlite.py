"""A tile store on a SQLite connection of the standard library."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from ledger import digestindex
from ledger.digestindex import KINDS
from ledger.errors import LogMoved
from ledger.store import Growth, Published, TileKey

_TABLES: Final = """
CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL) STRICT;
CREATE TABLE tile (
    level INTEGER NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (level, number)
) STRICT;
CREATE TABLE bucket (place INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE checkpoint (
    size INTEGER PRIMARY KEY, root BLOB NOT NULL, note BLOB NOT NULL
) STRICT;
INSERT INTO head VALUES (1, 0);
"""
_WRITE_TILE: Final = (
    "INSERT INTO tile VALUES (?, ?, ?)"
    " ON CONFLICT (level, number) DO UPDATE SET data = excluded.data"
)
_RUNS: Final = 2**32


class SqliteTiles:
    """One log on one connection; the caller begins and commits."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Speak for the log in `db`."""
        self._db = db

    def create(self) -> None:
        """Create the tables of a new log."""
        self._db.executescript(_TABLES)

    def size(self, *, for_update: bool = False) -> int:  # noqa: ARG002 - BEGIN IMMEDIATE locked it
        """Return the number of leaves."""
        return int(self._db.execute("SELECT size FROM head").fetchone()[0])

    def read(self, keys: Collection[TileKey]) -> dict[TileKey, bytes]:
        """Return those of the tiles that exist."""
        found = {}
        for key in keys:
            row = self._db.execute(
                "SELECT data FROM tile WHERE level = ? AND number = ?", key
            ).fetchone()
            if row is not None:
                found[key] = row[0]
        return found

    def extend(self, growth: Growth) -> None:
        """Write tiles, digest index and size; raises LogMoved."""
        moved = self._db.execute(
            "UPDATE head SET size = ? WHERE size = ?", (growth.new_size, growth.old_size)
        )
        if moved.rowcount != 1:
            raise LogMoved(found=self.size(), expected=growth.old_size)
        self._db.executemany(_WRITE_TILE, ((*key, data) for key, data in growth.tiles.items()))
        digestindex.index(self, growth.old_size, growth.new_size)

    def find(self, digests: Collection[bytes]) -> dict[bytes, int]:
        """Return the lowest index of each digest that was appended."""
        return digestindex.find(self, digests)

    def publish(self, checkpoint: Published) -> None:
        """Keep a signed checkpoint under its size."""
        self._db.execute(
            "INSERT OR REPLACE INTO checkpoint VALUES (?, ?, ?)",
            (checkpoint.size, checkpoint.root, checkpoint.note),
        )

    def published(self, *, at_least: int | None = None) -> Published | None:
        """Return the largest checkpoint, or the smallest that has `at_least` leaves, if any."""
        if at_least is None:
            rows = self._db.execute("SELECT * FROM checkpoint ORDER BY size DESC LIMIT 1")
        else:
            rows = self._db.execute(
                "SELECT * FROM checkpoint WHERE size >= ? ORDER BY size LIMIT 1", (at_least,)
            )
        row = rows.fetchone()
        return None if row is None else Published(*row)

    def buckets(self, kind: int, bucket: int, since: int) -> Iterable[tuple[int, bytes]]:
        """Return the bucket of each run from run `since` on, with the run's number."""
        first = _place(kind, bucket, 0)
        rows = self._db.execute(
            "SELECT place - ?, data FROM bucket WHERE place BETWEEN ? AND ? ORDER BY place",
            (first, first + since, first + _RUNS - 1),
        )
        return rows.fetchall()

    def put_run(self, kind: int, run: int, buckets: Sequence[bytes]) -> None:
        """Write the buckets of a run."""
        rows = [(_place(kind, bucket, run), data) for bucket, data in enumerate(buckets)]
        self._db.executemany("INSERT INTO bucket VALUES (?, ?)", rows)

    def drop_runs(self, kind: int, before: int) -> None:
        """Forget the runs of a kind with lower numbers."""
        spans = [_place(kind, bucket, 0) for bucket in range(1 << KINDS[kind].bits)]
        self._db.executemany(
            "DELETE FROM bucket WHERE place BETWEEN ? AND ?",
            [(first, first + before - 1) for first in spans],
        )


def _place(kind: int, bucket: int, run: int) -> int:
    """Return the key of a bucket: all runs of one bucket stand together."""
    return (kind << 48) + (bucket << 32) + run
