"""Where a log keeps its tiles: the contract a store fulfils, and a store in memory.

A `TileStore` speaks for ONE log inside ONE transaction that somebody else began and will commit:
the folder log, a test, or the gateway's pipeline, which commits the state of its exchanges and
the append together. A store neither begins nor commits. Every call is a batch.

Stored tiles (C2SP tlog-tiles, height 8): the tile `(level, number)` holds up to 256 hashes of 32
bytes, as many as there are; a longer one replaces a shorter one, its beginning never changes.
Level 0 is leaf hashes; a hash at level l + 1 is the root of a full tile at level l. Level
`ENTRIES` (-1) holds the entries themselves, digests of 32 bytes, 256 to a tile.

`tests/ledger/tilestore_contract.py` has the tests that every implementation passes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from ledger.errors import LogMoved

ENTRIES: Final = -1
"""The level of the tiles that hold entries instead of hashes."""


class TileKey(NamedTuple):
    """Place of a tile: level (-1 entries, 0 leaf hashes, 1 upwards) and number from the left."""

    level: int
    number: int


@dataclass(frozen=True, slots=True)
class Growth:
    """One append, to be written whole or not at all.

    `tiles` are new or longer tiles of all levels, entries included; `entries` are the digests
    appended, the first at index `old_size`, for the look-up by digest.
    """

    old_size: int
    new_size: int
    tiles: Mapping[TileKey, bytes]
    entries: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Published:
    """A signed checkpoint of the log: tree size, root hash (32 bytes), signed note."""

    size: int
    root: bytes
    note: bytes


class TileStore(Protocol):
    """One log inside one transaction of the caller."""

    def size(self, *, for_update: bool = False) -> int:
        """Return the number of leaves, 0 for a new log.

        With `for_update` the head stays locked until the transaction ends, so that appends to
        one log follow each other (PostgreSQL: SELECT ... FOR UPDATE; SQLite: BEGIN IMMEDIATE).
        """
        ...

    def read(self, keys: Collection[TileKey]) -> dict[TileKey, bytes]:
        """Return those of the tiles that exist; a tile is a multiple of 32 bytes, at most 8,192."""
        ...

    def extend(self, growth: Growth) -> None:
        """Write tiles, digest index and size.

        Raises LogMoved, having written nothing, if the size is not `growth.old_size`.
        """
        ...

    def find(self, digests: Collection[bytes]) -> dict[bytes, int]:
        """Return the index of each digest that was appended; of several, the lowest."""
        ...

    def publish(self, checkpoint: Published) -> None:
        """Keep a signed checkpoint; one of the same size replaces it (it gained cosignatures)."""
        ...

    def published(self, *, at_least: int | None = None) -> Published | None:
        """Return the largest checkpoint, or the smallest that has `at_least` leaves, if any."""
        ...


@dataclass(slots=True)
class MemoryTiles:
    """A store in memory, without transactions: for tests and short-lived trees."""

    leaves: int = 0
    tiles: dict[TileKey, bytes] = field(default_factory=dict)
    index: dict[bytes, int] = field(default_factory=dict)
    checkpoints: dict[int, Published] = field(default_factory=dict)

    def size(self, *, for_update: bool = False) -> int:  # noqa: ARG002 - nobody else writes here
        """Return the number of leaves."""
        return self.leaves

    def read(self, keys: Collection[TileKey]) -> dict[TileKey, bytes]:
        """Return those of the tiles that exist."""
        return {key: self.tiles[key] for key in keys if key in self.tiles}

    def extend(self, growth: Growth) -> None:
        """Write tiles, digest index and size."""
        if growth.old_size != self.leaves:
            raise LogMoved(found=self.leaves, expected=growth.old_size)
        self.tiles.update(growth.tiles)
        for position, digest in enumerate(growth.entries, growth.old_size):
            self.index.setdefault(digest, position)
        self.leaves = growth.new_size

    def find(self, digests: Collection[bytes]) -> dict[bytes, int]:
        """Return the lowest index of each digest that was appended."""
        return {digest: self.index[digest] for digest in digests if digest in self.index}

    def publish(self, checkpoint: Published) -> None:
        """Keep a signed checkpoint under its size."""
        self.checkpoints[checkpoint.size] = checkpoint

    def published(self, *, at_least: int | None = None) -> Published | None:
        """Return the largest checkpoint, or the smallest that has `at_least` leaves, if any."""
        sizes = sorted(self.checkpoints)
        at = len(sizes) - 1 if at_least is None else bisect_left(sizes, at_least)
        return self.checkpoints[sizes[at]] if 0 <= at < len(sizes) else None
