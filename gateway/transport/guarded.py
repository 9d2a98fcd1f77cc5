"""Asking hosts that a document or a caller names: one request, and nothing that was not allowed.

The host has to be on the operator's list, at a public address, and speak HTTPS; the connection
goes to the very address that was looked at. No redirect is followed, no proxy used; the whole
exchange has one deadline, however slowly its octets come.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTP_PORT, HTTPConnection, HTTPException, HTTPResponse
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from gateway.transport.errors import AnswerNotUsable, NotAllowed, Refused, Unreachable
from gateway.transport.public import is_public, resolve
from gateway.transport.tls import client_context
from schemas.text import Text

_HTTPS: Final = "https"
_HTTP: Final = "http"
_PORT: Final = 443
_REASON_LIMIT: Final = 200
_PIECE: Final = 65536
_PLAIN: Final = Text("HTTP without TLS leads elsewhere", "未加密的 HTTP 指向本机以外")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Whom one may ask, and what an answer may cost.

    `hosts` are host names, with `:port` where it is not 443. `authority` (PEM) is trusted instead
    of the system's authorities. `private` allows addresses that are not public; `plain` also HTTP
    without TLS to loopback addresses, for development.
    """

    hosts: frozenset[str]
    authority: Path | None = None
    private: bool = False
    plain: bool = False
    seconds: float = 5.0
    largest: int = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request: method, address, body, headers."""

    url: str
    method: str = "GET"
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: any status but a redirect."""

    status: int
    media_type: str
    body: bytes


def place(url: SplitResult) -> str:
    """Return host and port of an address as an allow-list has them."""
    port = url.port or _port(url.scheme)
    host = (url.hostname or "").lower()
    return host if port == _PORT else f"{host}:{port}"


def _port(scheme: str) -> int:
    return HTTP_PORT if scheme == _HTTP else _PORT


def check(address: str, guard: Guard) -> None:
    """Raise NotAllowed for an address that may not be asked; its host is not looked up yet."""
    _allowed(address, guard)


def ask(request: Request, guard: Guard) -> Reply:
    """Make one request and return the answer.

    Raises NotAllowed for an address off the list or a private one, Unreachable for no answer in
    time, Refused for a redirect, AnswerNotUsable for more than `guard.largest` octets.
    """
    url = _allowed(request.url, guard)
    try:
        connection = _Pinned(url, _addresses(url, request.url, guard), guard)
        with closing(connection), _deadline(connection, guard.seconds) as late:
            reply = _exchange(connection, url, request, guard)
            if late():
                raise TimeoutError("not in time")
            return reply
    except (OSError, HTTPException) as error:
        reason = f"{type(error).__name__}: {error}"[:_REASON_LIMIT]
        raise Unreachable(where=request.url, party=place(url), reason=reason) from error


class _Pinned(HTTPConnection):
    """A connection to addresses that were looked at before; the certificate is for the host."""

    def __init__(self, url: SplitResult, addresses: Sequence[str], guard: Guard) -> None:
        self._tls = None if url.scheme == _HTTP else client_context(guard.authority)
        self.default_port = _port(url.scheme)
        super().__init__(url.hostname or "", url.port, timeout=guard.seconds)
        self._addresses, self._seconds = addresses, guard.seconds
        self._wire: socket.socket | None = None

    def connect(self) -> None:
        raw = _first(self._addresses, self.port, self._seconds)
        if self._tls is None:
            self.sock = self._wire = raw
            return
        wire = self._tls.wrap_socket(raw, server_hostname=self.host, do_handshake_on_connect=False)
        self.sock = self._wire = wire
        wire.do_handshake()

    def abort(self) -> None:
        """Wake whoever waits for the other side; safe from another thread.

        The socket is remembered here: `HTTPConnection` forgets it once an answer has begun.
        """
        if self._wire is not None:
            with suppress(OSError):  # it has ended already
                socket.socket.shutdown(self._wire, socket.SHUT_RDWR)


@contextmanager
def _deadline(connection: _Pinned, seconds: float) -> Iterator[Callable[[], bool]]:
    """Cut the connection off after so many seconds; yields whether that happened."""
    late = threading.Event()

    def end() -> None:
        late.set()
        connection.abort()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield late.is_set
    finally:
        timer.cancel()


def _exchange(connection: _Pinned, url: SplitResult, request: Request, guard: Guard) -> Reply:
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    connection.request(request.method, target, request.body, dict(request.headers))
    response = connection.getresponse()
    if HTTPStatus.MULTIPLE_CHOICES <= response.status < HTTPStatus.BAD_REQUEST:
        raise Refused(
            where=request.url,
            party=place(url),
            status=response.status,
            reason=Text("a redirect is not followed", "不跟随重定向"),
        )
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Reply(response.status, media_type, _read(response, url, guard))


def _read(response: HTTPResponse, url: SplitResult, guard: Guard) -> bytes:
    taken = bytearray()
    while piece := response.read(min(_PIECE, guard.largest + 1 - len(taken))):
        taken += piece
        if len(taken) > guard.largest:
            most = guard.largest
            reason = Text(f"more than {most} bytes", f"超过 {most} 字节")
            raise AnswerNotUsable(where=url.geturl(), party=place(url), reason=reason)
    return bytes(taken)


def _allowed(address: str, guard: Guard) -> SplitResult:
    try:
        url = urlsplit(address)
        here = place(url)
    except ValueError as error:
        raise NotAllowed(where=address[:_REASON_LIMIT], party="", reason=str(error)) from error
    reason: Text | None = None
    schemes = {_HTTPS, _HTTP} if guard.plain else {_HTTPS}
    if url.scheme not in schemes or not url.hostname:
        reason = Text("it is no https address", "不是 https 地址")
    elif url.username or url.password or url.fragment:
        reason = Text("only host, port, path and query are allowed", "只允许主机、端口、路径与查询")
    elif here not in guard.hosts:
        reason = Text("its host is not on the list", "主机不在允许列表中")
    elif not address.isascii() or not address.isprintable() or " " in address:
        reason = Text("it is no address", "不是地址")
    if reason:
        raise NotAllowed(where=address[:_REASON_LIMIT], party=here, reason=reason)
    return url


def _addresses(url: SplitResult, asked: str, guard: Guard) -> list[str]:
    """Return the addresses of a host, every one of which must be allowed."""
    found = resolve(url.hostname or "", url.port or _port(url.scheme))
    if url.scheme == _HTTP and not all(ip_address(each).is_loopback for each in found):
        raise NotAllowed(where=asked, party=place(url), reason=_PLAIN)
    private = [each for each in found if not is_public(each)]
    if private and not guard.private:
        found_at = private[0]
        reason = Text(f"{found_at} is no public address", f"{found_at} 不是公网地址")
        raise NotAllowed(where=asked, party=place(url), reason=reason)
    return found


def _first(addresses: Sequence[str], port: int, seconds: float) -> socket.socket:
    """Return a connection to the first address that takes one; raises OSError."""
    refused = OSError("the host has no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), seconds)
        except OSError as error:
            refused = error
    raise refused
