"""Bills of lading for the accounts of this gateway: look, transfer, endorse, surrender, issue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import docs
from gateway.api.face import Face, face_of
from gateway.api.keys import Scope
from gateway.api.ladingdoor import JSON, decoded, invalid, member, operator, writer
from gateway.lading.transfer.sending import Attachment

routes: Final = APIRouter(prefix="/v1", tags=["bills of lading"], responses=docs.ANY_PROBLEM)

_WRITES: Final = docs.needs(Scope.LADING, docs.content(JSON))
_READS: Final = docs.needs(Scope.LADINGS)
_MORE: Final = ("recipient", "comments", "reasonCode")
_MADE: Final = ("actionCode", "recipient", "comments", "assignee", "actionDateTime")


@routes.get("/ladings", summary="List bills of lading / 提单列表", openapi_extra=_READS)
def page(request: Request) -> Response:
    """Return the account's bills, those touched last first; the operator sees all."""
    face, tenant = _reader(request)
    return JSONResponse({"items": face.gateway.ladings.listed(tenant)})


@routes.post(
    "/ladings", status_code=202, summary="Have a bill issued / 签发提单", openapi_extra=_WRITES
)
async def issue(request: Request) -> Response:
    """Ask a platform to issue: document, issueTo, perhaps visualisation and amended."""
    face, tenant, said = await writer(request)
    operator(face, tenant)
    shown = said.get("visualisation")
    picture = (str(shown["name"]), decoded(shown["content"])) if shown else None
    carrier = face.gateway.ladings.carrier_issuing
    ask = carrier.reissue if said.get("amended") else carrier.ask
    reference = await run_in_threadpool(
        ask, member(said, "document"), member(said, "issueTo"), picture
    )
    return JSONResponse({"reference": reference}, 202)


@routes.get(
    "/ladings/{reference}", summary="Show a bill with its chain / 查看提单", openapi_extra=_READS
)
def show(request: Request, reference: str) -> Response:
    """Return one bill: document, chain, transfers, papers."""
    face, tenant = _reader(request)
    return JSONResponse(face.gateway.ladings.shown(reference, tenant))


@routes.post(
    "/ladings/{reference}/transactions",
    status_code=202,
    summary="Transfer, endorse or sign / 转让、背书或签署",
    openapi_extra=_WRITES,
)
async def act(request: Request, reference: str) -> Response:
    """Make a transaction: actionCode, recipient, documents; it may leave for another platform.

    A holder with an account of its own on the title register gives `orders` and the
    `actionDateTime` they were signed for.
    """
    face, tenant, said = await writer(request)
    documents = [_attachment(each) for each in said.get("documents", ())]
    made = {name: said[name] for name in _MADE if name in said}
    transfer = await run_in_threadpool(
        face.gateway.ladings.act, tenant, reference, made, documents, _orders(said)
    )
    return JSONResponse({"transfer": transfer}, 202)


@routes.post(
    "/ladings/{reference}/call-off",
    summary="Call off an unanswered transfer / 撤回未答复的转让",
    description=docs.both(
        "Take back the transfer under way; 409 where the other platform may have accepted it, "
        "503 while a registry does not answer: nothing more is sent and it is asked again.",
        "撤回进行中的转让;对方平台可能已接受时返回 409;登记处未应答时返回 503,"
        "此后不再发送并将重新查询。",
    ),
    openapi_extra=docs.needs(Scope.LADING),
)
async def call_off(request: Request, reference: str) -> Response:
    """Call off the transfer of a bill that the account holds."""
    face = face_of(request)
    key = await face.door.entering(request, Scope.LADING)
    work = face.gateway.ladings.calling_off.call_off
    transfer = await run_in_threadpool(work, key.tenant, reference)
    return JSONResponse({"transfer": transfer, "state": "held"})


@routes.post(
    "/ladings/{reference}/orders",
    summary="What the holder signs for a transaction / 持有人需签署的内容",
    openapi_extra=_WRITES,
)
async def prepare(request: Request, reference: str) -> Response:
    """Tell the moves of a transaction on the title register, and what its holder has to sign."""
    face, tenant, said = await writer(request)
    made = {name: said[name] for name in ("actionCode", *_MORE) if name in said}
    return JSONResponse(
        await run_in_threadpool(face.gateway.ladings.prepare, tenant, reference, made)
    )


