"""Titles: signed entries, papers, epochs of keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.tables.base import Bytes

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "title_entry",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("stamp", Bytes, nullable=True),
        sa.PrimaryKeyConstraint("title", "n", name="pk_title_entry"),
    )
    op.create_table(
        "title_paper",
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name="pk_title_paper"),
    )
    op.create_table(
        "title_epoch",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("signed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("title", "n", name="pk_title_epoch"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("title_epoch", "title_paper", "title_entry"):
        op.drop_table(table)
