"""The gateway's database as a tile store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gateway.store.database import Store
from gateway.store.tiles import StoredTiles
from ledger.store import TileKey, TileStore
from tests.ledger.tilestore_contract import TilesIn, TileStoreContract, digest, growth


class TestStoredTiles(TileStoreContract):
    """What every tile store promises, on both databases."""

    @pytest.fixture
    def tiles_in(self, store: Store) -> TilesIn:
        """Transactions on one log of the store."""

        @contextmanager
        def begin() -> Iterator[TileStore]:
            with store.begin() as tx:
                yield StoredTiles(tx, "log.example/a")

        return begin


def test_any_number_of_digests_is_looked_up_in_one_call(store: Store) -> None:
    """A checker that asks for more than a statement takes (65,535 on PostgreSQL) is answered."""
    asked = [digest(number) for number in range(70_000)]
    keys = [TileKey(0, number) for number in range(40_000)]
    with store.begin() as tx:
        tiles = StoredTiles(tx, "log.example/a")
        tiles.extend(growth(0, 3))
        assert tiles.find(asked) == {digest(number): number for number in range(3)}
        assert set(tiles.read(keys)) == {TileKey(0, 0)}


def test_logs_of_one_store_do_not_mix(store: Store) -> None:
    """Two origins in one database are two logs."""
    with store.begin() as tx:
        StoredTiles(tx, "log.example/a").extend(growth(0, 3))
        StoredTiles(tx, "log.example/b").extend(growth(0, 5))
    with store.read() as tx:
        sizes = [StoredTiles(tx, f"log.example/{name}").size() for name in "abc"]
    assert sizes == [3, 5, 0]
