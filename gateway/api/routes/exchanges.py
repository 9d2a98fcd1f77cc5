"""Exchanges: a document that was handed in, followed to the other side."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import docs, examples, reading, views
from gateway.api.errors import NothingThere
from gateway.api.face import Face, face_of, url
from gateway.api.keys import Scope
from gateway.api.routes.submission import NAME
from gateway.store.model import Role, State
from gateway.transport.headers import ASICE

# Salts and values of the commitments stay inside; a joined document is its submitter's own.
_SHOWN: Final = {role.value: role for role in Role if role is not Role.COMMITMENTS}
Id = Annotated[str, Query(max_length=128, pattern=NAME)]

routes: Final = APIRouter(prefix="/v1/exchanges", tags=["exchanges"], responses=docs.ANY_PROBLEM)


@routes.get(
    "",
    summary="List exchanges / 交换列表",
    responses=docs.gives(200, "A page / 一页", examples.PAGE),
    description=docs.both("Newest first, by pages.", "按时间倒序分页。"),
    openapi_extra=docs.needs(Scope.READ),
)
def page(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Id = "",
    state: State | None = None,
) -> Response:
    """Return a page of the tenant's exchanges."""
    face = face_of(request)
    key = face.door.enter(request, Scope.READ)
    items = reading.page(
        face.gateway.store, key.tenant, before=before or None, limit=limit, state=state
    )
    following = None
    if len(items) == limit:
        chosen = f"&state={state.value}" if state else ""
        following = f"{url(request, 'exchanges')}?limit={limit}&before={items[-1].id}{chosen}"
    return JSONResponse(
        {"items": [views.exchange(item) for item in items], "next": following},
        headers={"link": f'<{following}>; rel="next"'} if following else None,
    )


@routes.get(
    "/{exchange_id}",
    summary="Show an exchange / 查看交换",
    responses=docs.gives(200, "The exchange / 交换", examples.EXCHANGE),
    openapi_extra=docs.needs(Scope.READ),
)
def show(request: Request, exchange_id: str) -> Response:
    """Return one exchange and where its parts are."""
    face = face_of(request)
    key = face.door.enter(request, Scope.READ)
    found = reading.show(face.gateway.store, key.tenant, exchange_id)
    links = {
        name: url(request, "exchanges", exchange_id, name)
        for name in ("timeline", "loss", "findings", "evidence")
    }
    return JSONResponse(views.exchange(found) | {"links": links})


@routes.get(
    "/{exchange_id}/timeline",
    summary="What happened to it, and when / 时间线",
    responses=docs.gives(200, "The journal / 日志", examples.TIMELINE),
    openapi_extra=docs.needs(Scope.READ),
)
def timeline(request: Request, exchange_id: str) -> Response:
    """Return the journal of an exchange, first to last."""
    face = face_of(request)
    key = face.door.enter(request, Scope.READ)
    lines, attempts = reading.timeline(face.gateway.store, key.tenant, exchange_id)
    return JSONResponse(
        {
            "id": exchange_id,
            "events": [line.as_dict() for line in lines],
            "attempts": [views.attempt(one) for one in attempts],
        }
    )


@routes.get(
    "/{exchange_id}/payloads/{role}",
    summary="The bytes it carried / 各阶段内容",
    responses=docs.hands_out("Exactly as kept / 原样", "application/xml", "application/json"),
    openapi_extra=docs.needs(Scope.READ),
)
def payload(request: Request, exchange_id: str, role: str) -> Response:
    """Return the bytes of one role: source, rendered, sealed, container, receipt and so on."""
    face = face_of(request)
    key = face.door.enter(request, Scope.READ)
    wanted = _SHOWN.get(role)
    if wanted is None:
        raise NothingThere(where=request.url.path)
    return _bytes(face, key.tenant, exchange_id, wanted)


@routes.get(
    "/{exchange_id}/loss",
    summary="Its loss report / 转换损失报告",
    openapi_extra=docs.needs(Scope.READ),
)
def loss(request: Request, exchange_id: str) -> Response:
    """Return the loss report of its translation."""
    face = face_of(request)
    key = face.door.enter(request, Scope.READ)
    return _bytes(face, key.tenant, exchange_id, Role.LOSS)


@routes.get(
    "/{exchange_id}/findings",
    summary="What the checks found / 检查结果",
    openapi_extra=docs.needs(Scope.READ),
)
def findings(request: Request, exchange_id: str) -> Response:
    """Return the findings of its checks."""
    face = face_of(request)
    key = face.door.enter(request, Scope.READ)
    return _bytes(face, key.tenant, exchange_id, Role.FINDINGS)


@routes.get(
    "/{exchange_id}/evidence",
    summary="One file that proves all of it / 证据包",
    responses=docs.hands_out("The package / 证据包", ASICE),
    description=docs.both(
        "An ASiC-E container; `silkgate verify FILE --offline` checks it without network.",
        "ASiC-E 容器；可用 `silkgate verify FILE --offline` 离线验证。",
    ),
    openapi_extra=docs.needs(Scope.READ),
)
def evidence(request: Request, exchange_id: str) -> Response:
    """Return the evidence package."""
    face = face_of(request)
    key = face.door.enter(request, Scope.READ)
    reading.show(face.gateway.store, key.tenant, exchange_id)
    return download(face.gateway.evidence(exchange_id), ASICE, f"{exchange_id}.asice")


def download(data: bytes, media_type: str, name: str) -> Response:
    """Return bytes that a browser saves and never shows as a page of ours."""
    return Response(
        data,
        media_type=media_type,
        headers={
            "content-disposition": f'attachment; filename="{name}"',
            "content-security-policy": "sandbox; default-src 'none'",
            "cache-control": "private, no-store",
        },
    )


def _bytes(face: Face, tenant: str, exchange_id: str, role: Role) -> Response:
    payload = reading.payload(face.gateway.store, tenant, exchange_id, role)
    response = download(payload.data, payload.media_type, f"{exchange_id}.{role.value}")
    response.headers["etag"] = f'"{payload.digest.hex()}"'
    return response
