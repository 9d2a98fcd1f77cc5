"""Documents that were logged before logs had shards are found in the gateway's log."""

from __future__ import annotations

from sqlalchemy import text

from gateway.store import claims, exchanges
from gateway.store.database import Store
from gateway.store.ids import new_id
from gateway.store.model import Direction, Exchange
from gateway.store.tiles import StoredTiles
from schemas.clock import utc_now
from tests.gateway.store.test_digest_migration import move
from tests.ledger.tilestore_contract import growth


def exchange(name: str) -> Exchange:
    """Return a document on its way."""
    now = utc_now()
    return Exchange(
        id=name,
        tenant="acme",
        direction=Direction.OUT,
        kind="declaration",
        sender="a",
        receiver="b",
        message_id=name,
        created_at=now,
        updated_at=now,
    )


def test_what_is_logged_is_in_the_log_and_the_rest_nowhere(store: Store) -> None:
    """Down and up again: a document with a leaf names the log, one without names none."""
    logged, waiting = new_id(), new_id()
    with store.begin() as tx:
        exchanges.insert(tx, [exchange(logged), exchange(waiting)])
        StoredTiles(tx, "port/log/2026q4").extend(growth(0, 3))
        StoredTiles(tx, "port/log").extend(growth(0, 3))
        claims.note(tx, {logged: {"log": "port/log", "leaf": 1}})
    move(store, "0003", back=True)
    with store.engine.connect() as connection:
        columns = list(connection.execute(text("SELECT * FROM exchange")).keys())
    assert "log" not in columns
    move(store, "0004")
    with store.read() as tx:
        found = [exchanges.get(tx, one) for one in (logged, waiting)]
    assert [(one.log, one.leaf) for one in found] == [("port/log", 1), ("", None)]
