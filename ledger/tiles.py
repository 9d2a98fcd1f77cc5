"""Tiles of a Merkle tree: 256 hashes each, height 8 (C2SP tlog-tiles).

A tile is immutable once full; a partial tile only ever gets longer. A partial tile is never
hashed upwards, so every hash that is stored is the root of a complete subtree.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import count
from typing import Final, Protocol, TypeVar

from ledger.errors import LogDamaged, NotInTree
from ledger.merkle import HASH_SIZE, Nodes, leaf_hash, top
from ledger.store import ENTRIES, TileKey, TileStore

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
TILE_BYTES: Final = WIDTH * HASH_SIZE

Built = TypeVar("Built")


class TileSource(Protocol):
    """Wherever tiles are read from: a store, or another operator's log."""

    def read(self, keys: Collection[TileKey]) -> dict[TileKey, bytes]:
        """Return those of the tiles that exist."""
        ...


def widths(size: int) -> list[tuple[int, int]]:
    """Return, per level from 0, the number of full tiles and the width of the partial one.

    70,000 leaves have 273 full tiles and one of 112 at level 0, 1 and 17 at level 1, 0 and 1
    at level 2; a partial width of 0 means that there is no partial tile.
    """
    found = []
    while size:
        found.append((size // WIDTH, size % WIDTH))
        size //= WIDTH
    return found


def edge(size: int) -> list[TileKey]:
    """Return the partial tiles of a tree, those that an append makes longer, entries included."""
    keys = [TileKey(level, full) for level, (full, width) in enumerate(widths(size)) if width]
    return [TileKey(ENTRIES, size // WIDTH), *keys] if size % WIDTH else keys


def grow(
    size: int, stored: Mapping[TileKey, bytes], entries: Sequence[bytes]
) -> dict[TileKey, bytes]:
    """Return the tiles that are new or longer once `entries` are appended to `size` leaves.

    `stored` are the tiles of `edge(size)`; a longer stored tile is cut to what `size` says.
    """
    grown: dict[TileKey, bytes] = {}
    _fill(grown, ENTRIES, size, stored, entries)
    hashes: Sequence[bytes] = [leaf_hash(entry) for entry in entries]
    for level in count():
        if not hashes:
            return grown
        hashes = _fill(grown, level, size, stored, hashes)
        size //= WIDTH
    return grown


def _fill(
    grown: dict[TileKey, bytes],
    level: int,
    filled: int,
    stored: Mapping[TileKey, bytes],
    hashes: Sequence[bytes],
) -> list[bytes]:
    """Write `hashes` into the tiles of one level; return the roots of full ones."""
    number, width = divmod(filled, WIDTH)
    start = _prefix(stored, TileKey(level, number), width) if width else b""
    joined = start + b"".join(hashes)
    roots = []
    for at in range(0, len(joined), TILE_BYTES):
        tile = joined[at : at + TILE_BYTES]
        grown[TileKey(level, number)] = tile
        number += 1
        if len(tile) == TILE_BYTES and level != ENTRIES:
            roots.append(top(tile))
    return roots


def _prefix(stored: Mapping[TileKey, bytes], key: TileKey, width: int) -> bytes:
    tile = stored.get(key, b"")
    if len(tile) < width * HASH_SIZE:
        raise LogDamaged(where=f"tile {key.level}/{key.number}", what="hashes are missing")
    return tile[: width * HASH_SIZE]


def node_span(level: int, number: int) -> tuple[TileKey, int, int]:
    """Return the tile that a complete node is computed from, and the byte range within it."""
    tile_level, within = divmod(level, HEIGHT)
    first = number << within
    start = first % WIDTH * HASH_SIZE
    return TileKey(tile_level, first // WIDTH), start, start + (HASH_SIZE << within)


def build(tiles: TileSource, maker: Callable[[Nodes], Built]) -> Built:
    """Run `maker` over the nodes of a stored tree, reading all tiles it needs in one call.

    `maker` is run twice: once over nodes without meaning to learn which tiles it touches, then
    over the real ones; so it must touch the same nodes whatever their value.
    """
    needed: set[TileKey] = set()

    def note(level: int, number: int) -> bytes:
        needed.add(node_span(level, number)[0])
        return bytes(HASH_SIZE)

    maker(note)
    return maker(nodes_of(tiles.read(needed)))


def nodes_of(tiles: Mapping[TileKey, bytes]) -> Nodes:
    """Return the nodes that can be computed from `tiles`; another one raises LogDamaged."""

    def get(level: int, number: int) -> bytes:
        key, start, end = node_span(level, number)
        return top(_prefix(tiles, key, end // HASH_SIZE)[start:])

    return get


def entries_between(tiles: TileStore, start: int, stop: int) -> list[bytes]:
    """Return the entries start <= index < stop, 32 bytes each; raises NotInTree beyond the end."""
    if not 0 <= start <= stop <= tiles.size():
        raise NotInTree(asked=stop, size=tiles.size())
    if start == stop:
        return []
    first, last = start // WIDTH, (stop - 1) // WIDTH
    keys = [TileKey(ENTRIES, number) for number in range(first, last + 1)]
    stored = tiles.read(keys)
    joined = b"".join(stored.get(key, b"") for key in keys)
    begin = (start - first * WIDTH) * HASH_SIZE
    wanted = joined[begin : begin + (stop - start) * HASH_SIZE]
    if len(wanted) != (stop - start) * HASH_SIZE:
        raise LogDamaged(where=f"entries {first} to {last}", what="entries are missing")
    return list(chunks(wanted))


def chunks(joined: bytes) -> Iterable[bytes]:
    """Return the 32-byte hashes that a run of bytes is made of."""
    return (joined[at : at + HASH_SIZE] for at in range(0, len(joined), HASH_SIZE))
