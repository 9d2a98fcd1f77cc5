"""The store in memory keeps the contract of a tile store."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import pytest

from ledger.store import MemoryTiles, TileStore
from tests.ledger.tilestore_contract import TilesIn, TileStoreContract


class TestMemoryTiles(TileStoreContract):
    """The store in memory."""

    transactional = False

    @pytest.fixture
    def tiles_in(self) -> TilesIn:
        """Return the one store again and again."""
        store = MemoryTiles()

        def begin() -> AbstractContextManager[TileStore]:
            return nullcontext(store)

        return begin
