"""Which revision the tables are at and which this code needs, told without loading alembic.

A start that has nothing to migrate, and every look at readiness, ask only this.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, text

from gateway.store.errors import StoreNotReady

_SCRIPTS: Final = Path(__file__).parent / "migrations" / "versions"
_TABLE: Final = "alembic_version"
_CURRENT: Final = text("SELECT version_num FROM alembic_version")


@cache
def newest() -> str:
    """Return the newest revision; a script's file name begins with its own, in order."""
    return max(path.name.partition("_")[0] for path in _SCRIPTS.glob("[0-9]*.py"))


def current(engine: Engine) -> str | None:
    """Return the database's revision, None for an empty one."""
    with engine.connect() as connection:
        if not engine.dialect.has_table(connection, _TABLE):
            return None
        found = connection.execute(_CURRENT).scalar()
    return None if found is None else str(found)


def check(engine: Engine) -> None:
    """Raise StoreNotReady unless the database is at the newest revision."""
    found = current(engine)
    if found != newest():
        raise StoreNotReady(found=found or "-", expected=newest())
