"""Time as the house reads it: aware, UTC, and replaceable in tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time as an aware UTC datetime."""

    def __call__(self) -> datetime:
        """Return now."""
        ...


def utc_now() -> datetime:
    """Return the system's time, aware, in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Return RFC 3339 text in UTC with milliseconds, e.g. `2026-03-14T08:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
