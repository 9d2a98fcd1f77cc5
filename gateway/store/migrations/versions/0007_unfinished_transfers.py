"""Find the transfers of bills of lading that are open, by their last sign of life."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_INDEX = "ix_lading_transfer_state"


def upgrade() -> None:
    """Make the index."""
    op.create_index(_INDEX, "lading_transfer", ["state", "updated_at"])


def downgrade() -> None:
    """Drop the index."""
    op.drop_index(_INDEX, "lading_transfer")
