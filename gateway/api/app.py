"""The application: routes, errors and observation put together around one gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from gateway.api import dcsa, docs, problems
from gateway.api.errors import FieldInvalid, FieldMissing, MethodNotOffered, NothingThere
from gateway.api.face import Face, build
from gateway.api.language import choose
from gateway.api.observe import Observe, trail
from gateway.api.ports import Gateway
from gateway.api.routes import (
    carrier,
    changes,
    clearances,
    control,
    ebl,
    entries,
    exchanges,
    health,
    hooks,
    instructions,
    ladings,
    log,
    partners,
    pint,
    pki,
    presentations,
    release,
    submission,
    titles,
    tools,
)
from gateway.lading.refusals import MessageInvalid
from gateway.lading.shapes import Fault
from schemas.errors import InputError, SilkgateError

# Addresses are tried in this order: the busiest first.
_ROUTERS: Final = (
    entries,
    partners,
    submission,
    exchanges,
    clearances,
    changes,
    ladings,
    instructions,
    release,
    presentations,
    pint,
    ebl,
    carrier,
    control,
    titles,
    tools,
    log,
    pki,
    hooks,
    health,
)
_SHOWN: Final = 100

Mount = Callable[[FastAPI, Face], None]


def create_app(gateway: Gateway, *mounts: Mount) -> FastAPI:
    """Return the HTTP application of a gateway.

    `mounts` add faces that share its door and its errors, such as `gateway.console.mount`.
    """
    face = build(gateway)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        yield
        face.close()

    app = FastAPI(
        title="Silkgate",
        summary="Enter a trade document once, prove it on both sides / 一次录入，双边可证",
        description=f"{gateway.settings.name} ({gateway.settings.id}, {gateway.settings.country})",
        version=version("silkgate"),
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        lifespan=life,
    )
    _face(app, face)
    for module in _ROUTERS:
        app.include_router(module.routes)
    for mount in mounts:
        mount(app, face)
    _describe(app)
    return app


def create_services(app: FastAPI) -> FastAPI:
    """Return the services of the built-in authority alone, as `app` of the same gateway has them.

    They may be had in plain HTTP, for what they give is signed.
    """
    alone = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    _face(alone, app.state.face)
    alone.include_router(pki.routes)
    return alone


def _face(app: FastAPI, face: Face) -> None:
    """Have `app` answer for `face`: observed, and refusals in our own shape."""
    app.state.face = face
    app.add_middleware(Observe, metrics=face.metrics, refused=_refused)
    app.add_exception_handler(SilkgateError, _refused)
    app.add_exception_handler(HTTPException, _not_routed)
    app.add_exception_handler(RequestValidationError, _not_valid)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, SilkgateError)  # noqa: S101 - for the type checker
    mine = trail(request.scope)
    mine.code = error.code
    if dcsa.speaks(request):
        return dcsa.refusal(request, error)
    language = choose(request.headers.get("accept-language"), request.query_params.get("lang"))
    return problems.answer(error, language, mine.id)


def _not_routed(request: Request, error: Exception) -> Response:
    """Starlette's own refusals: no such address, method not offered."""
    assert isinstance(error, HTTPException)  # noqa: S101 - for the type checker
    where = request.url.path
    if error.status_code == MethodNotOffered.status:
        allowed = _methods(request)
        refusal: SilkgateError = MethodNotOffered(
            where=where, method=request.method, allowed=allowed
        )
    elif error.status_code == NothingThere.status:
        refusal = NothingThere(where=where)
    else:
        refusal = InputError(where=where)
    return _refused(request, refusal)


def _methods(request: Request) -> str:
    """Return the methods that the API offers at the request's path."""
    found: set[str] = set()
    for module in _ROUTERS:
        for route in module.routes.routes:
            if route.matches(request.scope)[0] is not Match.NONE:
                found |= getattr(route, "methods", None) or set()
    return ", ".join(sorted(found))


def _not_valid(request: Request, error: Exception) -> Response:
    """FastAPI's refusal of parameters and headers: the first that is wrong."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - for the type checker
    first: dict[str, Any] = error.errors()[0]
    where = "/".join(str(step) for step in first["loc"])
    if first["type"] == "missing":
        return _refused(request, FieldMissing(where=where))
    # Names and limits read the same in both languages, pydantic's sentences do not.
    limits = " ".join(f"{name}={value}" for name, value in (first.get("ctx") or {}).items())
    found = str(first.get("input", ""))[:_SHOWN]
    if dcsa.speaks(request):  # 422 is PINT's status for an envelope that is rejected
        fault = Fault("$", str(first["loc"][-1]), found, limits or str(first["type"]))
        return _refused(request, MessageInvalid([fault]))
    return _refused(
        request, FieldInvalid(where=where, reason=found, expected=limits or first["type"])
    )


def _describe(app: FastAPI) -> None:
    """Add to the OpenAPI document what FastAPI cannot know."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        document = made()
        components = document.setdefault("components", {})
        components["securitySchemes"] = docs.SECURITY_SCHEME
        components.setdefault("schemas", {})["Problem"] = docs.PROBLEM_SCHEMA
        return document

    app.openapi = openapi  # type: ignore[method-assign]
