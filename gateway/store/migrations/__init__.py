"""Bringing a database to the revision this code needs (alembic, driven from inside)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

_HERE: Final = Path(__file__).parent
_LOCK: Final = text("SELECT pg_advisory_xact_lock(7241655)")


def upgrade(engine: Engine) -> None:
    """Upgrade to the newest revision in one transaction; of several processes one does it."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(_LOCK)
        config = Config()
        config.set_main_option("script_location", str(_HERE))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
