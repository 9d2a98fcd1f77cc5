"""Bringing a database to the revision this code needs (alembic, driven from inside)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from gateway.store.errors import StoreNotReady

_HERE: Final = Path(__file__).parent
_LOCK: Final = text("SELECT pg_advisory_xact_lock(7241655)")


def upgrade(engine: Engine) -> None:
    """Upgrade to the newest revision in one transaction; of several processes one does it."""
    if revision(engine) == newest():
        return
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(_LOCK)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def check(engine: Engine) -> None:
    """Raise StoreNotReady unless the database is at the newest revision."""
    found, expected = revision(engine), newest()
    if found != expected:
        raise StoreNotReady(found=found or "-", expected=expected)


def revision(engine: Engine) -> str | None:
    """Return the database's revision, None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """Return the newest revision of the scripts."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("the package has no migrations")
    return head


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    return config
