"""What the gateways on the other side send. They prove themselves by what they sign.

Nobody's API key opens these calls. The headers only say who is meant to be speaking, so that
strangers are turned away before any signature is computed; what counts is the signature of the
container or batch, checked against that party's trust anchors before anything is stored.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import body, docs, problems
from gateway.api.errors import FieldInvalid, PartnerUnknown, WrongRecipient
from gateway.api.face import Face, face_of
from gateway.exchange import inbound
from gateway.exchange.errors import EnvelopeMismatch
from gateway.exchange.inbound import Delivery, Taken
from gateway.transport import bundle, headers
from schemas.errors import SilkgateError
from schemas.text import Text

_SHORT: Final = 1024 * 1024
_NAME: Final = r"^[A-Za-z0-9._:/@-]{1,128}$"

Sender = Annotated[str, Header(alias=headers.SENDER, pattern=_NAME)]
Recipient = Annotated[str, Header(alias=headers.RECIPIENT, pattern=_NAME)]
MessageId = Annotated[str, Header(alias=headers.MESSAGE_ID, pattern=_NAME)]
Digest = Annotated[str, Header(alias=headers.DIGEST, max_length=128)]


routes: Final = APIRouter(prefix="/v1", tags=["partners"], responses=docs.ANY_PROBLEM)


@routes.post(
    "/deliveries",
    summary="Deliver a document / 投递文件",
    responses=docs.hands_out("The signed receipt / 签名回执", headers.JOSE),
    description=docs.both(
        "One signed ASiC-E container; the answer is our signed receipt (JWS) naming the "
        "SHA-256 received. A message id that was received before gets its receipt again.",
        "一个已签名的 ASiC-E 容器；应答为我方签名的回执（JWS），载明所收内容的 SHA-256。"
        "重复的消息编号将得到原回执。",
    ),
    openapi_extra=docs.signed(docs.content(headers.ASICE)),
)
async def deliver(
    request: Request,
    message_id: MessageId,
    sender: Sender,
    recipient: Recipient,
    digest: Digest = "",
) -> Response:
    """Take a container from a partner; 200 with the signed receipt once it is kept."""
    face = face_of(request)
    _admit(face, request, sender, recipient)
    body.expect(request, headers.ASICE)
    container = await body.read(request, face.body_limit)
    if digest and digest != headers.digest_of(container):
        raise FieldInvalid(
            where=f"header/{headers.DIGEST}",
            reason=Text("not the digest of the body", "与内容摘要不符"),
            expected=headers.digest_of(container),
        )
    delivery = await run_in_threadpool(
        inbound.verify, face.gateway.gatekeeper, container, message_id=message_id
    )
    envelope = delivery.opened.envelope
    if envelope.sender != sender or envelope.receiver != recipient:
        raise EnvelopeMismatch(where=message_id)
    taken = await face.deliveries.ask(delivery)
    return Response(taken.receipt, media_type=headers.JOSE)


@routes.post(
    "/deliveries/bundle",
    summary="Deliver several documents / 批量投递",
    description=docs.both(
        "Containers in frames of message id and body; the answer has, in the same order, a "
        "status and the receipt or problem that each would have got by itself.",
        "以消息编号与内容组成的帧逐一排列;应答按相同顺序给出各自的状态与回执或错误。",
    ),
    openapi_extra=docs.signed(docs.content(headers.BUNDLE)),
)
async def deliver_bundle(request: Request, sender: Sender, recipient: Recipient) -> Response:
    """Take containers from a partner; each is verified, kept and answered for itself."""
    face = face_of(request)
    _admit(face, request, sender, recipient)
    body.expect(request, headers.BUNDLE)
    frames = bundle.unpack(await body.read(request, face.body_limit))
    answered = await run_in_threadpool(_take_bundle, face, sender, recipient, frames)
    return Response(bundle.pack(answered), media_type=headers.BUNDLE)


def _take_bundle(
    face: Face, sender: str, recipient: str, frames: Sequence[bundle.Frame]
) -> list[bundle.Frame]:
    """Verify each container and keep those in order in one commit."""
    outcomes: list[Delivery | Exception] = []
    for message_id, container in frames:
        try:
            delivery = inbound.verify(face.gateway.gatekeeper, container, message_id=message_id)
            envelope = delivery.opened.envelope
            if envelope.sender != sender or envelope.receiver != recipient:
                raise EnvelopeMismatch(where=message_id)
            outcomes.append(delivery)
        except SilkgateError as error:
            outcomes.append(error)
    fresh = [one for one in outcomes if isinstance(one, Delivery)]
    taken = iter(face.take(fresh) if fresh else ())
    return [
        _frame(next(taken) if isinstance(outcome, Delivery) else outcome) for outcome in outcomes
    ]


def _frame(outcome: Taken | Exception) -> bundle.Frame:
    if isinstance(outcome, Taken):
        return str(HTTPStatus.OK.value), outcome.receipt
    error = outcome if isinstance(outcome, SilkgateError) else SilkgateError()
    problem = problems.document(error, "en", "")
    return str(error.status), json.dumps(problem, ensure_ascii=False).encode()


@routes.post(
    "/statuses",
    summary="Mirror statuses / 同步状态",
    description=docs.both(
        "A signed batch (JWS) of statuses of the other side's customs; repeats are harmless.",
        "对方海关状态的签名批次（JWS）；重复发送无影响。",
    ),
    openapi_extra=docs.signed(docs.content(headers.JOSE)),
)
async def statuses(request: Request, sender: Sender, recipient: Recipient) -> Response:
    """Take statuses from a partner."""
    face = face_of(request)
    _admit(face, request, sender, recipient)
    body.expect(request, headers.JOSE)
    batch = await body.read(request, min(face.body_limit, _SHORT))
    return JSONResponse(
        dict(await run_in_threadpool(face.gateway.clearances.mirror, sender, batch))
    )


@routes.post(
    "/witness/add-checkpoint",
    summary="Witness a checkpoint / 见证检查点",
    description=docs.both("C2SP tlog-witness.", "依据 C2SP tlog-witness。"),
    openapi_extra=docs.signed(docs.content("text/plain")),
)
async def add_checkpoint(request: Request) -> Response:
    """Check that a partner's log only grew, and cosign its checkpoint."""
    face = face_of(request)
    face.door.admit(request)
    note = await body.read(request, min(face.body_limit, _SHORT))
    served = await run_in_threadpool(face.gateway.witness.add_checkpoint, note)
    return Response(served.body, status_code=served.status, media_type=served.media_type)


def _admit(face: Face, request: Request, sender: str, recipient: str) -> None:
    face.door.admit(request)
    settings = face.gateway.settings
    if settings.partner(sender) is None:
        raise PartnerUnknown(where=f"header/{headers.SENDER}", party=sender)
    if recipient != settings.id:
        raise WrongRecipient(
            where=f"header/{headers.RECIPIENT}", own=settings.id, recipient=recipient
        )
