"""The log's look-up by digest in buckets of runs instead of a row per leaf."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa
from alembic import op

from gateway.store.tables.base import Bytes
from ledger import digestindex
from ledger.store import ENTRIES, TileKey

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_HEAD = sa.table("log_head", sa.column("origin", sa.Text), sa.column("size", sa.BigInteger))
_TILE = sa.table(
    "tile",
    sa.column("origin", sa.Text),
    sa.column("level", sa.Integer),
    sa.column("number", sa.BigInteger),
    sa.column("data", Bytes),
)
_BUCKET = sa.table(
    "digest_bucket",
    sa.column("origin", sa.Text),
    sa.column("kind", sa.Integer),
    sa.column("bucket", sa.Integer),
    sa.column("run", sa.BigInteger),
    sa.column("data", Bytes),
)
_LEAF = sa.table(
    "leaf",
    sa.column("origin", sa.Text),
    sa.column("digest", Bytes),
    sa.column("position", sa.BigInteger),
)


class _Old:
    """One log as this revision finds it; fulfils `ledger.digestindex.IndexStore`."""

    def __init__(self, connection: sa.Connection, origin: str, leaves: int) -> None:
        self._connection = connection
        self._origin = origin
        self._leaves = leaves

    def size(self) -> int:
        return self._leaves

    def read(self, keys: Collection[TileKey]) -> dict[TileKey, bytes]:
        numbers = [key.number for key in keys]
        query = sa.select(_TILE.c.number, _TILE.c.data).where(
            _TILE.c.origin == self._origin,
            _TILE.c.level == ENTRIES,
            _TILE.c.number.between(min(numbers), max(numbers)),
        )
        rows = self._connection.execute(query)
        return {TileKey(ENTRIES, number): bytes(data) for number, data in rows}

    def buckets(self, kind: int, bucket: int, since: int) -> Iterable[tuple[int, bytes]]:  # noqa: ARG002 - nothing is looked up here
        return ()

    def put_run(self, kind: int, run: int, buckets: Sequence[bytes]) -> None:
        place = {"origin": self._origin, "kind": kind, "run": run}
        rows = [{**place, "bucket": bucket, "data": data} for bucket, data in enumerate(buckets)]
        self._connection.execute(_BUCKET.insert(), rows)

    def drop_runs(self, kind: int, before: int) -> None:
        pass  # short runs inside a long one were not written


def upgrade() -> None:
    """Make the buckets from the entries, and drop the rows."""
    op.create_table(
        "digest_bucket",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("kind", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("data", Bytes, nullable=False),
        sa.PrimaryKeyConstraint("origin", "kind", "bucket", "run", name="pk_digest_bucket"),
    )
    connection = op.get_bind()
    for origin, size in connection.execute(sa.select(_HEAD.c.origin, _HEAD.c.size)).all():
        digestindex.index(_Old(connection, origin, size), 0, size)
    op.drop_table("leaf")


def downgrade() -> None:
    """Make a row per leaf from the entries, and drop the buckets."""
    op.create_table(
        "leaf",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("digest", Bytes, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("origin", "digest", name="pk_leaf"),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    query = sa.select(_TILE.c.origin, _TILE.c.number, _TILE.c.data).where(_TILE.c.level == ENTRIES)
    lowest: dict[tuple[str, bytes], int] = {}
    for origin, number, data in connection.execute(query.order_by(_TILE.c.origin, _TILE.c.number)):
        for place in range(len(data) // 32):
            digest = bytes(data[place * 32 : place * 32 + 32])
            lowest.setdefault((origin, digest), number * 256 + place)
    rows = [
        {"origin": origin, "digest": digest, "position": position}
        for (origin, digest), position in lowest.items()
    ]
    if rows:
        connection.execute(_LEAF.insert(), rows)
    op.drop_table("digest_bucket")
