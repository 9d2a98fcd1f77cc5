"""What this gateway has cosigned of other operators' logs (`ledger.witness.WitnessStore`)."""

from __future__ import annotations

from sqlalchemy import select, update

from gateway.store.database import Store
from gateway.store.tables.log import WITNESSED
from gateway.store.upsert import insert_into
from ledger.witness import NOTHING_SEEN, Seen
from schemas.clock import Clock, utc_now


class StoredWitness:
    """Remembers the last tree of each log; each step is a transaction of its own."""

    def __init__(self, store: Store, *, clock: Clock = utc_now) -> None:
        """Remember in `store`."""
        self._store = store
        self._clock = clock

    def seen(self, origin: str) -> Seen:
        """Return the last tree of the log, `NOTHING_SEEN` for a new one."""
        columns = WITNESSED.c
        query = select(columns.size, columns.root).where(columns.origin == origin)
        with self._store.read() as tx:
            row = tx.execute(query).one_or_none()
        return NOTHING_SEEN if row is None else Seen(row.size, bytes(row.root))

    def advance(self, origin: str, old: Seen, new: Seen) -> bool:
        """Replace `old` by `new` durably; returns False, changing nothing, if it is not `old`."""
        values = {"size": new.size, "root": new.root, "seen_at": self._clock()}
        with self._store.begin() as tx:
            if old == NOTHING_SEEN:
                insert = insert_into(tx, WITNESSED).on_conflict_do_nothing()
                first = insert.returning(WITNESSED.c.origin)
                if tx.execute(first, {"origin": origin, **values}).first() is not None:
                    return True
            same = (WITNESSED.c.size == old.size, WITNESSED.c.root == old.root)
            moved = update(WITNESSED).where(WITNESSED.c.origin == origin, *same).values(values)
            return tx.execute(moved).rowcount == 1
