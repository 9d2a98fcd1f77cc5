"""A small HTTPS client for the demo: what any program would send to a gateway's API."""

from __future__ import annotations

import http.client
import json
import ssl
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.errors import ExchangeError
from schemas.text import Text


class NotAnswered(ExchangeError):
    """A gateway of the demo refused what it should have taken."""

    code = "SG-5090"
    title = Text("{where} answered {status}: {reason}", "{where} 返回 {status}:{reason}")
    hint = Text("See the gateways' logs in the demo's folder.", "请查看演示目录中的网关日志。")


@dataclass
class Client:
    """One caller of one gateway, with its API key."""

    host: str
    port: int
    root: str
    token: str = ""
    _connection: http.client.HTTPSConnection | None = field(default=None, init=False)

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON at `path`; raises NotAnswered."""
        return json.loads(self.send("GET", path))

    def ready(self) -> bool:
        """Tell whether the gateway answers."""
        try:
            self.send("GET", "/readyz")
        except (OSError, NotAnswered):
            return False
        return True

    def form(self, path: str, parts: Mapping[str, bytes]) -> Any:  # noqa: ANN401 - JSON
        """Post files as multipart/form-data and return the JSON answer."""
        boundary = uuid.uuid4().hex
        body = b"".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"'
            f"\r\nContent-Type: application/octet-stream\r\n\r\n".encode()
            + data
            + b"\r\n"
            for name, data in parts.items()
        )
        body += f"--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        return json.loads(self.send("POST", path, body, kind))

    def post(self, path: str, value: object) -> Any:  # noqa: ANN401 - JSON
        """Post JSON and return the JSON answer."""
        return json.loads(self.send("POST", path, json.dumps(value).encode(), "application/json"))

    def send(self, method: str, path: str, body: bytes = b"", kind: str = "") -> bytes:
        """Send one request and return the body of a 2xx answer; raises NotAnswered."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if kind:
            headers["Content-Type"] = kind
        try:
            self._open().request(method, path, body or None, headers)
            answer = self._open().getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        if answer.status // 100 != http.client.OK // 100:
            raise NotAnswered(where=path, status=answer.status, reason=said.decode()[:500])
        return said

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> http.client.HTTPSConnection:
        if self._connection is None:
            context = ssl.create_default_context(cadata=self.root)
            self._connection = http.client.HTTPSConnection(
                self.host, self.port, context=context, timeout=10
            )
        return self._connection
