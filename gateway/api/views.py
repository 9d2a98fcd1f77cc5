"""What the API shows of exchanges: plain JSON values."""

from __future__ import annotations

from gateway.store.model import Attempt, Exchange
from schemas.clock import iso


def exchange(one: Exchange) -> dict[str, object]:
    """Return an exchange as JSON values; digests in hex, times in RFC 3339."""
    return {
        "id": one.id,
        "direction": one.direction.value,
        "kind": one.kind,
        "sender": one.sender,
        "receiver": one.receiver,
        "message_id": one.message_id,
        "source_format": one.source_format,
        "target_format": one.target_format,
        "profile": one.profile,
        "clearance": one.clearance_id,
        "correlation": one.correlation,
        "stage": one.stage,
        "state": one.state.value,
        "digest": one.digest.hex(),
        "log": one.log,
        "leaf": one.leaf,
        "attempts": one.attempts,
        "due_at": iso(one.due_at) if one.due_at else None,
        "created_at": iso(one.created_at),
        "updated_at": iso(one.updated_at),
    }


def attempt(one: Attempt) -> dict[str, object]:
    """Return a delivery attempt as JSON values."""
    return {
        "n": one.n,
        "at": iso(one.at),
        "outcome": one.outcome,
        "code": one.code,
        "detail": dict(one.detail),
    }
