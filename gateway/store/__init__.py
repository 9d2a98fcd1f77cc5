"""The store: everything the gateway remembers, on SQLite or PostgreSQL.

`open_store(url)` opens it; `with store.begin() as tx:` is one transaction, handed to the
functions of this package. The database library is loaded only when a store is opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.store.database import Store

__all__ = ["open_store"]


def open_store(url: str) -> Store:
    """Open the store at an address such as `sqlite:////path/silkgate.db` or `postgresql://...`."""
    from gateway.store.database import connect

    return connect(url)
