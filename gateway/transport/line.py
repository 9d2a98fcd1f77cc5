"""A line to one other party: one base address, one pinned authority, kept-alive connections.

The address comes from the settings and never from a document; redirects are not followed and
the environment's proxies are not used, so a line can reach nothing but its party.

It stands on `http.client`: a delivery of 15 kB costs 0.2 ms of CPU there and 0.6 ms in httpx, and
the line needs nothing of what the difference buys.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import SplitResult, urlsplit

from gateway.transport.errors import (
    AnswerNotUsable,
    Busy,
    NotAllowed,
    NotConnected,
    Refused,
    TransportError,
    Unreachable,
)
from gateway.transport.headers import PROBLEM
from gateway.transport.tls import client_context

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_TRY_AGAIN: Final = frozenset({408, 425, 429})
_ANSWER_LIMIT: Final = 1024 * 1024
_REASON_LIMIT: Final = 300
_LONGEST_WAIT: Final = 3600.0
_IDLE: Final = 60.0
_CLOSED: Final = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a party is: its id, base URL, pinned authority (PEM file), seconds for one answer.

    `connections` is how many are kept for the next messages.
    """

    party: str
    url: str
    authority: Path | None = None
    timeout: float = 10.0
    connections: int = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `retry_after` is in seconds, 0 if nothing was asked for."""

    status: int
    media_type: str
    body: bytes
    retry_after: float = 0.0


class Line:
    """Posts messages to one party; safe to share between threads."""

    def __init__(self, address: Address) -> None:
        """Refuse with NotAllowed an address without TLS (loopback excepted) or with a query."""
        self.address = address
        self._url = _checked(address)
        self._base = address.url.rstrip("/")
        secure = self._url.scheme == "https"
        self._context = client_context(address.authority) if secure else None
        self._idle: list[tuple[float, HTTPConnection]] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Return the line; its connections are closed on leaving."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections that are kept."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send `body` to `path` below the base address and return the answer, a 2xx.

        Raises Unreachable or Busy (try again), Refused or AnswerNotUsable (for good).
        """
        answer = self.send(path, body, headers)
        if answer.status // 100 != HTTPStatus.OK // 100:
            raise self.refusal(path, answer)
        return answer

    def refusal(self, path: str, answer: Answer) -> TransportError:
        """Return the error that an answer other than 2xx stands for."""
        again = answer.status in _TRY_AGAIN or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        kind: type[TransportError] = Busy if again else Refused
        return kind(
            where=self._base + path,
            party=self.address.party,
            status=answer.status,
            reason=_reason(answer),
            retry_after=answer.retry_after,
        )

    def send(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send `body` to `path` below the base address and return the answer, whatever its status.

        Raises Unreachable when there is none (NotConnected when nothing was sent),
        AnswerNotUsable when it is too long. A message is sent a second time only if a kept
        connection turns out to have been closed meanwhile.
        """
        return self._sent("POST", path, body, headers)

    def ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """Make a request of another method and return the answer, whatever its status."""
        return self._sent(method, path, body, headers)

    def fetch(self, path: str) -> Answer:
        """Read what is at `path` below the base address, whatever its status; else as `send`."""
        return self._sent("GET", path, None, {})

    def _sent(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        connection = self._kept()
        if connection is not None:
            try:
                return self._exchange(connection, method, path, body, headers)
            except _CLOSED:
                connection.close()
            except (OSError, HTTPException) as error:
                raise self._unreachable(error) from error
        fresh = self._fresh()
        try:
            fresh.connect()
        except OSError as error:
            fresh.close()
            kind = NotConnected if connection is None else Unreachable
            raise self._unreachable(error, kind) from error
        try:
            return self._exchange(fresh, method, path, body, headers)
        except (OSError, HTTPException) as error:
            raise self._unreachable(error) from error

    def _exchange(
        self,
        connection: HTTPConnection,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> Answer:
        try:
            until = time.monotonic() + self.address.timeout
            target = self._url.path.rstrip("/") + path or "/"
            connection.request(method, target, body, dict(headers))
            response = connection.getresponse()
            with closing(response):  # or the connection takes no next request
                content = self._read(response, until)
        except BaseException:
            connection.close()
            raise
        self._keep(connection)
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Answer(response.status, media_type, content, _wait(response))

    def _read(self, response: HTTPResponse, until: float) -> bytes:
        parts: list[bytes] = []
        size = 0
        while part := response.read1(65536):
            size += len(part)
            if size > _ANSWER_LIMIT:
                raise AnswerNotUsable(
                    where=self._base,
                    party=self.address.party,
                    reason=f"more than {_ANSWER_LIMIT} bytes",
                )
            if time.monotonic() > until:
                raise TimeoutError
            parts.append(part)
        return b"".join(parts)

    def _kept(self) -> HTTPConnection | None:
        """Return the connection used last, unless it was idle for too long."""
        now = time.monotonic()
        with self._lock:
            while self._idle:
                since, connection = self._idle.pop()
                if now - since < _IDLE:
                    return connection
                connection.close()
        return None

    def _keep(self, connection: HTTPConnection) -> None:
        if connection.sock is None:  # the other side asked to close it
            return
        with self._lock:
            if len(self._idle) < self.address.connections:
                self._idle.append((time.monotonic(), connection))
                return
        connection.close()

    def _fresh(self) -> HTTPConnection:
        host, timeout = self._url.hostname or "", self.address.timeout
        if self._context is None:
            return HTTPConnection(host, self._url.port, timeout=timeout)
        return HTTPSConnection(host, self._url.port, timeout=timeout, context=self._context)

    def _unreachable(self, error: Exception, kind: type[Unreachable] = Unreachable) -> Unreachable:
        reason = f"{type(error).__name__}: {error}"[:_REASON_LIMIT]
        return kind(where=self._base, party=self.address.party, reason=reason)


def _checked(address: Address) -> SplitResult:
    """Return the parts of the base URL, or raise NotAllowed."""
    url = urlsplit(address.url)
    reason = ""
    if not url.hostname or url.scheme not in {"http", "https"}:
        reason = "not an http(s) address"
    elif url.scheme == "http" and url.hostname not in _LOOPBACK:
        reason = "TLS is needed outside this machine"
    elif url.query or url.fragment or url.username or url.password:
        reason = "only scheme, host, port and path are allowed"
    if reason:
        raise NotAllowed(where=address.url, party=address.party, reason=reason)
    return url


def _reason(answer: Answer) -> str:
    """Return what the other side says is wrong, short enough for a timeline."""
    if answer.media_type == PROBLEM:
        try:
            problem = json.loads(answer.body)
        except ValueError:
            problem = None
        if isinstance(problem, dict):
            parts = (problem.get("code"), problem.get("detail") or problem.get("title"))
            return " ".join(str(part) for part in parts if part)[:_REASON_LIMIT]
    return answer.body.decode("utf-8", "replace").strip()[:_REASON_LIMIT]


def _wait(response: HTTPResponse) -> float:
    """Return the seconds of Retry-After (RFC 9110); the date form is not used between us."""
    text = response.headers.get("retry-after", "")
    return min(float(text), _LONGEST_WAIT) if text.isascii() and text.isdigit() else 0.0
