"""A log that was written with a row per leaf is found by its buckets, and back."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from gateway.store import migrations
from gateway.store.database import Store
from gateway.store.tiles import StoredTiles
from tests.ledger.tilestore_contract import digest, growth

COUNT = 9_000


def move(store: Store, revision: str, *, back: bool = False) -> None:
    """Bring the database to a revision, up or back."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        way = command.downgrade if back else command.upgrade
        way(config, revision)


def test_the_index_is_made_anew_both_ways(store: Store) -> None:
    """Down: a row for each digest; up again: every digest is found at its place."""
    with store.begin() as tx:
        StoredTiles(tx, "log.example/a").extend(growth(0, COUNT))
        StoredTiles(tx, "log.example/b").extend(growth(0, 3))
    move(store, "0002", back=True)
    with store.engine.connect() as connection:
        rows = connection.execute(text("SELECT count(*) FROM leaf")).scalar()
    assert rows == COUNT + 3
    move(store, "0003")
    places = [0, 1, 4_095, 4_096, 8_191, 8_192, COUNT - 1]
    with store.read() as tx:
        found = StoredTiles(tx, "log.example/a").find([digest(place) for place in places])
        assert found == {digest(place): place for place in places}
        assert StoredTiles(tx, "log.example/b").find([digest(2), digest(3)]) == {digest(2): 2}
