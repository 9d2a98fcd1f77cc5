"""The tables a migration makes are the tables the code speaks of."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from gateway.store import migrations, open_store, revision, tenants
from gateway.store.database import Store
from gateway.store.errors import StoreNotReady, StoreUnknown
from gateway.store.tables import METADATA
from gateway.store.tenants import Tenant


def test_migrations_and_metadata_agree(store: Store) -> None:
    """A migrated database has exactly the tables, columns, indexes and keys of the metadata."""
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_migrating_twice_changes_nothing(store: Store) -> None:
    """A database at the newest revision is left alone, rows and all, and passes the check."""
    with store.begin() as tx:
        tenants.add(tx, Tenant(id="port", name="Port", created_at=datetime.now(UTC)))
    before = _content(store)
    store.migrate()
    store.check()
    assert _content(store) == before


def _content(store: Store) -> dict[str, list[object]]:
    with store.engine.connect() as connection:
        rows = {
            table.name: list(map(tuple, connection.execute(table.select())))
            for table in METADATA.sorted_tables
        }
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars()
        return {name: found for name, found in rows.items() if found} | {"revision": list(version)}


def test_the_newest_revision_is_the_last_of_the_scripts() -> None:
    """What is told from the names of the files is what alembic finds inside them."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [revision.newest()]


def test_a_start_with_nothing_to_migrate_loads_no_alembic(tmp_path: Path) -> None:
    """Only a database that has to be changed costs the time of the tool that changes it."""
    url = f"sqlite:///{tmp_path / 'x.db'}"
    store = open_store(url)
    store.migrate()
    store.close()
    script = (
        "import sys; from gateway.store import open_store; "
        "store = open_store(sys.argv[1]); store.migrate(); store.check(); store.close(); "
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script, url], check=False).returncode == 0


def test_an_empty_database_is_not_used(tmp_path: Path) -> None:
    """A gateway does not start on a database without tables, and says how to mend it."""
    store = open_store(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(StoreNotReady) as refused:
        store.check()
    store.close()
    assert refused.value.details["expected"] == revision.newest()


@pytest.mark.parametrize("url", ["mysql://somewhere/x", "nonsense", "oracle:///x"])
def test_other_databases_are_refused(url: str) -> None:
    """An address of another database is refused by name, without loading anything."""
    with pytest.raises(StoreUnknown):
        open_store(url)


def test_sqlite_survives_a_power_cut(tmp_path: Path) -> None:
    """SQLite runs in write-ahead mode and flushes every commit (synchronous=FULL)."""
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    store.close()
