"""A pair of gateways for the tests that leave it as they found it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.pair import Pair, pair
from tests.postgres import Cluster, postgres

__all__ = ["postgres"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def gateways(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    """A gateway in Shanghai and one in Singapore, on either database, with quiet customs."""
    databases: list[str] = []
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres")
        databases = [cluster.database(), cluster.database()]
    with pair(tmp_path_factory.mktemp("pair"), databases=databases) as made:
        yield made
