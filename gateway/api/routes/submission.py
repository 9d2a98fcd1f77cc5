"""Handing in a document: the body or a form, checked at the door, committed before the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

import adapters
from gateway.api import body, docs, examples, multipart
from gateway.api.errors import FieldInvalid
from gateway.api.face import Face, face_of, url
from gateway.api.keys import Scope
from gateway.exchange.submission import Submission
from gateway.exchange.wanted import wanted_format
from gateway.settings.parties import Partner
from schemas.text import Text

_LARGE: Final = 128 * 1024
_ANY: Final = "application/octet-stream"
NAME: Final = r"^[A-Za-z0-9._:/-]*$"


def _named(en: str, zh: str, example: str) -> Any:  # noqa: ANN401 - what FastAPI calls a parameter
    return Query(max_length=128, pattern=NAME, description=docs.both(en, zh), examples=[example])


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
