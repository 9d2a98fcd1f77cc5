"""Two clearance desks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.clearance import world as play
from tests.postgres import postgres, store, store_url

__all__ = ["postgres", "store", "store_url"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[play.World]:
    """Two desks on two databases, with a clock that the test moves."""
    with play.world(tmp_path) as made:
        yield made
