"""Presentation of a bill and other records to a bank under eUCP 2.1."""

from __future__ import annotations

from datetime import date
from typing import Final

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import docs
from gateway.api.face import Face, face_of
from gateway.api.keys import Scope
from gateway.api.ladingdoor import JSON, decoded, invalid, member, writer

routes: Final = APIRouter(prefix="/v1", tags=["presentation"], responses=docs.ANY_PROBLEM)

_WRITES: Final = docs.needs(Scope.LADING, docs.content(JSON))
_READS: Final = docs.needs(Scope.LADINGS)


@routes.post(
    "/ladings/{reference}/presentations", status_code=201, summary="Present / 开始交单",
    openapi_extra=_WRITES,
)  # fmt: skip
async def present(request: Request, reference: str) -> Response:
    """Begin a presentation under eUCP: credit, expiry, bank."""
    face, tenant, said = await writer(request)
    try:
        expiry = date.fromisoformat(str(said.get("expiry", "")))
    except ValueError as error:
        raise invalid("expiry", "2026-12-31") from error
    number = await run_in_threadpool(
        lambda: face.gateway.ladings.presentations.open(
            tenant,
            reference,
            credit=str(said.get("credit", "")),
            expiry=expiry,
            bank=member(said, "bank"),
        )
    )
    return JSONResponse({"presentation": number}, 201)


@routes.post(
    "/presentations/{number}/records", summary="Add a record / 提交记录", openapi_extra=_WRITES
)
async def record(request: Request, number: str) -> Response:
    """Take a record: name, content (Base64) and the credit it names."""
    face, tenant, said = await writer(request)
    content = decoded(said.get("content", ""))
    counts = await run_in_threadpool(
        lambda: face.gateway.ladings.presentations.add(
            tenant,
            number,
            name=str(said.get("name", "")),
            content=content,
            credit=str(said.get("credit", "")),
        )
    )
    return JSONResponse({"received": counts})


@routes.post(
    "/presentations/{number}/completeness", summary="Notice of completeness / 交单完成通知",
    openapi_extra=_WRITES,
)  # fmt: skip
async def complete(request: Request, number: str) -> Response:
    """Give the notice of completeness."""
    face, tenant, _ = await writer(request)
    work = face.gateway.ladings.presentations.complete
    return JSONResponse(await run_in_threadpool(work, tenant, number))


@routes.post(
    "/presentations/{number}/corruptions", summary="A record is corrupted / 记录损坏",
    openapi_extra=_WRITES,
)  # fmt: skip
async def corrupted(request: Request, number: str) -> Response:
    """Ask for a record again, as the bank or as the operator for it: name."""
    face, tenant, said = await writer(request)
    work = face.gateway.ladings.presentations.corrupted
    name = str(said.get("name", ""))
    return JSONResponse(await run_in_threadpool(work, _account(face, tenant), number, name))


@routes.get("/presentations/{number}", summary="Show / 查看交单", openapi_extra=_READS)
def show(request: Request, number: str) -> Response:
    """Return a presentation to its presenter, its bank and the operator."""
    face = face_of(request)
    key = face.door.enter(request, Scope.LADINGS)
    shown = face.gateway.ladings.presentations.shown(_account(face, key.tenant), number)
    return JSONResponse(shown)


def _account(face: Face, tenant: str) -> str | None:
    """Return whose the call is, None for the operator's."""
    return None if tenant == face.gateway.settings.id else tenant
