"""Bills of lading between platforms: bills, entries, transfers, papers, control records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.tables.base import Bytes, Json, Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "lading_bill",
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("live", sa.Text(), nullable=True),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("checksum", name="pk_lading_bill"),
    )
    op.create_index("uq_lading_bill_live", "lading_bill", ["live"], unique=True)
    op.create_index("ix_lading_bill_reference", "lading_bill", ["reference"], unique=False)
    op.create_table(
        "lading_entry",
        sa.Column("bill", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("bill", "n", name="pk_lading_entry"),
    )
    op.create_table(
        "lading_transfer",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("bill", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lading_transfer"),
    )
    op.create_index(
        "uq_lading_transfer_content",
        "lading_transfer",
        ["bill", "direction", "content"],
        unique=True,
    )
    op.create_table(
        "lading_document",
        sa.Column("bill", sa.Text(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("data", Bytes, nullable=False),
        sa.PrimaryKeyConstraint("bill", "checksum", name="pk_lading_document"),
    )
    op.create_table(
        "lading_paper",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("bill", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "reference", name="pk_lading_paper"),
    )
    op.create_index("ix_lading_paper_bill", "lading_paper", ["bill", "kind"], unique=False)
    op.create_table(
        "lading_control",
        sa.Column("bill", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("bill", "n", name="pk_lading_control"),
    )
    op.create_index(
        "uq_lading_control_previous", "lading_control", ["bill", "previous"], unique=True
    )
    op.create_table(
        "lading_errand",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lading_errand"),
    )
    op.create_index("ix_lading_errand_due", "lading_errand", ["due_at"], unique=False)


def downgrade() -> None:
    """Drop the tables, with all they hold."""
    op.drop_table("lading_errand")
    op.drop_table("lading_control")
    op.drop_table("lading_paper")
    op.drop_table("lading_document")
    op.drop_table("lading_transfer")
    op.drop_table("lading_entry")
    op.drop_table("lading_bill")
