"""Clearances: one declaration, two sides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import body, docs, examples, multipart
from gateway.api.clearanceports import ClearanceRequest
from gateway.api.errors import FieldInvalid, FieldMissing, NotThisAuthority, PartnerUnknown
from gateway.api.face import face_of, url
from gateway.api.keys import Scope
from gateway.api.multipart import Part
from gateway.api.routes.exchanges import download
from gateway.transport.headers import ASICE
from schemas.jsondepth import loads
from schemas.text import Text

_SHAPE: Final = '{"field": "value", ...}'
_FORM: Final = docs.form(
    ["declaration"],
    declaration="The export declaration / 出口报关单",
    invoice="The invoice / 发票",
    lading="The bill of lading / 提单",
    receiver="Text: the partner gateway / 对方网关",
    corridor="Text: the corridor profile / 通道配置",
)


routes: Final = APIRouter(prefix="/v1", tags=["clearances"], responses=docs.ANY_PROBLEM)


@routes.post(
    "/clearances",
    status_code=201,
    summary="Open a clearance / 开始双边通关",
    description=docs.both(
        "The declaration with its invoice and bill of lading. The other side's declaration "
        "follows the release receipt of the export side.",
        "出口报关单及其发票和提单。对方申报在出口放行后自动进行。",
    ),
    openapi_extra=docs.needs(Scope.CLEAR, _FORM),
)
async def open_clearance(
    request: Request, idempotency_key: Annotated[str, Header(max_length=255)] = ""
) -> Response:
    """Open a clearance from a declaration and what belongs to it."""
    face = face_of(request)
    key = await face.door.entering(request, Scope.CLEAR)
    body.expect(request, multipart.MEDIA_TYPE)
    data = await body.read(request, face.body_limit)
    parts = _single(multipart.split(request.headers["content-type"], data))
    if "declaration" not in parts:
        raise FieldMissing(where="part/declaration")
    opened = await run_in_threadpool(
        face.gateway.clearances.open,
        ClearanceRequest(
            tenant=key.tenant,
            declaration=parts["declaration"].data,
            invoice=parts["invoice"].data if "invoice" in parts else None,
            lading=parts["lading"].data if "lading" in parts else None,
            receiver=parts["receiver"].text.strip() if "receiver" in parts else "",
            corridor=parts["corridor"].text.strip() if "corridor" in parts else "",
            key=idempotency_key,
        ),
    )
    place = url(request, "clearances", str(opened["id"]))
    return JSONResponse(dict(opened), status_code=201, headers={"location": place})


@routes.get(
    "/clearances",
    summary="List clearances / 通关列表",
    openapi_extra=docs.needs(Scope.BOARD),
)
def page(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Return a page of the tenant's clearances."""
    face = face_of(request)
    key = face.door.enter(request, Scope.BOARD)
    items = face.gateway.clearances.page(key.tenant, before=before or None, limit=limit)
    following = None
    if len(items) == limit:
        last = items[-1]["id"]
        following = f"{url(request, 'clearances')}?limit={limit}&before={last}"
    return JSONResponse({"items": [dict(item) for item in items], "next": following})


@routes.get(
    "/clearances/board",
    summary="Both sides of all clearances / 通关看板",
    responses=docs.gives(200, "The board / 看板", examples.BOARD),
    openapi_extra=docs.needs(Scope.BOARD),
)
def board(request: Request) -> Response:
    """Return one row per clearance with the current status of both sides."""
    face = face_of(request)
    key = face.door.enter(request, Scope.BOARD)
    return JSONResponse({"items": [dict(row) for row in face.gateway.clearances.board(key.tenant)]})


@routes.get(
    "/clearances/{clearance_id}",
    summary="Show a clearance with every status / 查看通关状态",
    openapi_extra=docs.needs(Scope.BOARD),
)
def show(request: Request, clearance_id: str) -> Response:
    """Return one clearance with every status of both customs."""
    face = face_of(request)
    key = face.door.enter(request, Scope.BOARD)
    return JSONResponse(dict(face.gateway.clearances.show(key.tenant, clearance_id)))


