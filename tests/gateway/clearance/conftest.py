"""Two clearance desks, on either database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from gateway.store import open_store
from gateway.store.tables.base import METADATA
from tests.gateway.clearance import world as play
from tests.postgres import Cluster, postgres, store, store_url

__all__ = ["postgres", "store", "store_url"]

ON_BOTH = {"test_service", "test_amending"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is written and read most on both databases."""
    name = metafunc.module.__name__.rpartition(".")[2]
    if "world" in metafunc.fixturenames and name in ON_BOTH:
        metafunc.parametrize("world", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[play.World]:
    """Two desks on two databases, with a clock that the test moves."""
    databases: Sequence[str] = ()
    if getattr(request, "param", "sqlite") == "postgresql":
        databases = request.getfixturevalue("two_databases")
        for url in databases:
            _empty(url)
    with play.world(tmp_path, databases) as made:
        yield made


@pytest.fixture(scope="session")
def two_databases(postgres: Cluster) -> Sequence[str]:
    """Two PostgreSQL databases with all tables."""
    return postgres.database(), postgres.database()


def _empty(url: str) -> None:
    """Take every row out of a database: faster than making a new one."""
    opened = open_store(url)
    tables = ", ".join(f'"{table.name}"' for table in METADATA.sorted_tables)
    with opened.engine.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {tables}")
    opened.close()
