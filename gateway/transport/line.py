"""A line to one other party: one base address, one pinned authority, kept-alive connections.

The address comes from the settings and never from a document; redirects are not followed and
the environment's proxies are not used, so a line can reach nothing but its party.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

import httpx

from gateway.transport.errors import (
    AnswerNotUsable,
    Busy,
    NotAllowed,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a party is: its id, base URL, pinned authority (PEM file), seconds for one answer."""

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
        self._base = _checked(address)
        self._client = httpx.Client(
            verify=client_context(address.authority) if self._base.startswith("https") else True,
            timeout=httpx.Timeout(address.timeout, connect=min(5.0, address.timeout)),
            limits=httpx.Limits(
                max_connections=address.connections,
                max_keepalive_connections=address.connections,
                keepalive_expiry=60.0,
            ),
            follow_redirects=False,
            trust_env=False,
        )

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
        """Close the kept-alive connections."""
        self._client.close()

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

        Raises Unreachable when there is none, AnswerNotUsable when it is too long.
        """
        request = self._client.build_request(
            "POST", self._base + path, content=body, headers=headers
        )
        try:
            response = self._client.send(request, stream=True)
            try:
                content = self._read(response)
            finally:
                response.close()
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise Unreachable(
                where=self._base,
                party=self.address.party,
                reason=f"{type(error).__name__}: {error}"[:_REASON_LIMIT],
            ) from error
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Answer(response.status_code, media_type, content, _wait(response))

    def _read(self, response: httpx.Response) -> bytes:
        parts: list[bytes] = []
        size = 0
        for part in response.iter_bytes():
            size += len(part)
            if size > _ANSWER_LIMIT:
                raise AnswerNotUsable(
                    where=self._base,
                    party=self.address.party,
                    reason=f"more than {_ANSWER_LIMIT} bytes",
                )
            parts.append(part)
        return b"".join(parts)


def _checked(address: Address) -> str:
    """Return the base URL without its final slash, or raise NotAllowed."""
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
    return address.url.rstrip("/")


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


def _wait(response: httpx.Response) -> float:
    """Return the seconds of Retry-After (RFC 9110); the date form is not used between us."""
    text = response.headers.get("retry-after", "")
    return min(float(text), _LONGEST_WAIT) if text.isascii() and text.isdigit() else 0.0
