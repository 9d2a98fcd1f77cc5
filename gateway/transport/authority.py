"""Customs authorities and single windows: the raw message to the address of the settings."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.transport.headers import MESSAGE_ID, SENDER
from gateway.transport.line import Answer, Line


class AuthorityClient:
    """Sends declarations, amendments and cancellations in the authority's own format."""

    def __init__(self, lines: Mapping[str, Line], sender: str) -> None:
        """Send as gateway `sender`."""
        self._lines = lines
        self._sender = sender

    def send(
        self, authority: str, message: bytes, *, message_id: str, media_type: str, path: str = ""
    ) -> Answer:
        """Send one message and return the authority's own answer, or raise a TransportError.

        The message id stays the same over all attempts.
        """
        return self._lines[authority].post(
            path,
            message,
            {"Content-Type": media_type, MESSAGE_ID: message_id, SENDER: self._sender},
        )
