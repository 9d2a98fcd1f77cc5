"""The look-up by digest, over run borders, with equal digests and with colliding ones."""

from __future__ import annotations

import sqlite3

import pytest

from ledger import digestindex
from ledger.sqlite import SqliteTiles
from ledger.store import Growth
from ledger.tiles import edge, grow
from tests.ledger.tilestore_contract import digest

SHORT, LONG = (kind.span for kind in digestindex.KINDS)


@pytest.fixture
def tiles():
    """An empty log on SQLite in memory."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    store = SqliteTiles(db)
    store.create()
    yield store
    db.close()


def append(tiles: SqliteTiles, entries: list[bytes]) -> None:
    """Append entries."""
    old = tiles.size()
    grown = grow(old, tiles.read(edge(old)), entries)
    tiles.extend(Growth(old, old + len(entries), grown, entries))


def same_bucket(number: int) -> bytes:
    """Return a digest that shares its first eight bytes with all others made here."""
    return b"\x07" * 8 + digest(number)[8:]


@pytest.mark.parametrize("step", [1_000, SHORT - 1, LONG + 1])
def test_every_entry_is_found_whatever_the_appends(tiles: SqliteTiles, step: int) -> None:
    """Over short and long runs and the rest behind them, one by one and all at once."""
    entries = [digest(number) for number in range(LONG + 2 * SHORT + 300)]
    for start in range(0, len(entries), step):
        append(tiles, entries[start : start + step])
    asked = [*entries, digest(-1)]
    assert tiles.find(asked) == {entry: n for n, entry in enumerate(entries)}
    for place in (0, SHORT - 1, SHORT, LONG - 1, LONG, LONG + SHORT, len(entries) - 1):
        assert tiles.find([entries[place]]) == {entries[place]: place}
    assert tiles.find([digest(-1)]) == {}


def test_short_runs_go_when_the_long_one_is_complete(tiles: SqliteTiles) -> None:
    """The index keeps one record per digest, not two."""
    append(tiles, [digest(number) for number in range(LONG - 1)])
    assert len(list(tiles.buckets(digestindex.SHORT, 3, 0))) == LONG // SHORT - 1
    append(tiles, [digest(LONG)])
    assert list(tiles.buckets(digestindex.SHORT, 3, 0)) == []
    assert len(list(tiles.buckets(digestindex.LONG, 3, 0))) == 1


def test_digests_that_collide_in_the_index_are_told_apart(tiles: SqliteTiles) -> None:
    """Eight equal first bytes, by hundreds: each is found where it is, and a stranger is not."""
    entries = [same_bucket(number) for number in range(SHORT + 100)]
    append(tiles, entries)
    for place in (0, 1, 200, SHORT - 1, SHORT, SHORT + 99):
        assert tiles.find([entries[place]]) == {entries[place]: place}
    assert tiles.find(entries[:500]) == {entry: n for n, entry in enumerate(entries[:500])}
    assert tiles.find([same_bucket(-1)]) == {}


def test_of_equal_digests_the_first_is_found_in_any_run(tiles: SqliteTiles) -> None:
    """The same entry in a long run, a short run and the rest."""
    append(tiles, [digest(n % 1_000 + 7) for n in range(LONG + SHORT + 50)])
    assert tiles.find([digest(8)]) == {digest(8): 1}
    many = [digest(n + 7) for n in range(1_000)]
    assert tiles.find(many) == {entry: n for n, entry in enumerate(many)}
