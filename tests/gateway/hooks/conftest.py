"""The store on both databases, and a receiver of webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.database import Store
from tests.gateway.hooks.receiver import Receiver, World, receiving
from tests.postgres import postgres, store, store_url

__all__ = ["postgres", "store", "store_url"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on loopback that takes everything."""
    with receiving() as found:
        yield found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for keys."""
    return tmp_path_factory.mktemp("hooks")


@pytest.fixture
def world(store: Store, receiver: Receiver, home: Path) -> World:
    """Hooks over a store, with a clock of the test's."""
    return World(store, receiver, home)