@routes.post(
    "/ladings/{reference}/surrender",
    status_code=202,
    summary="Surrender to the carrier / 交单",
    openapi_extra=_WRITES,
)
async def surrender(request: Request, reference: str) -> Response:
    """Surrender: surrenderRequestCode SREQ or AREQ, perhaps reasonCode and comments."""
    face, tenant, said = await writer(request)
    asked = await run_in_threadpool(
        lambda: face.gateway.ladings.surrender(
            tenant,
            reference,
            str(said.get("surrenderRequestCode", "")),
            reason=str(said.get("reasonCode", "")),
            comments=str(said.get("comments", "")),
            orders=_orders(said),
            at=said.get("actionDateTime"),
        )
    )
    return JSONResponse({"reference": asked}, 202)


@routes.post(
    "/issuances/{reference}",
    summary="Decide on an issuance request / 处理签发请求",
    openapi_extra=_WRITES,
)
async def decide_issuance(request: Request, reference: str) -> Response:
    """Answer a carrier: issuanceResponseCode ISSU, BREQ or REFU, and the reason."""
    face, tenant, said = await writer(request)
    operator(face, tenant)
    code = await run_in_threadpool(
        face.gateway.ladings.issuing.decide,
        reference,
        str(said.get("issuanceResponseCode", "")),
        str(said.get("reason", "")),
    )
    return JSONResponse({"issuanceResponseCode": code})


@routes.post(
    "/surrenders/{reference}",
    summary="Answer a surrender / 答复交单请求",
    openapi_extra=_WRITES,
)
async def decide_surrender(request: Request, reference: str) -> Response:
    """Answer a platform: action SURR or SREJ, and comments."""
    face, tenant, said = await writer(request)
    operator(face, tenant)
    action, comments = str(said.get("action", "")), str(said.get("comments", ""))
    await run_in_threadpool(face.gateway.ladings.surrendered.decide, reference, action, comments)
    return JSONResponse({"action": action})


@routes.get("/issuances", summary="Requests to and from carriers / 签发请求", openapi_extra=_READS)
def issuances(request: Request) -> Response:
    """Return issuance requests, ours and those made to us."""
    face, tenant = _reader(request)
    operator(face, tenant or face.gateway.settings.id)
    return JSONResponse({"items": face.gateway.ladings.papers("issuance", "issuance-request")})


@routes.get("/surrenders", summary="Surrender requests / 交单请求", openapi_extra=_READS)
def surrenders(request: Request) -> Response:
    """Return surrender requests, ours and those made to us."""
    face, tenant = _reader(request)
    operator(face, tenant or face.gateway.settings.id)
    return JSONResponse({"items": face.gateway.ladings.papers("surrender", "surrender-request")})


@routes.post(
    "/receivers",
    summary="Who would receive / 查询接收方",
    openapi_extra=_WRITES,
)
async def receiver(request: Request) -> Response:
    """Ask another platform for the name behind an identifying code: platform, code."""
    face, _, said = await writer(request)
    name = await run_in_threadpool(
        face.gateway.ladings.carriage.validate,
        str(said.get("platform", "")),
        member(said, "code"),
    )
    return JSONResponse({"partyName": name})


def _reader(request: Request) -> tuple[Face, str | None]:
    """Let a caller in; return the account whose bills it sees, None for the operator."""
    face = face_of(request)
    key = face.door.enter(request, Scope.LADINGS)
    own = face.gateway.settings.id
    return face, None if key.tenant == own else key.tenant


def _attachment(said: object) -> Attachment:
    if not isinstance(said, dict) or not isinstance(said.get("name"), str):
        raise invalid("documents", '{"name", "content", "mediaType"}')
    media_type = str(said.get("mediaType", "application/pdf"))
    return Attachment(said["name"], decoded(said.get("content")), media_type)


def _orders(said: Mapping[str, object]) -> tuple[str, ...]:
    found = said.get("orders", [])
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise invalid("orders", '["..."]')
    return tuple(found)
