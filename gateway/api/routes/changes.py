"""Amending, cancelling, confirming and declining: what changes, field by field, on either side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import body, docs, examples
from gateway.api.errors import FieldInvalid, FieldMissing
from gateway.api.face import face_of
from gateway.api.keys import Scope
from schemas.jsondepth import loads
from schemas.text import Text

_JSON: Final = "application/json"
_DOCUMENTS: Final = ("application/xml", "text/xml")
_REASON: Final = 512
_AMENDMENT: Final = '{"reason": "...", "fields": {"TotalPackageQuantity": "14"}}'
_CANCELLATION: Final = '{"reason": "..."}'
_CONFIRMATION: Final = '{"number": 1}'
_REFUSAL: Final = '{"number": 1, "reason": "..."}'

routes: Final = APIRouter(
    prefix="/v1/clearances/{clearance_id}", tags=["clearances"], responses=docs.ANY_PROBLEM
)


@routes.post(
    "/amendments",
    summary="Amend the declaration of this side / 修改本方报关单",
    description=docs.both(
        f"The corrected declaration with `?reason=`, or new values by term id: `{_AMENDMENT}`. "
        "The differences go, signed, to the other side and to the customs of this one.",
        f"提交更正后的报关单(理由用 `?reason=`),或按字段给出新值:`{_AMENDMENT}`。"
        "差异经签名后发送给对方及本方海关。",
    ),
    responses=docs.gives(200, "The clearance / 通关", examples.CHANGED),
    openapi_extra=docs.needs(Scope.CLEAR, docs.content(*_DOCUMENTS, _JSON)),
)
async def amend(
    request: Request, clearance_id: str, reason: Annotated[str, Query(max_length=_REASON)] = ""
) -> Response:
    """Amend by a whole new version or by its differences."""
    face = face_of(request)
    key = await face.door.entering(request, Scope.CLEAR)
    body.expect(request, *_DOCUMENTS, _JSON)
    data = await body.read(request, face.body_limit)
    clearances = face.gateway.clearances
    if body.media_type(request) == _JSON:
        said = _object(data, _AMENDMENT)
        values, reason = _values(said.get("fields")), _reason(said.get("reason"), "body/reason")
        shown = await run_in_threadpool(
            clearances.correct, key.tenant, clearance_id, values, reason
        )
    else:
        reason = _reason(reason, "query/reason")
        shown = await run_in_threadpool(clearances.amend, key.tenant, clearance_id, data, reason)
    return JSONResponse(dict(shown))


@routes.post(
    "/cancellation",
    summary="Cancel the declaration of this side / 撤销本方报关单",
    description=docs.both(
        f"With a reason: `{_CANCELLATION}`. The other side confirms its own part.",
        f"须注明理由:`{_CANCELLATION}`。对方另行确认其部分。",
    ),
    responses=docs.gives(200, "The clearance / 通关", examples.CHANGED),
    openapi_extra=docs.needs(Scope.CLEAR, docs.content(_JSON)),
)
async def cancel(request: Request, clearance_id: str) -> Response:
    """Cancel once; the same again changes nothing."""
    face = face_of(request)
    key = await face.door.entering(request, Scope.CLEAR)
    body.expect(request, _JSON)
    said = _object(await body.read(request, face.body_limit), _CANCELLATION)
    reason = _reason(said.get("reason"), "body/reason")
    cancel_ = face.gateway.clearances.cancel
    return JSONResponse(dict(await run_in_threadpool(cancel_, key.tenant, clearance_id, reason)))


@routes.post(
    "/confirmations",
    summary="Confirm a change of the other side / 确认对方的修改",
    description=docs.both(
        f"By its number on this side: `{_CONFIRMATION}`. It then goes to the customs of this side.",
        f"按本方编号:`{_CONFIRMATION}`。确认后提交本方海关。",
    ),
    responses=docs.gives(200, "The clearance / 通关", examples.CHANGED),
    openapi_extra=docs.needs(Scope.CLEAR, docs.content(_JSON)),
)
async def confirm(request: Request, clearance_id: str) -> Response:
    """Confirm a proposed change; one that is agreed stays so."""
    face = face_of(request)
    key = await face.door.entering(request, Scope.CLEAR)
    body.expect(request, _JSON)
    said = _object(await body.read(request, face.body_limit), _CONFIRMATION)
    number = _number(said.get("number"))
    confirm_ = face.gateway.clearances.confirm
    return JSONResponse(dict(await run_in_threadpool(confirm_, key.tenant, clearance_id, number)))


@routes.post(
    "/refusals",
    summary="Decline a change of the other side / 拒绝对方的修改",
    description=docs.both(
        f"By its number on this side, with a reason: `{_REFUSAL}`. It goes to nobody's customs "
        "here, and its author is told.",
        f"按本方编号并注明理由:`{_REFUSAL}`。该修改不提交本方海关,并告知提出方。",
    ),
    responses=docs.gives(200, "The clearance / 通关", examples.CHANGED),
    openapi_extra=docs.needs(Scope.CLEAR, docs.content(_JSON)),
)
async def decline(request: Request, clearance_id: str) -> Response:
    """Decline a proposed change; one that was answered stays so."""
    face = face_of(request)
    key = await face.door.entering(request, Scope.CLEAR)
    body.expect(request, _JSON)
    said = _object(await body.read(request, face.body_limit), _REFUSAL)
    number, reason = _number(said.get("number")), _reason(said.get("reason"), "body/reason")
    decline_ = face.gateway.clearances.decline
    shown = await run_in_threadpool(decline_, key.tenant, clearance_id, number, reason)
    return JSONResponse(dict(shown))


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise FieldInvalid(
            where="body/number", reason=Text("no number", "不是编号"), expected=_CONFIRMATION
        )
    return value


def _object(data: bytes, shape: str) -> Mapping[str, Any]:
    try:
        said = loads(data)
    except ValueError as error:
        raise FieldInvalid(
            where="body", reason=Text("not JSON", "不是 JSON"), expected=shape
        ) from error
    if not isinstance(said, dict):
        raise FieldInvalid(where="body", reason=Text("not an object", "不是对象"), expected=shape)
    return said


def _values(fields: object) -> dict[str, str]:
    if not isinstance(fields, dict) or not fields:
        raise FieldMissing(where="body/fields")
    if not all(isinstance(value, str) for value in fields.values()):
        raise FieldInvalid(
            where="body/fields",
            reason=Text("not an object of texts", "不是文本对象"),
            expected=_AMENDMENT,
        )
    return fields


def _reason(said: object, where: str) -> str:
    """Return why a change is made: customs and the other side are told, so it must be there."""
    if not isinstance(said, str) or not said.strip():
        raise FieldMissing(where=where)
    if len(said) > _REASON:
        raise FieldInvalid(where=where, reason=Text("too long", "过长"), expected=f"an..{_REASON}")
    return said.strip()
