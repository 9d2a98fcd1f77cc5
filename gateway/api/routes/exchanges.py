"""Exchanges: hand in a document, and follow it to the other side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

import adapters
from gateway.api import body, docs, examples, multipart, reading, views
from gateway.api.errors import FieldInvalid, NothingThere
from gateway.api.face import Face, face_of, url
from gateway.api.keys import Scope
from gateway.exchange.submission import Submission
from gateway.exchange.wanted import wanted_format
from gateway.settings import Partner
from gateway.store.model import Role, State
from gateway.transport.headers import ASICE
from schemas.text import Text

_LARGE: Final = 128 * 1024
_ANY: Final = "application/octet-stream"
# Salts and values of the commitments stay inside; a joined document is its submitter's own.
_SHOWN: Final = {role.value: role for role in Role if role is not Role.COMMITMENTS}

_NAME: Final = r"^[A-Za-z0-9._:/-]*$"


def _named(en: str, zh: str, example: str) -> Any:  # noqa: ANN401 - what FastAPI calls a parameter
    return Query(max_length=128, pattern=_NAME, description=docs.both(en, zh), examples=[example])


Id = Annotated[str, Query(max_length=128, pattern=_NAME)]
Receiver = Annotated[str, _named("The partner gateway.", "对方网关。", "sg-gateway")]
Target = Annotated[
    str,
    _named(
        "The format to translate to; what the receiver's card asks for if left out.",
        "目标格式；省略时按接收方名片的要求。",
        "sg-tradenet",
    ),
]
Source = Annotated[
    str, _named("The format it is in; detected if left out.", "源格式；省略时自动识别。", "cn-dec")
]
Profile = Annotated[str, _named("The corridor's profile.", "通道配置。", "cn-sg")]
Kind = Annotated[str, _named("What it is, in one word.", "文件种类。", "declaration")]
Correlation = Annotated[str, _named("Your own reference.", "贵方参考号。", "SO-2026-117")]
IdempotencyKey = Annotated[
    str,
    Header(
        max_length=255,
        description=docs.both(
            "Repeat a submission safely: the same key and document give the same exchange.",
            "可安全重复提交：相同的键与文件得到同一次交换。",
        ),
    ),
]


routes: Final = APIRouter(prefix="/v1/exchanges", tags=["exchanges"], responses=docs.ANY_PROBLEM)


@routes.post(
    "",
    status_code=202,
    summary="Submit a document / 提交文件",
    responses=docs.gives(202, "Committed / 已保存", examples.ACCEPTED),
    description=docs.both(
        "The document is the body, or the part `document` of a form whose parts `related` "
        "are joined to it. 202 means: committed, it will not be lost.",
        "文件为请求内容，或表单中的 `document` 部分，`related` 部分与其合并。"
        "202 表示已持久保存，不会丢失。",
    ),
    openapi_extra=docs.needs(
        Scope.SUBMIT,
        docs.content(
            "application/xml", "application/json", "application/edifact", multipart.MEDIA_TYPE
        ),
    ),
)
async def submit(
    request: Request,
    *,
    receiver: Receiver,
    target: Target = "",
    source: Source = "",
    profile: Profile = "",
    kind: Kind = "document",
    correlation: Correlation = "",
    idempotency_key: IdempotencyKey = "",
) -> Response:
    """Take a document; 202 with its address once it is committed."""
    face = face_of(request)
    key = await face.door.entering(request, Scope.SUBMIT)
    partner = _know(face, receiver, target)
    data = await body.read(request, face.body_limit)
    document, media_type, related = _parts(request, data)
    found = source or await _detect(face, document)
    accepted = await face.submissions.ask(
        Submission(
            tenant=key.tenant,
            data=document,
            kind=kind,
            sender=face.gateway.settings.id,
            receiver=receiver,
            target_format=target or wanted_format(found, partner.card.formats),
            source_format=found,
            media_type=media_type,
            profile=profile,
            correlation=correlation,
            key=idempotency_key,
            related=tuple(related),
        )
    )
    place = url(request, "exchanges", accepted.id)
    return JSONResponse(
        {"id": accepted.id, "duplicate": accepted.duplicate, "href": place},
        status_code=202,
        headers={"location": place},
    )


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


def _know(face: Face, receiver: str, target: str) -> Partner:
    if target and target not in adapters.formats():
        raise FieldInvalid(
            where="query/target", reason=target, expected=", ".join(sorted(adapters.formats()))
        )
    partner = face.gateway.settings.partner(receiver)
    if partner is None:
        known = ", ".join(partner.id for partner in face.gateway.settings.partners)
        raise FieldInvalid(
            where="query/receiver",
            reason=Text(f"{receiver} is no partner", f"{receiver} 不是合作方"),
            expected=known,
        )
    return partner


def _parts(request: Request, data: bytes) -> tuple[bytes, str, Sequence[bytes]]:
    """Return the document, its media type, and what is to be joined to it."""
    kind = body.media_type(request)
    if not kind.startswith("multipart/"):
        return data, kind or _ANY, ()
    body.expect(request, multipart.MEDIA_TYPE)
    parts = multipart.split(request.headers["content-type"], data)
    documents = [part for part in parts if part.name == "document" and part.data]
    if len(documents) != 1:
        raise FieldInvalid(where="part/document", reason=str(len(documents)), expected="1")
    related = [part.data for part in parts if part.name == "related" and part.data]
    return documents[0].data, documents[0].media_type or _ANY, related


async def _detect(face: Face, document: bytes) -> str:
    """Refuse at the door what no format reads: malformed, hostile or foreign documents."""
    if len(document) < _LARGE:
        return face.gateway.tools.detect(document)
    return await run_in_threadpool(face.gateway.tools.detect, document)
