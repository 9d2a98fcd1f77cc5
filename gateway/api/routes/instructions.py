"""Shipping instructions for the accounts of this gateway, and what a carrier's operator does."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import docs
from gateway.api.face import Face, face_of
from gateway.api.keys import Scope
from gateway.api.ladingdoor import JSON, Json, member, operator, writer
from gateway.lading.carrier.instructions import KIND

routes: Final = APIRouter(
    prefix="/v1", tags=["shipping instructions"], responses=docs.ANY_PROBLEM
)  # fmt: skip

_WRITES: Final = docs.needs(Scope.LADING, docs.content(JSON))
_READS: Final = docs.needs(Scope.LADINGS)
_Carrier = Annotated[str, Query(max_length=20)]


@routes.post(
    "/shipping-instructions",
    status_code=202,
    summary="Give shipping instructions / 提交补料",
    openapi_extra=_WRITES,
)
async def give(request: Request) -> Response:
    """Give instructions (DCSA CreateShippingInstructions) to a carrier: carrier, instructions."""
    face, tenant, said = await writer(request)
    work = face.gateway.ladings.instructing.give
    value = member(said, "instructions")
    reference = await run_in_threadpool(work, tenant, _carrier(face, said), value)
    return JSONResponse({"reference": reference}, 202)


@routes.put(
    "/shipping-instructions/{reference}",
    status_code=202,
    summary="Update them / 更新补料",
    openapi_extra=_WRITES,
)
async def update(request: Request, reference: str) -> Response:
    """Send an update (DCSA UpdateShippingInstructions): carrier, instructions."""
    face, tenant, said = await writer(request)
    work = face.gateway.ladings.instructing.update
    value = member(said, "instructions")
    await run_in_threadpool(work, tenant, _carrier(face, said), reference, value)
    return JSONResponse({"reference": reference}, 202)


@routes.get(
    "/shipping-instructions", summary="Those that came in / 收到的补料", openapi_extra=_READS
)
def received(request: Request) -> Response:
    """Return the instructions that this carrier was given, the newest first."""
    face = face_of(request)
    operator(face, face.door.enter(request, Scope.LADINGS).tenant)
    return JSONResponse({"items": face.gateway.ladings.papers(KIND)})


@routes.get("/shipping-instructions/{reference}", summary="Show / 查看补料", openapi_extra=_READS)
def show(request: Request, reference: str, carrier: _Carrier = "") -> Response:
    """Return instructions as their carrier has them, ours by default."""
    face = face_of(request)
    tenant = face.door.enter(request, Scope.LADINGS).tenant
    there = carrier or face.gateway.settings.lading.carrier
    return JSONResponse(face.gateway.ladings.instructing.shown(tenant, there, reference))


@routes.post(
    "/shipping-instructions/{reference}/draft",
    status_code=201,
    summary="Draft the transport document / 拟制运输单证",
    openapi_extra=_WRITES,
)
async def draft(request: Request, reference: str) -> Response:
    """Draft the document of instructions, as the carrier: what they do not say."""
    face, tenant, said = await writer(request)
    operator(face, tenant)
    made = await run_in_threadpool(face.gateway.ladings.carried.draft, reference, dict(said))
    return JSONResponse({"reference": made}, 201)


@routes.post(
    "/shipping-instructions/{reference}/decision",
    summary="Answer them / 处理补料",
    openapi_extra=_WRITES,
)
async def decide(request: Request, reference: str) -> Response:
    """Answer, as the carrier: status PENDING_UPDATE, UPDATE_CONFIRMED, ..., and the reason."""
    face, tenant, said = await writer(request)
    operator(face, tenant)
    status, reason = str(said.get("status", "")), str(said.get("reason", ""))
    work = face.gateway.ladings.instructions.decide
    await run_in_threadpool(work, reference, status, reason)
    return JSONResponse({"reference": reference, "status": status})


@routes.get(
    "/transport-documents/{reference}", summary="Show a draft / 查看单证", openapi_extra=_READS
)
def document(request: Request, reference: str, carrier: _Carrier = "") -> Response:
    """Return the transport document of instructions that the account gave."""
    face = face_of(request)
    tenant = face.door.enter(request, Scope.LADINGS).tenant
    there = carrier or face.gateway.settings.lading.carrier
    return JSONResponse(face.gateway.ladings.instructing.document(tenant, there, reference))


@routes.post(
    "/transport-documents/{reference}/approval",
    status_code=202,
    summary="Approve a draft / 确认草稿",
    openapi_extra=_WRITES,
)
async def approve(request: Request, reference: str) -> Response:
    """Approve the draft of a transport document: carrier."""
    face, tenant, said = await writer(request)
    work = face.gateway.ladings.instructing.approve
    await run_in_threadpool(work, tenant, _carrier(face, said), reference)
    return JSONResponse({"reference": reference}, 202)


@routes.post(
    "/transport-documents/{reference}/amendment",
    summary="Answer a request to amend / 处理更改请求",
    openapi_extra=_WRITES,
)
async def amend(request: Request, reference: str) -> Response:
    """Answer, as the carrier: status AMENDMENT_CONFIRMED or AMENDMENT_DECLINED, and the reason."""
    face, tenant, said = await writer(request)
    operator(face, tenant)
    status, reason = str(said.get("status", "")), str(said.get("reason", ""))
    await run_in_threadpool(face.gateway.ladings.carried.decide, reference, status, reason)
    return JSONResponse({"reference": reference, "status": status})


def _carrier(face: Face, said: Json) -> str:
    """Return the carrier that a call is to, this gateway by default."""
    return str(said.get("carrier", "")) or face.gateway.settings.lading.carrier
