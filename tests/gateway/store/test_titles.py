"""The gateway's database as a title store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gateway.store.database import Store
from gateway.store.titles import StoredTitles
from ledger.title.store import TitleStore
from tests.ledger.title.titlestore_contract import TitlesIn, TitleStoreContract


class TestStoredTitles(TitleStoreContract):
    """What every title store promises, on both databases."""

    @pytest.fixture
    def titles_in(self, store: Store) -> TitlesIn:
        """Transactions on the register of the store."""

        @contextmanager
        def begin() -> Iterator[TitleStore]:
            with store.begin() as tx:
                yield StoredTitles(tx)

        return begin
