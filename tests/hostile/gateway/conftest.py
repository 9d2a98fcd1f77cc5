"""Two real gateways, and the certainty that a refusal left nothing behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from gateway.store import exchanges
from gateway.store.tables import METADATA
from tests.journeys.pair import Pair, Side, pair, wait_for

# The log seals and anchors itself in its own time; everything else is somebody's doing.
_ITS_OWN = {"checkpoint", "anchor_intent", "witnessed"}


@pytest.fixture(scope="module")
def gateways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A gateway in Shanghai and one in Singapore."""
    with pair(tmp_path_factory.mktemp("hostile")) as made:
        yield made


@pytest.fixture
def untouched(gateways: Pair) -> Iterator[None]:
    """After the test both gateways hold exactly what they held before, and do their work."""
    wait_for(lambda: all(map(at_rest, gateways.sides)), what="rest after the test before")
    before = [kept(side) for side in gateways.sides]
    yield
    assert [kept(side) for side in gateways.sides] == before
    for side in gateways.sides:
        assert side.http.get("/readyz").json()["status"] == "ready"


def at_rest(side: Side) -> bool:
    """Tell whether everything that was handed in at a gateway is done with."""
    with side.gateway.store.read() as tx:
        return all(state.settled for (_, state), many in exchanges.counts(tx).items() if many)


def kept(side: Side) -> dict[str, int]:
    """Return how many rows each table of a gateway has, and how many entries its log."""
    with side.gateway.store.engine.connect() as connection:
        rows = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in METADATA.sorted_tables
            if table.name not in _ITS_OWN
        }
    with side.gateway.logbook.reading(side.gateway.logbook.current()) as log:
        return rows | {"entries": log.size}
