"""A tile store on a SQLite connection of the standard library.

The digest index keeps the first 8 bytes of a digest beside its index, a third of the room that
whole digests would take; a hit is confirmed against the entry itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from typing import Final

from ledger.errors import LogMoved
from ledger.merkle import HASH_SIZE
from ledger.store import ENTRIES, Growth, Published, TileKey
from ledger.tiles import WIDTH

_TABLES: Final = """
CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL) STRICT;
CREATE TABLE tile (
    level INTEGER NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (level, number)
) STRICT;
CREATE TABLE leaf (
    prefix INTEGER NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (prefix, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoint (
    size INTEGER PRIMARY KEY, root BLOB NOT NULL, note BLOB NOT NULL
) STRICT;
INSERT INTO head VALUES (1, 0);
"""
_WRITE_TILE: Final = (
    "INSERT INTO tile VALUES (?, ?, ?)"
    " ON CONFLICT (level, number) DO UPDATE SET data = excluded.data"
)
_PREFIX_BYTES: Final = 8


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
        rows = [(_prefix(d), n) for n, d in enumerate(growth.entries, growth.old_size)]
        # In order of the index: neighbours land on the same page.
        self._db.executemany("INSERT INTO leaf VALUES (?, ?)", sorted(rows))

    def find(self, digests: Collection[bytes]) -> dict[bytes, int]:
        """Return the lowest index of each digest that was appended."""
        found = {}
        for digest in digests:
            rows = self._db.execute(
                "SELECT number FROM leaf WHERE prefix = ? ORDER BY number", (_prefix(digest),)
            )
            index = self._confirm(digest, [row[0] for row in rows])
            if index is not None:
                found[digest] = index
        return found

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

    def _confirm(self, digest: bytes, candidates: Sequence[int]) -> int | None:
        for index in candidates:
            number, within = divmod(index, WIDTH)
            tile = self.read([TileKey(ENTRIES, number)]).get(TileKey(ENTRIES, number), b"")
            if tile[within * HASH_SIZE : (within + 1) * HASH_SIZE] == digest:
                return index
        return None


def _prefix(digest: bytes) -> int:
    return int.from_bytes(digest[:_PREFIX_BYTES], "big", signed=True)
