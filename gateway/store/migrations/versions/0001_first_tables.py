"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.tables.base import Bytes, Json, Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "anchor_intent",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("anchor", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("origin", "size", "anchor", name="pk_anchor_intent"),
    )
    op.create_table(
        "attempt",
        sa.Column("exchange_id", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", Json, nullable=False),
        sa.PrimaryKeyConstraint("exchange_id", "n", name="pk_attempt"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "checkpoint",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", Bytes, nullable=False),
        sa.Column("note", Bytes, nullable=False),
        sa.Column("published_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("origin", "size", name="pk_checkpoint"),
    )
    op.create_table(
        "clearance",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("corridor", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_clearance"),
    )
    op.create_index("ix_clearance_tenant", "clearance", ["tenant", "id"], unique=False)
    op.create_table(
        "clearance_status",
        sa.Column("clearance_id", sa.Text(), nullable=False),
        sa.Column("status_id", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.PrimaryKeyConstraint("clearance_id", "status_id", name="pk_clearance_status"),
    )
    op.create_index("uq_clearance_status_n", "clearance_status", ["clearance_id", "n"], unique=True)
    op.create_table(
        "event",
        sa.Column("exchange_id", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", Json, nullable=False),
        sa.PrimaryKeyConstraint("exchange_id", "n", name="pk_event"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "exchange",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("source_format", sa.Text(), nullable=False),
        sa.Column("target_format", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("clearance_id", sa.Text(), nullable=False),
        sa.Column("correlation", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("digest", Bytes, nullable=False),
        sa.Column("leaf", sa.BigInteger(), nullable=True),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("takeovers", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=True),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_exchange"),
        postgresql_with={"fillfactor": "60"},
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_exchange_claim",
        "exchange",
        ["claim"],
        unique=False,
        sqlite_where=sa.text("claim != ''"),
        postgresql_where=sa.text("claim != ''"),
    )
    op.create_index(
        "ix_exchange_clearance",
        "exchange",
        ["clearance_id"],
        unique=False,
        sqlite_where=sa.text("clearance_id != ''"),
        postgresql_where=sa.text("clearance_id != ''"),
    )
    op.create_index(
        "ix_exchange_due",
        "exchange",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_exchange_tenant", "exchange", ["tenant", "id"], unique=False)
    op.create_index("uq_exchange_message", "exchange", ["direction", "message_id"], unique=True)
    op.create_table(
        "form",
        sa.Column("clearance_id", sa.Text(), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("answer", Json, nullable=True),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("clearance_id", name="pk_form"),
    )
    op.create_table(
        "idempotency",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", Bytes, nullable=False),
        sa.Column("exchange_id", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "key", name="pk_idempotency"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "importer_profile",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("importer", sa.Text(), nullable=False),
        sa.Column("corridor", sa.Text(), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "importer", "corridor", name="pk_importer_profile"),
    )
    op.create_table(
        "leaf",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("digest", Bytes, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("origin", "digest", name="pk_leaf"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_head",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name="pk_log_head"),
    )
    op.create_table(
        "payload",
        sa.Column("exchange_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("digest", Bytes, nullable=False),
        sa.Column("deflated", sa.Boolean(), nullable=False),
        sa.Column("data", Bytes, nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("exchange_id", "role", name="pk_payload"),
    )
    op.create_table(
        "tenant",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tenant"),
    )
    op.create_table(
        "tile",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("data", Bytes, nullable=False),
        sa.PrimaryKeyConstraint("origin", "level", "number", name="pk_tile"),
    )
    op.create_table(
        "witnessed",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", Bytes, nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name="pk_witnessed"),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", Bytes, nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_api_key_tenant"),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
    )
    op.create_index("uq_api_key_hash", "api_key", ["hash"], unique=True)


def downgrade() -> None:
    """Drop all tables, with all they hold."""
    op.drop_table("api_key")
    op.drop_table("witnessed")
    op.drop_table("tile")
    op.drop_table("tenant")
    op.drop_table("payload")
    op.drop_table("log_head")
    op.drop_table("leaf")
    op.drop_table("importer_profile")
    op.drop_table("idempotency")
    op.drop_table("form")
    op.drop_table("exchange")
    op.drop_table("event")
    op.drop_table("clearance_status")
    op.drop_table("clearance")
    op.drop_table("checkpoint")
    op.drop_table("attempt")
    op.drop_table("anchor_intent")
