"""The console's addresses, and what they have in common: sessions, errors as pages, own files."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Final, cast
from urllib.parse import quote

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.api.errors import NothingThere
from gateway.api.face import Face
from gateway.api.observe import trail
from gateway.console import ladings, pages, titles
from gateway.console.session import Sessions
from gateway.console.visit import Visit, page, visit
from schemas.errors import AccessError, SilkgateError

Page = Callable[[Visit], Response] | Callable[[Visit], Awaitable[Response]]

_KINDS: Final = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "mark.svg": "image/svg+xml",
}
_GET: Final = ("GET",)
_POST: Final = ("POST",)
_PAGES: Final[tuple[tuple[str, tuple[str, ...], Page], ...]] = (
    ("/console", _GET, pages.home),
    ("/console/", _GET, pages.home),
    ("/console/logout", _POST, pages.sign_out),
    ("/console/exchanges", _GET, pages.exchanges),
    ("/console/exchanges/{id}", _GET, pages.exchange),
    ("/console/exchanges/{id}/evidence", _GET, pages.evidence),
    ("/console/exchanges/{id}/payloads/{role}", _GET, pages.payload),
    ("/console/clearances", _GET, pages.board),
    ("/console/clearances/{id}", _GET, pages.clearance),
    ("/console/clearances/{id}/form", _POST, pages.answer),
    ("/console/clearances/{id}/confirmations", _POST, pages.confirm),
    ("/console/clearances/{id}/refusals", _POST, pages.decline),
    ("/console/ladings", _GET, ladings.ladings),
    ("/console/ladings/{reference}", _GET, ladings.lading),
    ("/console/ladings/{reference}/bill", _GET, ladings.bill),
    ("/console/ladings/{reference}/call-off", _POST, ladings.call_off),
    ("/console/titles", _GET, titles.titles),
    ("/console/titles/file", _GET, titles.file),
    ("/console/verify", _GET, pages.verify_form),
    ("/console/verify", _POST, pages.verify),
)
_OPEN: Final[tuple[tuple[str, tuple[str, ...], Page], ...]] = (
    ("/console/login", _GET, pages.sign_in_form),
    ("/console/login", _POST, pages.sign_in),
)


def mount(app: FastAPI, face: Face) -> None:
    """Add the console to an application made by `gateway.api.app.create_app`."""
    sessions = Sessions(face.gateway.clock)
    app.router.routes.append(
        Route("/console/static/{name}", _static, methods=["GET"], include_in_schema=False)
    )
    for known, addresses in ((True, _PAGES), (False, _OPEN)):
        for path, methods, show in addresses:
            app.router.routes.append(
                Route(
                    path,
                    _shown(show, sessions, path, known=known),
                    methods=list(methods),
                    include_in_schema=False,
                )
            )


def _shown(
    show: Page, sessions: Sessions, path: str, *, known: bool
) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that shows a page, or the sign-in page, or what went wrong as a page."""

    async def endpoint(request: Request) -> Response:
        trail(request.scope).route = path
        try:
            seen = await run_in_threadpool(visit, request, sessions, known=known)
        except AccessError:
            return _to_sign_in(request)
        try:
            if inspect.iscoroutinefunction(show):
                return cast("Response", await show(seen))
            return cast("Response", await run_in_threadpool(show, seen))
        except SilkgateError as error:
            return _problem(seen, error, signing_in=not known)

    return endpoint


def _to_sign_in(request: Request) -> Response:
    there = request.url.path if request.method == "GET" else "/console/clearances"
    lang = request.query_params.get("lang")
    chosen = f"&lang={lang}" if lang in ("en", "zh") else ""
    return RedirectResponse(
        f"/console/login?next={quote(there, safe='')}{chosen}", HTTPStatus.SEE_OTHER
    )


def _problem(seen: Visit, error: SilkgateError, *, signing_in: bool) -> Response:
    trail(seen.request.scope).code = error.code
    if signing_in:
        return page(
            seen, "login.html", int(error.status), next="/console/clearances", problem=error
        )
    return page(seen, "problem.html", int(error.status), problem=error)


async def _static(request: Request) -> Response:
    trail(request.scope).route = "/console/static/{name}"
    name = request.path_params["name"]
    kind = _KINDS.get(name)
    if kind is None:
        raise NothingThere(where=request.url.path)
    return Response(
        _file(name), headers={"content-type": kind, "cache-control": "public, max-age=300"}
    )


@cache
def _file(name: str) -> bytes:
    return files("gateway.console").joinpath("static", name).read_bytes()