@routes.get(
    "/clearances/{clearance_id}/evidence",
    summary="One file that proves this side of it / 本方证据包",
    responses=docs.hands_out("The package / 证据包", ASICE),
    description=docs.both(
        "At the exporter of what was sent, at the importer of what came and was declared.",
        "出口方为所发送内容的证据，进口方为所收到并申报内容的证据。",
    ),
    openapi_extra=docs.needs(Scope.READ),
)
def evidence(request: Request, clearance_id: str) -> Response:
    """Return the evidence package of a clearance."""
    face = face_of(request)
    key = face.door.enter(request, Scope.READ)
    package = face.gateway.clearance_evidence(key.tenant, clearance_id)
    return download(package, ASICE, f"{clearance_id}.asice")


@routes.get(
    "/clearances/{clearance_id}/form",
    summary="What the importer must add / 进口方需补充的内容",
    responses=docs.gives(200, "The form / 表单", examples.FORM),
    openapi_extra=docs.needs(Scope.BOARD),
)
def form(request: Request, clearance_id: str) -> Response:
    """Return the fields that the importer has to fill in, once per importer."""
    face = face_of(request)
    key = face.door.enter(request, Scope.BOARD)
    return JSONResponse(dict(face.gateway.clearances.form(key.tenant, clearance_id)))


@routes.post(
    "/clearances/{clearance_id}/form",
    summary="Add what was missing / 提交补充内容",
    openapi_extra=docs.needs(Scope.CLEAR, docs.content("application/json")),
)
async def answer(request: Request, clearance_id: str) -> Response:
    """Take the importer's values, a JSON object of texts by field."""
    face = face_of(request)
    key = await face.door.entering(request, Scope.CLEAR)
    body.expect(request, "application/json")
    values = _values(await body.read(request, face.body_limit))
    shown = await run_in_threadpool(
        face.gateway.clearances.answer, key.tenant, clearance_id, values
    )
    return JSONResponse(dict(shown))


@routes.post(
    "/authorities/{authority}/receipts",
    summary="A receipt of an authority / 主管机关回执",
    description=docs.both(
        "In the authority's own format; what it says twice counts once.",
        "使用主管机关自身的格式；重复回执只计一次。",
    ),
    openapi_extra=docs.needs(Scope.RECEIPTS, docs.content("application/xml", "application/json")),
)
async def receipt(request: Request, authority: str) -> Response:
    """Take a receipt and answer with what it meant."""
    face = face_of(request)
    key = await face.door.entering(request, Scope.RECEIPTS)
    settings = face.gateway.settings
    if settings.authority(authority) is None:
        raise PartnerUnknown(where="path/authority", party=authority)
    if key.tenant not in {authority, settings.id}:  # a trader must not release his own goods
        raise NotThisAuthority(where="path/authority", caller=key.tenant, authority=authority)
    data = await body.read(request, face.body_limit)
    return JSONResponse(
        dict(await run_in_threadpool(face.gateway.clearances.receipt, authority, data))
    )


def _single(parts: list[Part]) -> Mapping[str, Part]:
    found: dict[str, Part] = {}
    for part in parts:
        if part.name in found:
            raise FieldInvalid(
                where=f"part/{part.name}", reason=Text("twice", "重复"), expected="1"
            )
        if part.data:
            found[part.name] = part
    return found


def _values(data: bytes) -> dict[str, str]:
    """Return the answers by field; every value is text, as in the form."""
    try:
        values = loads(data)
    except ValueError as error:
        raise FieldInvalid(
            where="body", reason=Text("not JSON", "不是 JSON"), expected=_SHAPE
        ) from error
    if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
        raise FieldInvalid(
            where="body", reason=Text("not an object of texts", "不是文本对象"), expected=_SHAPE
        )
    return values
