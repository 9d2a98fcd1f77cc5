"""Attachments of PDF files, taken out by a process of its own that has a deadline.

What a PDF costs to read is bounded in memory by the library and in time by nothing but this.
"""

from __future__ import annotations

import json
from typing import Final, NamedTuple

from adapters.facturx import worker
from schemas.bounded import Bounds, OutOfBounds, Worker

BOUNDS = Bounds(seconds=10.0, memory=2 * 1024**3)
"""What one file may take."""
_WORKER: Final = Worker(worker.__file__)


class Attachments(NamedTuple):
    """What was found: the names of the attachments and the invoice, or why there is neither."""

    names: tuple[str, ...] = ()
    invoice: bytes = b""
    error: str = ""


def attachments(data: bytes) -> Attachments:
    """Return what is attached to a PDF; an error where it takes too much or cannot be read."""
    try:
        said = json.loads(_WORKER.ask(data, BOUNDS))
    except OutOfBounds:
        return Attachments(error=f"no answer within {BOUNDS.seconds:g} seconds")
    if "error" in said:
        return Attachments(error=str(said["error"]))
    return Attachments(tuple(said["names"]), bytes.fromhex(said["invoice"]))
