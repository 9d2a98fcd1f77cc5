"""Release of the cargo, and insurance in step."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import dcsa, docs
from gateway.api.face import Face, face_of
from gateway.api.keys import Scope
from gateway.api.ladingdoor import JSON, Json, member, operator, writer
from gateway.lading.carrier.noticing import ARRIVAL
from gateway.lading.chain import codes_of

routes: Final = APIRouter(prefix="/v1", tags=["cargo release"], responses=docs.ANY_PROBLEM)

_WRITES: Final = docs.needs(Scope.LADING, docs.content(JSON))
_READS: Final = docs.needs(Scope.LADINGS)


@routes.get(
    "/arrival-notice/{reference}",
    summary="DCSA arrival notice / 到货通知",
    openapi_extra=docs.needs(Scope.PEER),
)
async def arrival(request: Request, reference: str) -> Response:
    """Return the arrival notice of a document, to the platform that has the bill."""
    face, key = await dcsa.enter(request)
    found = await run_in_threadpool(face.gateway.ladings.arrivals.handed_out, reference, key.tenant)
    return dcsa.told(request, found)


@routes.post(
    "/arrival-notice-notifications",
    status_code=204,
    summary="DCSA notification of an arrival notice / 到货通知提示",
    openapi_extra=docs.needs(Scope.PEER, docs.content(JSON)),
)
async def noticed(request: Request) -> Response:
    """Take a carrier's notification; the notice of a bill held here is then asked for."""
    face, key = await dcsa.enter(request)
    value = await dcsa.message(request, face)
    await run_in_threadpool(face.gateway.ladings.take_notice, ARRIVAL, value, key.tenant)
    return dcsa.done(request)


@routes.post(
    "/arrival-notices",
    status_code=201,
    summary="Announce arrival / 发布到货",
    openapi_extra=_WRITES,
)
async def announce(request: Request) -> Response:
    """Keep an arrival notice in DCSA's shape."""
    face, tenant, said = await writer(request)
    operator(face, tenant)
    reference = await run_in_threadpool(face.gateway.ladings.arrivals.announce, said)
    return JSONResponse({"reference": reference}, 201)


@routes.post(
    "/arrival-notices/{reference}",
    status_code=201,
    summary="Announce arrival of a bill / 为提单发布到货通知",
    openapi_extra=_WRITES,
)
async def derive(request: Request, reference: str) -> Response:
    """Give the notice of a bill issued by this carrier: what its document does not say."""
    face, tenant, said = await writer(request)
    operator(face, tenant)
    work = face.gateway.ladings.arrivals.derive
    return JSONResponse(await run_in_threadpool(work, reference, said), 201)


@routes.post(
    "/ladings/{reference}/arrival-notice",
    summary="Ask the carrier for the arrival notice / 向承运人索取到货通知",
    openapi_extra=_WRITES,
)
async def fetch(request: Request, reference: str) -> Response:
    """Fetch the notice of a bill held here from its carrier, and keep it with the bill."""
    face, tenant, _ = await writer(request)
    account = None if tenant == face.gateway.settings.id else tenant
    work = face.gateway.ladings.arrivals.fetch
    return JSONResponse(await run_in_threadpool(work, reference, account))


@routes.post(
    "/delivery-orders", status_code=201, summary="Give a delivery order / 签发提货单",
    openapi_extra=_WRITES,
)  # fmt: skip
async def order(request: Request) -> Response:
    """Give the order of a surrendered bill: transportDocumentReference, agent, equipment."""
    face, tenant, said = await writer(request)
    operator(face, tenant)
    made = await run_in_threadpool(
        face.gateway.ladings.release.order,
        str(said.get("transportDocumentReference", "")),
        member(said, "agent"),
        [str(each) for each in said.get("equipmentReferences", ())],
    )
    return JSONResponse(made, 201)


@routes.get("/delivery-orders/{number}", summary="Show / 查看提货单", openapi_extra=_READS)
def show(request: Request, number: str) -> Response:
    """Return an order, to the operator and to the agent that holds it."""
    face = face_of(request)
    key = face.door.enter(request, Scope.LADINGS)
    shown = face.gateway.ladings.release.shown(number)
    _may_act(face, key.tenant, shown["holder"])
    return JSONResponse(shown)


@routes.post(
    "/delivery-orders/{number}/delegations", summary="Hand on / 转委托", openapi_extra=_WRITES
)
async def delegate(request: Request, number: str) -> Response:
    """Hand an order on: from (the agent that holds it) and to."""
    face, tenant, said = await writer(request)
    by, to = member(said, "from"), member(said, "to")
    _may_act(face, tenant, by)
    made = await run_in_threadpool(face.gateway.ladings.release.delegate, number, by, to)
    return JSONResponse(made)


@routes.post(
    "/delivery-orders/{number}/payment", summary="Charges are paid / 费用结清",
    openapi_extra=_WRITES,
)  # fmt: skip
async def pay(request: Request, number: str) -> Response:
    """Note that the charges are paid."""
    face, tenant, _ = await writer(request)
    operator(face, tenant)
    return JSONResponse(await run_in_threadpool(face.gateway.ladings.release.pay, number))


@routes.post(
    "/delivery-orders/{number}/gate-out", summary="Let a container out / 集装箱出闸",
    openapi_extra=_WRITES,
)  # fmt: skip
async def gate_out(request: Request, number: str) -> Response:
    """Let a container out, once: equipmentReference and the agent at the gate."""
    face, tenant, said = await writer(request)
    operator(face, tenant)
    made = await run_in_threadpool(
        face.gateway.ladings.release.gate_out,
        number,
        str(said.get("equipmentReference", "")),
        member(said, "agent"),
    )
    return JSONResponse(made)


@routes.post(
    "/ladings/{reference}/bundle", status_code=201, summary="Bind a policy / 绑定保单",
    openapi_extra=_WRITES,
)  # fmt: skip
async def bind(request: Request, reference: str) -> Response:
    """Bind a policy and an invoice to a bill: policy, invoice."""
    face, tenant, said = await writer(request)
    policy, invoice = str(said.get("policy", "")), str(said.get("invoice", ""))
    made = await run_in_threadpool(
        face.gateway.ladings.bundles.bind, tenant, reference, policy, invoice
    )
    return JSONResponse({"id": made}, 201)


@routes.get("/ladings/{reference}/bundle", summary="The policy / 查看保单", openapi_extra=_READS)
def bundle(request: Request, reference: str) -> Response:
    """Return the policy bound to a bill and its assignee."""
    face = face_of(request)
    key = face.door.enter(request, Scope.LADINGS)
    own = face.gateway.settings.id
    face.gateway.ladings.shown(reference, None if key.tenant == own else key.tenant)
    return JSONResponse(face.gateway.ladings.bundles.shown(reference))


def _may_act(face: Face, tenant: str, party: Json) -> None:
    """An account acts for itself; the operator for anybody, on mandate."""
    member = face.gateway.ladings.desk.parties.of_tenant(tenant)
    if member is None or not member.codes & codes_of(dict(party)):
        operator(face, tenant)
