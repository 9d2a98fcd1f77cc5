"""The gateway's database as a title store."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import pytest

from gateway.store.database import Store
from gateway.store.titles import StoredTitles
from ledger.title.errors import Disputed
from ledger.title.store import TitleStore
from tests.ledger.title.titlestore_contract import TitlesIn, TitleStoreContract, place


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


def test_racing_entries_have_one_winner(store: Store) -> None:
    """Two transactions append to one place at the same time: one is written, one disputed."""
    start = Barrier(2)

    def append(title: str, n: int, entry: str) -> str:
        start.wait()
        try:
            with store.begin() as tx:
                titles = StoredTitles(tx)
                titles.head(title, for_update=True)
                titles.append(place(n, title), entry)
        except Disputed:
            return "DISE"
        return "RECE"

    with ThreadPoolExecutor(2) as pool:
        for number in range(20):
            for n in (0, 1):
                both = [pool.submit(append, f"BL-{number}", n, entry) for entry in "ab"]
                assert sorted(each.result() for each in both) == ["DISE", "RECE"]
    with store.read() as tx:
        assert all(len(StoredTitles(tx).entries(f"BL-{number}")) == 2 for number in range(20))
