"""Statuses of one side's customs, sent to the gateway of the other side."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.transport.headers import JOSE, RECIPIENT, SENDER, STATUSES
from gateway.transport.line import Line


class StatusMirror:
    """Sends signed batches of statuses; the other side recognises what it already has."""

    def __init__(self, lines: Mapping[str, Line], sender: str) -> None:
        """Send as gateway `sender`."""
        self._lines = lines
        self._sender = sender

    def send(self, recipient: str, batch: bytes) -> None:
        """Send one batch (compact JWS over canonical JSON) or raise a TransportError."""
        self._lines[recipient].post(
            STATUSES, batch, {"Content-Type": JOSE, SENDER: self._sender, RECIPIENT: recipient}
        )
