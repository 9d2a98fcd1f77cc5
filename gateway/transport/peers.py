"""Title platforms and carriers: JSON to the addresses of the settings, with their API keys."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from gateway.transport.line import Answer, Line

_JSON: Final = "application/json"
_JOSE: Final = "application/jose"
_VERSIONS: Final = (
    ("/v1/arrival-notice-notifications", "1.0.0-Beta-1"),
    ("/v1/", "1"),
    ("/", "3"),
)
"""Which version is asked for at a path, the first that it begins with; AN NTF wants all of it."""


class PeerClient:
    """Speaks DCSA's APIs with other platforms and carriers."""

    def __init__(self, lines: Mapping[str, Line], token: Callable[[str], str]) -> None:
        """Use the `lines` by peer; `token` returns the API key a peer gave us, '' for none."""
        self._lines = lines
        self._token = token

    def call(self, peer: str, method: str, path: str, message: object) -> Answer:
        """Send one message and return the answer, whatever its status; raises a TransportError.

        Bytes are a compact JWS and go as they are.
        """
        headers = {"Accept": _JSON, "API-Version": _version(path)}
        token = self._token(peer)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        body = None
        if isinstance(message, bytes):
            headers["Content-Type"] = _JOSE
            body = message
        elif message is not None:
            headers["Content-Type"] = _JSON
            body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
        elif method != "GET":
            headers["Content-Length"] = "0"
        return self._lines[peer].ask(method, path, body, headers)

    def knows(self, peer: str) -> bool:
        """Tell whether there is a line to a peer."""
        return peer in self._lines


def _version(path: str) -> str:
    return next(version for start, version in _VERSIONS if path.startswith(start))
