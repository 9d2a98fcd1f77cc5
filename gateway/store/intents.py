"""What anchors mean to do (`ledger.anchors.intents.IntentStore`), each change durable at once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select

from gateway.store.database import Store
from gateway.store.tables.log import ANCHOR_INTENT
from gateway.store.upsert import insert_into
from ledger.anchors.intents import Intent, State
from schemas.clock import Clock, utc_now

_SETTLED = [state.value for state in State if state.settled]


class StoredIntents:
    """Keeps intents in the gateway's database."""

    def __init__(self, store: Store, *, clock: Clock = utc_now) -> None:
        """Keep them in `store`."""
        self._store = store
        self._clock = clock

    def save(self, intent: Intent) -> None:
        """Insert the intent, or replace the one of the same origin, size and anchor."""
        row = {"origin": intent.origin, "size": intent.size, "anchor": intent.anchor}
        row |= {"state": intent.state.value, "body": intent.body(), "updated_at": self._clock()}
        with self._store.begin() as tx:
            insert = insert_into(tx, ANCHOR_INTENT)
            fresh = {name: insert.excluded[name] for name in ("state", "body", "updated_at")}
            place = ["origin", "size", "anchor"]
            tx.execute(insert.on_conflict_do_update(index_elements=place, set_=fresh), row)

    def find(self, origin: str, size: int, anchor: str) -> Intent | None:
        """Return one intent."""
        columns = ANCHOR_INTENT.c
        found = self._where(
            columns.origin == origin, columns.size == size, columns.anchor == anchor
        )
        return found[0] if found else None

    def unsettled(self, anchor: str) -> list[Intent]:
        """Return the intents of an anchor that are not settled, by nonce."""
        columns = ANCHOR_INTENT.c
        found = self._where(columns.anchor == anchor, columns.state.not_in(_SETTLED))
        return sorted(found, key=lambda intent: intent.nonce)

    def all(self, origin: str) -> list[Intent]:
        """Return the intents of a log, by size."""
        return self._where(ANCHOR_INTENT.c.origin == origin)

    def _where(self, *conditions: ColumnElement[Any]) -> list[Intent]:
        columns = ANCHOR_INTENT.c
        query = select(columns.origin, columns.size, columns.anchor, columns.state, columns.body)
        with self._store.read() as tx:
            rows = tx.execute(query.where(*conditions).order_by(columns.size)).all()
        return [Intent.from_row(r.origin, r.size, r.anchor, r.state, r.body) for r in rows]
