"""Errands of clearance, and the references of authorities."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.tables.base import Json, Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "errand",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("clearance_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_errand"),
    )
    op.create_index("ix_errand_due", "errand", ["due_at"], unique=False)
    op.create_table(
        "clearance_reference",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("clearance_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", name="pk_clearance_reference"),
    )
    op.create_index(
        "ix_clearance_reference_clearance", "clearance_reference", ["clearance_id"], unique=False
    )


def downgrade() -> None:
    """Drop the tables, with all they hold."""
    op.drop_table("clearance_reference")
    op.drop_table("errand")
