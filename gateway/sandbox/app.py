"""The simulated customs as a web server: declarations in over HTTP, receipts out to a gateway."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from gateway.sandbox.china import China
from gateway.sandbox.customs import Customs, Voice
from gateway.sandbox.postman import Postman
from gateway.sandbox.script import Script
from gateway.sandbox.wco import WcoCustoms
from gateway.settings import Mode, NotForProduction
from gateway.transport.headers import MESSAGE_ID
from gateway.transport.line import Address, Line

_LIMIT: Final = 8 * 1024 * 1024
_XML: Final = "application/xml"
_MODE: Final = "SILKGATE_MODE"


class Kind(StrEnum):
    """Which customs to simulate."""

    CHINA = "cn"
    WCO = "wco"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """One simulated customs.

    `receipts` is the gateway's address for this authority's receipts (`.../v1/authorities/<id>/
    receipts`), `token` the API key for it, `authority` the PEM of the gateway's TLS authority;
    `country` (ISO alpha-2) is whose customs a WCO one is.
    """

    kind: Kind
    script: Script
    receipts: str
    token: str = ""
    authority: Path | None = None
    country: str = "GB"


def refuse_in_production() -> None:
    """Raise NotForProduction when the environment says this is a production machine."""
    if os.environ.get(_MODE, "") == Mode.PRODUCTION:
        raise NotForProduction(where=_MODE, reason="a sandbox")


def create_app(sandbox: Sandbox) -> FastAPI:
    """Return the web application of one simulated customs; raises NotForProduction."""
    refuse_in_production()
    line = Line(Address(party="gateway", url=sandbox.receipts, authority=sandbox.authority))
    # Chance is drawn apart for the way out and the way in, so that each repeats by itself.
    chance = random.Random(sandbox.script.seed)  # noqa: S311 - repeatable, not secret
    postman = Postman(line, sandbox.token, sandbox.script.faults, chance)
    customs = Customs(_voice(sandbox), sandbox.script, postman)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        postman.start()
        yield
        await run_in_threadpool(postman.stop)

    title = f"Silkgate SANDBOX: simulated customs ({sandbox.kind.value})"
    app = FastAPI(title=title, lifespan=lifespan, docs_url=None, redoc_url=None)

    async def declare(request: Request) -> Response:
        """Take a declaration; the same message id gets the same answer."""
        if customs.busy():
            return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE)
        await asyncio.sleep(customs.slow())
        data = await _body(request)
        message_id = request.headers.get(MESSAGE_ID, "")
        if data is None or not message_id:
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        answer = await run_in_threadpool(customs.declare, message_id, data)
        status = HTTPStatus.OK if answer else HTTPStatus.ACCEPTED
        return Response(answer, status_code=status, media_type=_XML)

    async def state() -> JSONResponse:
        """Say how far this customs has come."""
        return JSONResponse(
            {"sandbox": sandbox.kind.value, "declared": customs.taken, "waiting": postman.waiting}
        )

    app.add_api_route("/declarations", declare, methods=["POST"], response_model=None)
    app.add_api_route("/", state, methods=["GET"], response_model=None)
    return app


def _voice(sandbox: Sandbox) -> Voice:
    return China() if sandbox.kind is Kind.CHINA else WcoCustoms(sandbox.country)


async def _body(request: Request) -> bytes | None:
    """Return the request's body, or None for one that is too long."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > _LIMIT:
            return None
        parts.append(part)
    return b"".join(parts)
