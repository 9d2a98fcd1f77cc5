"""The transparency log as static files (C2SP tlog-tiles); anyone may read it."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import docs
from gateway.api.face import face_of

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_BRIEFLY: Final = "public, max-age=1"


routes: Final = APIRouter(prefix="/log", tags=["log"], responses=docs.ANY_PROBLEM)


@routes.get("/checkpoint", summary="The latest signed checkpoint / 最新签名检查点")
def checkpoint(request: Request) -> Response:
    """Return the checkpoint as a signed note."""
    face = face_of(request)
    return Response(
        face.gateway.log.checkpoint(),
        media_type="text/plain; charset=utf-8",
        headers={"cache-control": _BRIEFLY},
    )


@routes.get("/tile/{path:path}", summary="A tile of hashes or entries / 日志瓦片")
def tile(request: Request, path: str) -> Response:
    """Return one tile; tiles never change."""
    face = face_of(request)
    face.door.admit(request)
    return Response(
        face.gateway.log.tile(path),
        media_type="application/octet-stream",
        headers={"cache-control": _FOR_EVER},
    )
