"""DCSA EBL 3.0.4 at the carrier, and its notifications at the shipper."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import dcsa, docs
from gateway.api.errors import NothingThere
from gateway.api.face import Face
from gateway.api.keys import Caller, Scope
from gateway.lading.carrier.noticing import DOCUMENT, INSTRUCTIONS

routes: Final = APIRouter(prefix="/v3", tags=["DCSA EBL 3.0.4"])

_SENDS: Final = docs.needs(Scope.PEER, docs.content("application/json"))
_ASKS: Final = docs.needs(Scope.PEER)
_ACCEPTED: Final = HTTPStatus.ACCEPTED


async def _enter(request: Request) -> tuple[Face, Caller]:
    """Let a shipper in, where this gateway is a carrier."""
    face, key = await dcsa.enter(request)
    if not face.gateway.settings.lading.carrier:
        raise NothingThere(where=request.url.path)
    return face, key


@routes.post("/shipping-instructions", summary="Send instructions / 提交补料", openapi_extra=_SENDS)
async def submit(request: Request) -> Response:
    """Take shipping instructions: 202 with their reference."""
    face, key = await _enter(request)
    value = await dcsa.message(request, face)
    made = await run_in_threadpool(face.gateway.ladings.instructions.submit, value, key.tenant)
    return dcsa.told(request, made, _ACCEPTED)


@routes.put("/shipping-instructions/{reference}", summary="Update / 更新补料", openapi_extra=_SENDS)
async def update(request: Request, reference: str) -> Response:
    """Take an update."""
    face, key = await _enter(request)
    value = await dcsa.message(request, face)
    work = face.gateway.ladings.instructions.update
    await run_in_threadpool(work, reference, value, key.tenant)
    return dcsa.done(request, _ACCEPTED)


@routes.get("/shipping-instructions/{reference}", summary="Show / 查看补料", openapi_extra=_ASKS)
async def show(
    request: Request,
    reference: str,
    updated: Annotated[bool, Query(alias="updatedContent")] = False,  # noqa: FBT002
) -> Response:
    """Return instructions with their status."""
    face, key = await _enter(request)
    found = await run_in_threadpool(
        lambda: face.gateway.ladings.instructions.show(reference, key.tenant, updated=updated)
    )
    return dcsa.told(request, found)


@routes.patch(
    "/shipping-instructions/{reference}", summary="Cancel / 取消补料", openapi_extra=_SENDS
)
async def cancel(request: Request, reference: str) -> Response:
    """Cancel instructions or their update."""
    face, key = await _enter(request)
    value = await dcsa.message(request, face)
    work = face.gateway.ladings.instructions.cancel
    await run_in_threadpool(work, reference, value, key.tenant)
    return dcsa.done(request, _ACCEPTED)


@routes.get("/transport-documents/{reference}", summary="Show / 查看单证", openapi_extra=_ASKS)
async def document(request: Request, reference: str) -> Response:
    """Return a transport document as it stands."""
    face, key = await _enter(request)
    found = await run_in_threadpool(face.gateway.ladings.carried.show, reference, key.tenant)
    return dcsa.told(request, found)


@routes.patch(
    "/transport-documents/{reference}", summary="Approve a draft / 确认草稿", openapi_extra=_SENDS
)
async def approve(request: Request, reference: str) -> Response:
    """Take the approval of a draft."""
    face, key = await _enter(request)
    value = await dcsa.message(request, face)
    work = face.gateway.ladings.carried.approve
    await run_in_threadpool(work, reference, value, key.tenant)
    return dcsa.done(request, _ACCEPTED)


@routes.put(
    "/transport-documents/{reference}/amendment",
    summary="Ask to amend / 请求更改",
    openapi_extra=_SENDS,
)
async def amend(request: Request, reference: str) -> Response:
    """Take a request to amend an issued document."""
    face, key = await _enter(request)
    value = await dcsa.message(request, face)
    work = face.gateway.ladings.carried.amend
    await run_in_threadpool(work, reference, value, key.tenant)
    return dcsa.done(request, _ACCEPTED)


@routes.get(
    "/transport-documents/{reference}/amendment",
    summary="Show the amendment / 查看更改",
    openapi_extra=_ASKS,
)
async def amendment(request: Request, reference: str) -> Response:
    """Return the amended document that was asked for."""
    face, key = await _enter(request)
    found = await run_in_threadpool(face.gateway.ladings.carried.amendment, reference, key.tenant)
    return dcsa.told(request, found)


@routes.delete(
    "/transport-documents/{reference}/amendment",
    summary="Take the amendment back / 撤回更改",
    openapi_extra=_ASKS,
)
async def withdraw(request: Request, reference: str) -> Response:
    """Take back a request to amend."""
    face, key = await _enter(request)
    await run_in_threadpool(face.gateway.ladings.carried.withdraw, reference, key.tenant)
    return dcsa.done(request, _ACCEPTED)


@routes.post(
    "/shipping-instructions-notifications", summary="Notification / 补料通知", openapi_extra=_SENDS
)
async def instructions_notice(request: Request) -> Response:
    """Take a carrier's notification about instructions."""
    face, key = await dcsa.enter(request)
    value = await dcsa.message(request, face)
    work = face.gateway.ladings.take_notice
    await run_in_threadpool(work, INSTRUCTIONS, value, key.tenant)
    return dcsa.done(request)


@routes.post(
    "/transport-document-notifications", summary="Notification / 单证通知", openapi_extra=_SENDS
)
async def document_notice(request: Request) -> Response:
    """Take a carrier's notification about a transport document."""
    face, key = await dcsa.enter(request)
    value = await dcsa.message(request, face)
    await run_in_threadpool(face.gateway.ladings.take_notice, DOCUMENT, value, key.tenant)
    return dcsa.done(request)
