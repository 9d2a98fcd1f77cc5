"""What every tile store promises, as a mixin: subclass it and give it the fixture `tiles_in`.

    class TestMyTiles(TileStoreContract):
        @pytest.fixture
        def tiles_in(self): ...   # returns a callable: each call is a context manager that begins a
                                  # transaction on the SAME log, yields the store, and commits on
                                  # leaving (or rolls back when an exception passes through)

Set `transactional = False` for a store without rollback.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import ClassVar

import pytest

from ledger.errors import LogMoved
from ledger.store import ENTRIES, Growth, Published, TileKey, TileStore
from ledger.tiles import grow

TilesIn = Callable[[], AbstractContextManager[TileStore]]


def digest(number: int) -> bytes:
    """Return a digest that stands for document `number`."""
    return hashlib.sha256(b"document %d" % number).digest()


def append(before: list[bytes], entries: list[bytes]) -> Growth:
    """Return the append of `entries` to a log that contains the entries `before`."""
    old, new = len(before), len(before) + len(entries)
    return Growth(old, new, grow(old, grow(0, {}, before), entries), entries)


def growth(old: int, new: int) -> Growth:
    """Return the append of documents old <= number < new to a log of the documents before."""
    return append(list(map(digest, range(old))), list(map(digest, range(old, new))))


class _Interrupted(Exception):
    pass


def _write_and_crash(tiles_in: TilesIn) -> None:
    with tiles_in() as tiles:
        tiles.extend(growth(0, 5))
        tiles.publish(Published(5, digest(1), b"note"))
        raise _Interrupted


class TileStoreContract:
    """The promises; see the module's docstring for how to use it."""

    transactional: ClassVar[bool] = True

    def test_a_new_log_is_empty(self, tiles_in: TilesIn) -> None:
        """A new log has no leaves, no tiles, no checkpoint, and knows no digest."""
        with tiles_in() as tiles:
            assert tiles.size() == 0
            assert tiles.size(for_update=True) == 0
            assert tiles.read([TileKey(0, 0), TileKey(ENTRIES, 0)]) == {}
            assert tiles.find([digest(0)]) == {}
            assert tiles.published() is None
            assert tiles.published(at_least=0) is None

    def test_an_append_is_there_in_the_next_transaction(self, tiles_in: TilesIn) -> None:
        """Tiles, size and digest index of an append are read back later."""
        with tiles_in() as tiles:
            tiles.extend(growth(0, 5))
        with tiles_in() as tiles:
            assert tiles.size() == 5
            found = tiles.read([TileKey(0, 0), TileKey(ENTRIES, 0), TileKey(1, 0)])
            assert found == dict(growth(0, 5).tiles)
            assert tiles.find([digest(4), digest(9), digest(0)]) == {digest(4): 4, digest(0): 0}

    def test_a_longer_tile_replaces_the_shorter(self, tiles_in: TilesIn) -> None:
        """A second append writes the same tile again, longer."""
        with tiles_in() as tiles:
            tiles.extend(growth(0, 3))
            tiles.extend(growth(3, 200))
        with tiles_in() as tiles:
            assert tiles.size() == 200
            assert tiles.read([TileKey(0, 0)]) == {
                TileKey(0, 0): growth(0, 200).tiles[TileKey(0, 0)]
            }

    def test_many_tiles_and_digests_in_one_call(self, tiles_in: TilesIn) -> None:
        """Batches of thousands of tiles and digests are written and read in one call each."""
        whole = growth(0, 4000)
        more = {TileKey(level, n): digest(n) for level in (2, 3) for n in range(1500)}
        tiles_written, entries = {**whole.tiles, **more}, whole.entries
        with tiles_in() as tiles:
            tiles.extend(Growth(0, 4000, tiles_written, entries))
        with tiles_in() as tiles:
            assert tiles.read(list(tiles_written)) == tiles_written
            assert tiles.find(entries) == {entry: n for n, entry in enumerate(entries)}
            assert tiles.read([]) == {}
            assert tiles.find([]) == {}

    def test_of_equal_digests_the_lowest_index_is_found(self, tiles_in: TilesIn) -> None:
        """A document appended twice has two leaves; the look-up names the first."""
        twice = append([], [digest(7)] * 2)
        again = append([digest(7)] * 2, [digest(7)])
        with tiles_in() as tiles:
            tiles.extend(twice)
        with tiles_in() as tiles:
            tiles.extend(again)
            assert tiles.find([digest(7)]) == {digest(7): 0}

    def test_a_writer_that_lost_the_race_writes_nothing(self, tiles_in: TilesIn) -> None:
        """An append from an old size is refused, and leaves no tile and no digest behind."""
        with tiles_in() as tiles:
            tiles.extend(growth(0, 5))
        with pytest.raises(LogMoved), tiles_in() as tiles:
            tiles.extend(Growth(4, 6, {TileKey(0, 9): digest(1)}, [digest(50), digest(51)]))
        with tiles_in() as tiles:
            assert tiles.size() == 5
            assert tiles.read([TileKey(0, 9)]) == {}
            assert tiles.find([digest(50)]) == {}

    def test_an_interrupted_transaction_leaves_nothing(self, tiles_in: TilesIn) -> None:
        """Append and checkpoint belong to the caller's transaction and vanish with it."""
        if not self.transactional:
            pytest.skip("this store has no transactions")
        with pytest.raises(_Interrupted):
            _write_and_crash(tiles_in)
        with tiles_in() as tiles:
            assert tiles.size() == 0
            assert tiles.read([TileKey(0, 0)]) == {}
            assert tiles.find([digest(0)]) == {}
            assert tiles.published() is None

    def test_checkpoints_are_found_by_size(self, tiles_in: TilesIn) -> None:
        """The largest checkpoint is the latest; the smallest that covers a leaf is found."""
        with tiles_in() as tiles:
            for size in (3, 700, 12):
                tiles.publish(Published(size, digest(size), b"note %d" % size))
        with tiles_in() as tiles:
            assert tiles.published() == Published(700, digest(700), b"note 700")
            assert tiles.published(at_least=0) == Published(3, digest(3), b"note 3")
            assert tiles.published(at_least=4) == Published(12, digest(12), b"note 12")
            assert tiles.published(at_least=12) == Published(12, digest(12), b"note 12")
            assert tiles.published(at_least=701) is None

    def test_a_checkpoint_gains_cosignatures(self, tiles_in: TilesIn) -> None:
        """Publishing the same size again replaces the note."""
        with tiles_in() as tiles:
            tiles.publish(Published(3, digest(3), b"note"))
        with tiles_in() as tiles:
            tiles.publish(Published(3, digest(3), b"note, cosigned"))
        with tiles_in() as tiles:
            assert tiles.published() == Published(3, digest(3), b"note, cosigned")
