"""Around every request: an id, a line in the log, the metrics, and no failure without an answer."""

from __future__ import annotations

import time
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, cast

import structlog
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.metrics import Metrics
from schemas.errors import SilkgateError

_KEY: Final = "silkgate"
_NO_ROUTE: Final = "(none)"
_LOG: Final = structlog.get_logger("gateway.api")
_SAFETY: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


@dataclass(slots=True)
class Trail:
    """What is known of one request while it is being answered."""

    id: str
    caller: str = ""
    tenant: str = ""
    code: str = ""
    route: str = ""
    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)


def trail(scope: Scope) -> Trail:
    """Return the trail of the request with this scope."""
    return cast("Trail", scope[_KEY])


class Observe:
    """ASGI middleware; the outermost of ours."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        metrics: Metrics,
        refused: Callable[[Request, Exception], Response],
    ) -> None:
        """Wrap `app`, count in `metrics`; `refused` gives the answer for an error."""
        self._app = app
        self._metrics = metrics
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what nobody expected is logged and answered as SG-1000."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        mine = scope[_KEY] = Trail(str(uuid.uuid4()))

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                mine.status = int(message["status"])
                headers = message.setdefault("headers", [])
                headers.extend(mine.headers)
                headers.extend(_SAFETY)
                headers.append((b"x-request-id", mine.id.encode()))
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except ClientDisconnect:
            mine.code = "client-gone"
        except Exception as error:  # noqa: BLE001 - the process lives, the caller gets an answer
            # Neither the message nor local values: both may hold parts of a document or a key.
            trace = "".join(traceback.format_tb(error.__traceback__))
            _LOG.error("unexpected", request=mine.id, error=type(error).__name__, trace=trace)
            await self._fail(mine, scope, receive, sending)
        finally:
            self._record(scope, mine, time.perf_counter() - begun)

    async def _fail(self, mine: Trail, scope: Scope, receive: Receive, send: Send) -> None:
        if mine.status:  # the answer has begun; all that is left is to end it
            return
        await self._refused(Request(scope), SilkgateError())(scope, receive, send)

    def _record(self, scope: Scope, mine: Trail, seconds: float) -> None:
        route = mine.route or getattr(scope.get("route"), "path", _NO_ROUTE)
        declared = Headers(scope=scope).get("content-length", "")
        size = int(declared) if declared.isdigit() else 0
        method = scope["method"] if route != _NO_ROUTE else "-"
        self._metrics.requests.labels(method, route, str(mine.status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        if size:
            self._metrics.body_bytes.labels(route).observe(size)
        if mine.code:
            self._metrics.refusals.labels(mine.code).inc()
        _LOG.info(
            "request",
            request=mine.id,
            method=scope["method"],
            route=route,
            status=mine.status,
            code=mine.code,
            ms=round(seconds * 1000, 2),
            bytes=size,
            caller=mine.caller,
            tenant=mine.tenant,
        )
