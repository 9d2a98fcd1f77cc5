"""A new SQLite database with all tables, laid as a copy: migrating takes longer than most tests."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from gateway.store import open_store
from gateway.store.database import Store


def laid(path: Path) -> str:
    """Put an empty, migrated database at `path` and return its address."""
    path.write_bytes(_template())
    return f"sqlite:///{path}"


def opened(path: Path) -> Store:
    """Return an open store on a new database at `path`."""
    return open_store(laid(path))


@cache
def _template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        store = open_store(f"sqlite:///{path}")
        store.migrate()
        store.close()  # the last connection copies the write-ahead log back
        return path.read_bytes()
