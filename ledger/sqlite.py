"""A tile store on a SQLite connection of the standard library.

The index by digest is made for appending. Digests of the last, incomplete block of 65,536
entries are found by reading its entries. A complete block is indexed once: its digests are
dealt out by their first byte into 256 buckets, one row each, 9 bytes for a digest (7 bytes of
it, 2 for its place in the block). A look-up reads one bucket of all blocks, 350 kB at 10 million
leaves, and confirms each hit against the entry itself. Rows of single digests would dirty one
page of the file per leaf.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from ledger.errors import LogMoved
from ledger.merkle import HASH_SIZE
from ledger.store import ENTRIES, Growth, Published, TileKey
from ledger.tiles import WIDTH, chunks

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
_BLOCK: Final = 65_536
_BLOCK_TILES: Final = _BLOCK // WIDTH
_KEPT: Final = slice(1, 8)
_RECORD: Final = 9
_BUCKET_SPAN: Final = 2**32
_MANY: Final = 64


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
        for block in range(growth.old_size // _BLOCK, growth.new_size // _BLOCK):
            self._index(block)

    def find(self, digests: Collection[bytes]) -> dict[bytes, int]:
        """Return the lowest index of each digest that was appended."""
        by_bucket: dict[int, list[bytes]] = defaultdict(list)
        for digest in digests:
            by_bucket[digest[0]].append(digest)
        found: dict[bytes, int] = {}
        for first, wanted in by_bucket.items():
            found.update(self._indexed(first, wanted))
        rest = [digest for digest in digests if digest not in found]
        if rest:
            found.update(self._in_last_block(rest))
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

    def _index(self, block: int) -> None:
        """Write the buckets of a block that has become complete."""
        buckets = [bytearray() for _ in range(256)]
        for place, digest in enumerate(chunks(self._entries(block))):
            buckets[digest[0]] += digest[_KEPT] + place.to_bytes(2, "big")
        rows = [(first * _BUCKET_SPAN + block, data) for first, data in enumerate(buckets)]
        self._db.executemany("INSERT INTO bucket VALUES (?, ?)", rows)

    def _indexed(self, first: int, wanted: Collection[bytes]) -> dict[bytes, int]:
        """Look up digests with the same first byte in the buckets of the complete blocks."""
        rows = self._db.execute(
            "SELECT place, data FROM bucket WHERE place BETWEEN ? AND ? ORDER BY place",
            (first * _BUCKET_SPAN, (first + 1) * _BUCKET_SPAN - 1),
        )
        found: dict[bytes, int] = {}
        left = set(wanted)
        for place, data in rows:
            block = place % _BUCKET_SPAN
            for digest in left:
                index = self._confirmed(block, _hits(data, digest[_KEPT]), digest)
                if index is not None:
                    found[digest] = index
            left -= found.keys()
            if not left:
                break
        return found

    def _confirmed(self, block: int, places: Iterable[int], digest: bytes) -> int | None:
        """Return the index of the first of the places whose entry is the digest itself."""
        for place in places:
            index = block * _BLOCK + place
            key = TileKey(ENTRIES, index // WIDTH)
            start = index % WIDTH * HASH_SIZE
            if self.read([key]).get(key, b"")[start : start + HASH_SIZE] == digest:
                return index
        return None

    def _in_last_block(self, wanted: Collection[bytes]) -> dict[bytes, int]:
        """Look up digests among the entries of the block that is not complete."""
        block = self.size() // _BLOCK
        entries = self._entries(block)
        if len(wanted) >= _MANY:
            places = {entry: n for n, entry in reversed(list(enumerate(chunks(entries))))}
            return {each: block * _BLOCK + places[each] for each in wanted if each in places}
        hits = ((digest, next(_aligned(entries, digest, HASH_SIZE), None)) for digest in wanted)
        return {digest: block * _BLOCK + at for digest, at in hits if at is not None}

    def _entries(self, block: int) -> bytes:
        """Return the entries of a block, joined, as far as it goes."""
        first = block * _BLOCK_TILES
        rows = self._db.execute(
            "SELECT data FROM tile WHERE level = ? AND number BETWEEN ? AND ? ORDER BY number",
            (ENTRIES, first, first + _BLOCK_TILES - 1),
        )
        return b"".join(row[0] for row in rows)


def _hits(bucket: bytes, kept: bytes) -> Iterator[int]:
    """Yield the places in the block of the records that begin with `kept`, in order."""
    for at in _aligned(bucket, kept, _RECORD):
        start = at * _RECORD
        yield int.from_bytes(bucket[start + len(kept) : start + _RECORD], "big")


def _aligned(data: bytes, wanted: bytes, width: int) -> Iterator[int]:
    """Yield the numbers of the records of `width` bytes that begin with `wanted`."""
    at = data.find(wanted)
    while at >= 0:
        if at % width == 0:
            yield at // width
        at = data.find(wanted, at + 1)
