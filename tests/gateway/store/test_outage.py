"""A database that is not there."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gateway.exchange.intake import accept_all
from gateway.store import open_store
from gateway.store.database import Store
from gateway.store.errors import StoreUnavailable
from tests.gateway.exchange.standins import submission


def unreachable(kind: str, folder: Path) -> Store:
    """Return a store whose database cannot be opened."""
    if kind == "sqlite":
        return open_store(f"sqlite:///{folder / 'no such folder' / 'x.db'}")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return open_store(f"postgresql://nobody@127.0.0.1:{probe.getsockname()[1]}/x")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_outage_is_told_in_our_words(kind: str, tmp_path: Path) -> None:
    """Without its database the gateway answers 503 with a hint, for reading and for writing."""
    store = unreachable(kind, tmp_path)
    with pytest.raises(StoreUnavailable) as refused, store.begin():
        pass
    assert refused.value.status == 503
    with pytest.raises(StoreUnavailable), store.read():
        pass
    for start in (store.migrate, store.check):
        with pytest.raises(StoreUnavailable):
            start()
    store.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nobody_is_told_that_he_was_accepted(kind: str, tmp_path: Path) -> None:
    """During an outage each submission of a batch is refused, after one try and not one each."""
    store = unreachable(kind, tmp_path)
    outcomes = accept_all(store, [submission(f"document {n}") for n in range(50)])
    assert len({id(outcome) for outcome in outcomes}) == 1
    assert isinstance(outcomes[0], StoreUnavailable)
    store.close()


def test_a_mistake_of_ours_is_no_outage(store: Store) -> None:
    """What the database refuses for another reason is not told as an outage."""
    with pytest.raises(DBAPIError), store.begin() as tx:
        tx.execute(text("SELECT 1 FROM no_such_table"))


def test_a_rolled_back_transaction_leaves_the_store_usable(store: Store) -> None:
    """After an error inside a transaction the next one begins as if nothing had been."""
    for _ in range(40):
        with pytest.raises(ZeroDivisionError), store.begin():
            _ = 1 / 0
    assert not isinstance(accept_all(store, [submission("one")])[0], Exception)
