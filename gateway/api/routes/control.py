"""A control tracking registry: records of platforms about who is in control of a bill."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import dcsa, docs
from gateway.api.errors import NothingThere
from gateway.api.face import Face
from gateway.api.keys import Scope

routes: Final = APIRouter(prefix="/ctr/v1", tags=["control tracking registry"])


@routes.post(
    "/records",
    summary="Record a move of control / 登记控制权变动",
    description=docs.both(
        "A compact JWS as a JSON string; the answer is how the bill stands. 409 for a record that "
        "cannot follow.",
        "以 JSON 字符串提交的紧凑 JWS;应答为提单的控制状态。无法衔接的记录返回 409。",
    ),
    openapi_extra=docs.needs(Scope.PEER, docs.content("application/json")),
)
async def record(request: Request) -> Response:
    """Keep a record."""
    face, key = await dcsa.enter(request)
    _refuse_unless_kept(face)
    text = await dcsa.message(request, face)
    shown = await run_in_threadpool(face.gateway.ladings.control.record, text, key.tenant)
    return dcsa.told(request, shown)


@routes.get(
    "/records/{bill}",
    summary="How a bill stands / 提单的控制状态",
    openapi_extra=docs.needs(Scope.PEER),
)
async def standing(
    request: Request, bill: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
) -> Response:
    """Return who is in control of the bill with this document checksum, and every record."""
    face, _ = await dcsa.enter(request)
    _refuse_unless_kept(face)
    return dcsa.told(request, await run_in_threadpool(face.gateway.ladings.control.standing, bill))


def _refuse_unless_kept(face: Face) -> None:
    if not face.gateway.settings.lading.is_registry:
        raise NothingThere(where="/ctr/v1")
