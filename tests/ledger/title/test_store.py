"""Title stores of the ledger itself: in memory, and in the file of a folder log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from ledger.title.folder import SqliteTitles, make
from ledger.title.store import MemoryTitles, TitleStore
from tests.ledger.title.office import ORIGIN
from tests.ledger.title.titlestore_contract import TitlesIn, TitleStoreContract


class TestMemoryTitles(TitleStoreContract):
    """The store in memory."""

    @pytest.fixture
    def titles_in(self) -> TitlesIn:
        """The one store: it has no transactions."""
        titles = MemoryTitles()
        return lambda: nullcontext(titles)


class TestSqliteTitles(TitleStoreContract):
    """The store in a folder."""

    @pytest.fixture
    def titles_in(self, tmp_path: Path) -> Iterator[TitlesIn]:
        """Transactions of the folder's one writer."""
        with make(tmp_path / "r", ORIGIN) as register:

            @contextmanager
            def begin() -> Iterator[TitleStore]:
                with register.writing():
                    yield SqliteTitles(register._db)

            yield begin
