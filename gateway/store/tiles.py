"""The log's tiles in the gateway's database (`ledger.store.TileStore`).

An append commits in the same transaction as the exchanges it belongs to. The row of the log's
head is what appends to one log queue up for: one sequencer per log, however many workers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import bindparam, delete, select, tuple_, update

from gateway.store.database import Transaction
from gateway.store.tables.log import CHECKPOINT, DIGEST_BUCKET, LOG_HEAD, TILE
from gateway.store.upsert import insert_into
from ledger import digestindex
from ledger.digestindex import KINDS
from ledger.errors import LogMoved
from ledger.store import Growth, Published, TileKey
from schemas.clock import Clock, utc_now

Value = TypeVar("Value")
_PORTION: Final = 1_000
_GROW: Final = (
    update(LOG_HEAD)
    .where(LOG_HEAD.c.origin == bindparam("log"), LOG_HEAD.c.size == bindparam("old"))
    .values(size=bindparam("new"))
)


class StoredTiles:
    """One log, by its origin, inside one transaction of the store."""

    def __init__(self, tx: Transaction, origin: str, *, clock: Clock = utc_now) -> None:
        """Speak for the log `origin` in `tx`."""
        self._tx = tx
        self._origin = origin
        self._clock = clock

    def size(self, *, for_update: bool = False) -> int:
        """Return the number of leaves; `for_update` locks the head until the commit."""
        query = select(LOG_HEAD.c.size).where(LOG_HEAD.c.origin == self._origin)
        if not for_update:
            return self._tx.execute(query).scalar() or 0
        size = self._tx.execute(query.with_for_update()).scalar()
        if size is None:
            self._found()
            size = self._tx.execute(query.with_for_update()).scalar()
        return size or 0

    def read(self, keys: Collection[TileKey]) -> dict[TileKey, bytes]:
        """Return those of the tiles that exist."""
        query = select(TILE.c.level, TILE.c.number, TILE.c.data)
        query = query.where(TILE.c.origin == self._origin)
        place = tuple_(TILE.c.level, TILE.c.number)
        found: dict[TileKey, bytes] = {}
        for some in _portions([tuple(key) for key in keys]):
            for row in self._tx.execute(query.where(place.in_(some))):
                found[TileKey(row.level, row.number)] = bytes(row.data)
        return found

    def extend(self, growth: Growth) -> None:
        """Write tiles, digest index and size; raises LogMoved."""
        if growth.old_size == 0:
            self._found()
        moved = self._tx.execute(
            _GROW, {"log": self._origin, "old": growth.old_size, "new": growth.new_size}
        )
        if moved.rowcount != 1:
            raise LogMoved(found=self.size(), expected=growth.old_size)
        self._write_tiles(growth)
        digestindex.index(self, growth.old_size, growth.new_size)

    def find(self, digests: Collection[bytes]) -> dict[bytes, int]:
        """Return the lowest index of each digest that was appended."""
        return digestindex.find(self, digests)

    def publish(self, checkpoint: Published) -> None:
        """Keep a signed checkpoint under its size."""
        insert = insert_into(self._tx, CHECKPOINT)
        fresh = {"root": insert.excluded.root, "note": insert.excluded.note}
        self._tx.execute(
            insert.on_conflict_do_update(index_elements=["origin", "size"], set_=fresh),
            {
                "origin": self._origin,
                "size": checkpoint.size,
                "root": checkpoint.root,
                "note": checkpoint.note,
                "published_at": self._clock(),
            },
        )

    def published(self, *, at_least: int | None = None) -> Published | None:
        """Return the largest checkpoint, or the smallest that has `at_least` leaves, if any."""
        size = CHECKPOINT.c.size
        query = select(size, CHECKPOINT.c.root, CHECKPOINT.c.note).limit(1)
        query = query.where(CHECKPOINT.c.origin == self._origin)
        if at_least is None:
            query = query.order_by(size.desc())
        else:
            query = query.where(size >= at_least).order_by(size)
        row = self._tx.execute(query).one_or_none()
        return None if row is None else Published(row.size, bytes(row.root), bytes(row.note))

    def _found(self) -> None:
        """Write the head of a new log; two that do so at once find one row."""
        insert = insert_into(self._tx, LOG_HEAD).on_conflict_do_nothing()
        self._tx.execute(insert, {"origin": self._origin, "size": 0})

    def _write_tiles(self, growth: Growth) -> None:
        insert = insert_into(self._tx, TILE)
        longer = insert.on_conflict_do_update(
            index_elements=["origin", "level", "number"], set_={"data": insert.excluded.data}
        )
        rows = [
            {"origin": self._origin, "level": key.level, "number": key.number, "data": data}
            for key, data in growth.tiles.items()
        ]
        self._tx.execute(longer, rows)

    def buckets(self, kind: int, bucket: int, since: int) -> Iterable[tuple[int, bytes]]:
        """Return the bucket of each run from run `since` on, with the run's number."""
        columns = DIGEST_BUCKET.c
        query = (
            select(columns.run, columns.data)
            .where(
                columns.origin == self._origin,
                columns.kind == kind,
                columns.bucket == bucket,
                columns.run >= since,
            )
            .order_by(columns.run)
        )
        return [(row.run, bytes(row.data)) for row in self._tx.execute(query)]

    def put_run(self, kind: int, run: int, buckets: Sequence[bytes]) -> None:
        """Write the buckets of a run."""
        place = {"origin": self._origin, "kind": kind, "run": run}
        rows = [{**place, "bucket": bucket, "data": data} for bucket, data in enumerate(buckets)]
        self._tx.execute(insert_into(self._tx, DIGEST_BUCKET), rows)

    def drop_runs(self, kind: int, before: int) -> None:
        """Forget the runs of a kind with lower numbers."""
        columns = DIGEST_BUCKET.c
        place = (columns.origin == self._origin, columns.kind == kind)
        buckets = range(1 << KINDS[kind].bits)
        gone = delete(DIGEST_BUCKET).where(*place, columns.bucket.in_(buckets))
        self._tx.execute(gone.where(columns.run < before))


def _portions(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """Yield the values in portions that one statement takes on either database."""
    return (values[at : at + _PORTION] for at in range(0, len(values), _PORTION))


def origins_below(tx: Transaction, base: str) -> list[str]:
    """Return the origins of logs whose names begin with `base` and a slash."""
    column = LOG_HEAD.c.origin
    query = select(column).where(column.startswith(f"{base}/", autoescape=True))
    return [row.origin for row in tx.execute(query.order_by(column))]


def covering(tx: Transaction, origin: str, leaf: int) -> tuple[int, datetime] | None:
    """Return size and time of the first checkpoint that covers a leaf, if there is one."""
    columns = CHECKPOINT.c
    query = (
        select(columns.size, columns.published_at)
        .where(columns.origin == origin, columns.size > leaf)
        .order_by(columns.size)
        .limit(1)
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else (row.size, row.published_at)
