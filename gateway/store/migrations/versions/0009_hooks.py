"""Webhooks: registered addresses, and what is still to be delivered to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.tables.base import Json, Moment

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "hook",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", Json, nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("reached_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_hook"),
    )
    op.create_index("ix_hook_tenant", "hook", ["tenant"], unique=False)
    op.create_table(
        "hook_delivery",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("hook", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=True),
        sa.Column("tried_at", Moment(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hook_delivery"),
    )
    op.create_index(
        "uq_hook_delivery_place", "hook_delivery", ["hook", "subject", "n"], unique=True
    )
    op.create_index("ix_hook_delivery_due", "hook_delivery", ["due_at"], unique=False)


def downgrade() -> None:
    """Drop the tables, with all they hold."""
    op.drop_table("hook_delivery")
    op.drop_table("hook")
