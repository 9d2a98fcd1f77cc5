"""Webhooks: where a tenant wants to be told what happens, and the keys to check that with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import body, docs, examples
from gateway.api.errors import FieldInvalid, NothingThere
from gateway.api.face import Face, face_of, url
from gateway.api.keys import Scope
from gateway.api.ports import Json
from gateway.hooks.errors import NoHooks
from schemas.jsondepth import loads
from schemas.text import Text

WELL_KNOWN: Final = "/.well-known/jwks.json"
_JWK_SET: Final = "application/jwk-set+json"
_JSON: Final = "application/json"
_LONGEST: Final = 16_384
_SHAPE: Final = '{"url": "https://...", "events": ["exchange.done", "clearance.*"]}'

routes: Final = APIRouter(tags=["hooks"], responses=docs.ANY_PROBLEM)


@routes.post(
    "/v1/hooks",
    status_code=201,
    summary="Be told what happens / 登记通知地址",
    responses=docs.gives(201, "The hook / 通知地址", examples.HOOK),
    description=docs.both(
        "`{url, events}`: an https address on a host that the operator allows, and names of "
        "events, `family.*` or `*` (left out: all).",
        "`{url, events}`：运营方允许的主机上的 https 地址，以及事件名、`family.*` 或 `*`"
        "（缺省为全部）。",
    ),
    openapi_extra=docs.needs(Scope.HOOK, docs.content(_JSON)),
)
async def add(request: Request) -> Response:
    """Register a hook."""
    face = face_of(request)
    key = await face.door.entering(request, Scope.HOOK)
    _refuse_unless_told(face)
    body.expect(request, _JSON)
    address, events = _asked(await body.read(request, min(_LONGEST, face.body_limit)))
    made = await run_in_threadpool(face.gateway.hooks.add, key.tenant, address, events)
    place = url(request, "hooks", str(made["id"]))
    return JSONResponse(dict(made), status_code=201, headers={"location": place})


@routes.get(
    "/v1/hooks",
    summary="List hooks / 通知地址列表",
    openapi_extra=docs.needs(Scope.HOOKS),
)
def page(request: Request) -> Response:
    """Return the tenant's hooks, with how much waits for each."""
    face = face_of(request)
    key = face.door.enter(request, Scope.HOOKS)
    return JSONResponse({"items": [dict(hook) for hook in face.gateway.hooks.listed(key.tenant)]})


@routes.get(
    "/v1/hooks/{hook_id}",
    summary="Show a hook and what waits for it / 查看通知地址及待送通知",
    responses=docs.gives(200, "The hook / 通知地址", examples.HOOK),
    openapi_extra=docs.needs(Scope.HOOKS),
)
def show(request: Request, hook_id: str) -> Response:
    """Return one hook with what is still to be delivered, and what went wrong."""
    face = face_of(request)
    key = face.door.enter(request, Scope.HOOKS)
    return JSONResponse(dict(face.gateway.hooks.show(hook_id, key.tenant)))


@routes.delete(
    "/v1/hooks/{hook_id}",
    summary="Be told no more / 删除通知地址",
    openapi_extra=docs.needs(Scope.HOOK),
)
def remove(request: Request, hook_id: str) -> Response:
    """Take a hook away, and all that was to be delivered to it."""
    return _done(request, hook_id, face_of(request).gateway.hooks.remove)


@routes.post(
    "/v1/hooks/{hook_id}/retries",
    summary="Deliver what waits or was given up / 重新投递",
    openapi_extra=docs.needs(Scope.HOOK),
)
def retry(request: Request, hook_id: str) -> Response:
    """Have all that waits, given up or not, delivered from now on."""
    return _done(request, hook_id, face_of(request).gateway.hooks.retry)


@routes.post(
    "/v1/hooks/{hook_id}/tests",
    summary="Send a test / 发送测试通知",
    openapi_extra=docs.needs(Scope.HOOK),
)
def test(request: Request, hook_id: str) -> Response:
    """Tell the hook at once that this is a test, and answer with what came of it."""
    return _done(request, hook_id, face_of(request).gateway.hooks.test)


@routes.get(WELL_KNOWN, summary="The keys that hooks are signed with / 通知签名公钥")
def keys(request: Request) -> Response:
    """Return the JWK Set (RFC 7517) that receivers check signatures with."""
    face = face_of(request)
    face.door.admit(request)
    if not face.gateway.settings.webhooks.hosts:
        raise NothingThere(where=WELL_KNOWN)
    return JSONResponse(
        dict(face.gateway.hooks.keys()),
        media_type=_JWK_SET,
        headers={"cache-control": "public, max-age=300"},
    )


def _done(request: Request, hook_id: str, work: Callable[[str, str], Json]) -> Response:
    key = face_of(request).door.enter(request, Scope.HOOK)
    return JSONResponse(dict(work(hook_id, key.tenant)))


def _refuse_unless_told(face: Face) -> None:
    if not face.gateway.settings.webhooks.hosts:
        raise NoHooks(where="/v1/hooks")


def _asked(data: bytes) -> tuple[str, list[str]]:
    """Return address and events of a request; raises FieldInvalid."""
    try:
        said = loads(data)
    except ValueError:
        said = None
    if isinstance(said, dict) and said.keys() <= {"url", "events"}:
        address, events = said.get("url"), said.get("events", [])
        texts = isinstance(events, list) and all(isinstance(each, str) for each in events)
        if isinstance(address, str) and texts:
            return address, events
    raise FieldInvalid(
        where="body", reason=Text("not what a hook is", "不是通知地址的描述"), expected=_SHAPE
    )
