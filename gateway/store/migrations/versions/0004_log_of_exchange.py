"""In which log, or shard of it, the document of an exchange is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_EXCHANGE = sa.table("exchange", sa.column("log", sa.Text), sa.column("leaf", sa.BigInteger))
_HEAD = sa.table("log_head", sa.column("origin", sa.Text))


def upgrade() -> None:
    """Add the column; documents logged so far are in the gateway's log, never in a shard."""
    column = sa.Column("log", sa.Text(), nullable=False, server_default="")
    with op.batch_alter_table("exchange") as table:
        table.add_column(column)
    shortest = sa.select(_HEAD.c.origin).order_by(sa.func.length(_HEAD.c.origin)).limit(1)
    origin = op.get_bind().execute(shortest).scalar()
    logged = _EXCHANGE.update().where(_EXCHANGE.c.leaf.is_not(None))
    op.execute(logged.values(log=origin or ""))


def downgrade() -> None:
    """Drop the column."""
    with op.batch_alter_table("exchange") as table:
        table.drop_column("log")
