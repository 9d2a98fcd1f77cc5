"""Running the application: uvicorn with TLS, its own socket, and an orderly end."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from gateway.api import logs
from gateway.hangup import on_hangup
from gateway.transport.tls import server_context, show
from schemas.errors import SettingsError
from schemas.text import Text

_STOP_SECONDS: Final = 10
_START_SECONDS: Final = 20.0


class AddressInUse(SettingsError):
    """The address to listen on cannot be had."""

    code = "SG-9210"
    title = Text("Cannot listen on {where}: {reason}", "无法监听 {where}：{reason}")
    hint = Text(
        "Stop what listens there, or set another port.", "请停止占用该地址的程序，或设置其他端口。"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Where to listen (port 0: any free one) and, for TLS, with which certificate and key (PEM)."""

    host: str = "127.0.0.1"
    port: int = 8443
    certificate: Path | None = None
    key: Path | None = None
    password: str | None = None


def serve(
    app: ASGIApp,
    listen: Listen,
    *,
    log_level: str = "info",
    bound: Callable[[str], None] | None = None,
    hangup: Callable[[Callable[[], None]], None] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are answered, then it returns.

    `bound` is told the base URL once the address is had, and `hangup` at each SIGHUP what opens
    the TLS files anew. Sets up the log of the process (see `gateway.api.logs`). Raises
    AddressInUse.
    """
    context = _context(listen)
    server, listener = _prepared(app, listen, context)
    logs.configure(log_level)
    if bound is not None:
        bound(_base(listener, listen))
    reopened = partial(_reopened, listen, context)
    with nullcontext() if hangup is None else on_hangup(partial(hangup, reopened)):
        server.run(sockets=[listener])


@contextmanager
def serving(app: ASGIApp, listen: Listen) -> Iterator[str]:
    """Serve in a thread for as long as the block lasts; yields the base URL."""
    server, listener = _prepared(app, listen, _context(listen))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="serve")
    thread.start()
    try:
        _wait_for(server, thread)
        yield _base(listener, listen)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


class _Connections(ServerState):
    """The connections of a server, and whether it takes new ones."""

    closed = False


class _Protocol(HttpToolsProtocol):
    """A connection that was greeted when the server had ended is cut before it can ask anything.

    Its handshake was under way while the others were cut; a request would find no event loop.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        state = self.server_state
        if isinstance(state, _Connections) and state.closed:
            transport.abort()
        super().connection_made(transport)


class _Server(uvicorn.Server):
    """uvicorn raises the signal again after its orderly end; here the caller goes on instead."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._state = self.server_state = _Connections()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        kept = {sig: signal.signal(sig, self._stop) for sig in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for sig, handler in kept.items():
                signal.signal(sig, handler)

    def _stop(self, sig: int, frame: FrameType | None) -> None:
        self.handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut idle connections first: closed over TLS, they would wait for the other's goodbye."""
        self._state.closed = True
        for connection in list(self.server_state.connections):
            cycle = getattr(connection, "cycle", None)
            if cycle is None or cycle.response_complete:
                connection.transport.abort()
        await super().shutdown(sockets)

    async def _wait_tasks_to_complete(self) -> None:
        """Wait for requests under way only: idle connections need not say goodbye over TLS."""
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks)


def _base(listener: socket.socket, listen: Listen) -> str:
    host, port = listener.getsockname()[:2]
    return f"{'https' if listen.certificate else 'http'}://{host}:{port}"


def _prepared(
    app: ASGIApp, listen: Listen, context: ssl.SSLContext | None
) -> tuple[_Server, socket.socket]:
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_STOP_SECONDS,
        ssl_context_factory=None if context is None else lambda _config, _default: context,
    )
    return _Server(config), _bound(listen)


def _context(listen: Listen) -> ssl.SSLContext | None:
    if listen.certificate is None or listen.key is None:
        return None
    return server_context(listen.certificate, listen.key, password=listen.password)


def _reopened(listen: Listen, context: ssl.SSLContext | None) -> None:
    """Show what the TLS files hold now; raises TlsNotSetUp, and shows what it did until now."""
    if context is not None and listen.certificate is not None and listen.key is not None:
        server_context(listen.certificate, listen.key, password=listen.password)
        show(context, listen.certificate, listen.key, listen.password)


def _bound(listen: Listen) -> socket.socket:
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((listen.host, listen.port))
    except OSError as error:
        listener.close()
        raise AddressInUse(where=f"{listen.host}:{listen.port}", reason=str(error)) from error
    return listener


def _wait_for(server: uvicorn.Server, thread: threading.Thread) -> None:
    until = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > until:
            raise AddressInUse(where="the application", reason="it did not start")
        time.sleep(0.005)
