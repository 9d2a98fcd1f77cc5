"""DCSA ISS, SUR and END 3.0.4: issuance, surrender and endorsement chain, both roles."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import dcsa, docs
from gateway.api.keys import Scope

routes: Final = APIRouter(tags=["DCSA ISS, SUR, END 3.0.4"])

_NEEDS: Final = docs.needs(Scope.PEER, docs.content("application/json"))


@routes.put(
    "/v3/ebl-issuance-requests",
    summary="Ask a platform to issue / 请求签发",
    openapi_extra=_NEEDS,
)
async def issuance_request(request: Request) -> Response:
    """Take a carrier's request: 204, and the answer follows."""
    face, key = await dcsa.enter(request)
    value = await dcsa.message(request, face)
    await run_in_threadpool(face.gateway.ladings.issuing.request, value, key.tenant)
    return dcsa.done(request)


@routes.post(
    "/v3/ebl-issuance-responses",
    summary="Answer a carrier's request / 答复签发请求",
    openapi_extra=_NEEDS,
)
async def issuance_response(request: Request) -> Response:
    """Take a platform's answer."""
    face, key = await dcsa.enter(request)
    value = await dcsa.message(request, face)
    await run_in_threadpool(face.gateway.ladings.carrier_issuing.answered, value, key.tenant)
    return dcsa.done(request)


@routes.post(
    "/v3/ebl-surrender-requests",
    summary="Surrender to the carrier / 向承运人交单",
    openapi_extra=_NEEDS,
)
async def surrender_request(request: Request) -> Response:
    """Take a platform's surrender request: 204, and the answer follows."""
    face, key = await dcsa.enter(request)
    value = await dcsa.message(request, face)
    await run_in_threadpool(face.gateway.ladings.surrendered.request, value, key.tenant)
    return dcsa.done(request)


@routes.post(
    "/v3/ebl-surrender-responses",
    summary="Answer a surrender / 答复交单",
    openapi_extra=_NEEDS,
)
async def surrender_response(request: Request) -> Response:
    """Take the carrier's answer, once."""
    face, key = await dcsa.enter(request)
    value = await dcsa.message(request, face)
    await run_in_threadpool(face.gateway.ladings.surrendering.answered, value, key.tenant)
    return dcsa.done(request)


@routes.get(
    "/endorsement-chains/{reference}",
    summary="The endorsement chain / 背书链",
    openapi_extra=docs.needs(Scope.PEER),
)
async def endorsement_chain(
    request: Request,
    reference: str,
    sub: Annotated[str, Query(alias="transportDocumentSubReference", max_length=100)] = "",
    scac: Annotated[
        str | None, Query(alias="carrierSCACCode", max_length=4, pattern=r"^\S+$")
    ] = None,
) -> Response:
    """Return the chains of every bill under a reference, to the carrier that issued it."""
    face, key = await dcsa.enter(request)
    work = face.gateway.ladings.chains
    found = await run_in_threadpool(work, reference, key.tenant, sub, scac or "")
    return dcsa.told(request, found)
