"""PINT 3.0.0, the receiving platform: envelopes, additional documents, finish, validation."""

from __future__ import annotations

import base64
import binascii
from typing import Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import body, dcsa, docs
from gateway.api.keys import Scope
from gateway.lading.transfer.answers import Answer

routes: Final = APIRouter(prefix="/v3", tags=["DCSA PINT 3.0.0"])

_JSON: Final = "application/json"


@routes.post(
    "/envelopes",
    summary="Start an envelope transfer / 开始信封转让",
    openapi_extra=docs.needs(Scope.PEER, docs.content(_JSON)),
)
async def start(request: Request) -> Response:
    """Take an envelope: 201 while documents are missing, else a signed answer."""
    face, key = await dcsa.enter(request)
    value = await dcsa.message(request, face)
    taken = await run_in_threadpool(face.gateway.ladings.receiver.start, value, key.tenant)
    if isinstance(taken, Answer):
        return _signed(request, taken)
    return dcsa.told(request, taken.as_dict(), 201)


@routes.put(
    "/envelopes/{reference}/additional-documents/{checksum}",
    summary="Transfer an additional document / 传送附加文件",
    openapi_extra=docs.needs(Scope.PEER, docs.content(_JSON)),
)
async def document(request: Request, reference: str, checksum: str) -> Response:
    """Take a document: 204 when it is the one announced, else INCD."""
    face, key = await dcsa.enter(request)
    content = await _content(request, face.body_limit)
    work = face.gateway.ladings.receiver.document
    wrong = await run_in_threadpool(work, reference, checksum, content, key.tenant)
    return dcsa.done(request) if wrong is None else _signed(request, wrong)


@routes.put(
    "/envelopes/{reference}/finish-transfer",
    summary="Finish an envelope transfer / 完成信封转让",
    openapi_extra=docs.needs(Scope.PEER),
)
async def finish(request: Request, reference: str) -> Response:
    """Accept the transfer when nothing is missing."""
    face, key = await dcsa.enter(request)
    work = face.gateway.ladings.receiver.finish
    return _signed(request, await run_in_threadpool(work, reference, key.tenant))


@routes.post(
    "/receiver-validation",
    summary="Whom a party code stands for / 核验接收方",
    openapi_extra=docs.needs(Scope.PEER, docs.content(_JSON)),
)
async def validate(request: Request) -> Response:
    """Return the name of the party with a code, 404 for nobody who may receive."""
    face, _ = await dcsa.enter(request)
    code = await dcsa.message(request, face)
    name = await run_in_threadpool(face.gateway.ladings.receiver.validate, code)
    return dcsa.told(request, {"partyName": name})


def _signed(request: Request, answer: Answer) -> Response:
    """Return an answer signed, as a JSON string, with the status that goes with its code."""
    signer = request.app.state.face.gateway.ladings.desk.signer
    return dcsa.told(request, answer.signed(signer), answer.status)


async def _content(request: Request, limit: int) -> bytes | None:
    """Return the decoded document; None where it is text that no Base64 is."""
    data = await body.read(request, limit)
    if body.media_type(request) != _JSON:
        return data
    text = dcsa.parse(data)
    try:
        return base64.b64decode(text if isinstance(text, str) else "?", validate=True)
    except (binascii.Error, ValueError):
        return None
