"""The transparency log as static files (C2SP tlog-tiles); anyone may read it."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import docs
from gateway.api.face import face_of

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_BRIEFLY: Final = "public, max-age=1"

Shard = Annotated[
    str, Path(pattern="^[0-9]{4}[0-9a-z-]{0,3}$", description="2026, 2026h2, 2026q4, 2026-11")
]
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256, hex / 十六进制摘要")]


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


@routes.get("/shards", summary="The shards of the log / 日志分片")
def shards(request: Request) -> Response:
    """Return origin and verifier key of each shard, the newest first, and where it is read."""
    face = face_of(request)
    face.door.admit(request)
    found = [
        {"origin": origin, "key": key, "href": f"/log/shard/{origin.rpartition('/')[2]}"}
        for origin, key in face.gateway.log.shards().items()
    ]
    return JSONResponse({"items": found}, headers={"cache-control": _BRIEFLY})


@routes.get("/shard/{shard}/checkpoint", summary="A shard's checkpoint / 分片检查点")
def shard_checkpoint(request: Request, shard: Shard) -> Response:
    """Return the checkpoint of a shard as a signed note."""
    face = face_of(request)
    face.door.admit(request)
    return Response(
        face.gateway.log.checkpoint(shard),
        media_type="text/plain; charset=utf-8",
        headers={"cache-control": _BRIEFLY},
    )


@routes.get("/shard/{shard}/tile/{path:path}", summary="A shard's tile / 分片瓦片")
def shard_tile(request: Request, shard: Shard, path: str) -> Response:
    """Return one tile of a shard; tiles never change."""
    face = face_of(request)
    face.door.admit(request)
    return Response(
        face.gateway.log.tile(path, shard),
        media_type="application/octet-stream",
        headers={"cache-control": _FOR_EVER},
    )


@routes.get(
    "/proof/{digest}",
    summary="The proof that a digest is in the log / 摘要的登记证明",
    responses=docs.hands_out("A tlog-proof file / 证明文件", "text/plain"),
    description=docs.both(
        "`silkgate log verify` checks it without network, and so does verify.sh. 404 with "
        "SG-5403 until the next checkpoint, which comes within seconds.",
        "可用 `silkgate log verify` 或 verify.sh 离线验证。检查点生成前(数秒内)返回 404 SG-5403。",
    ),
)
def proof(request: Request, digest: Digest) -> Response:
    """Return the proof of the document with this SHA-256 under a signed checkpoint."""
    face = face_of(request)
    face.door.admit(request)
    return Response(
        face.gateway.log.proof_file(bytes.fromhex(digest)),
        media_type="text/plain; charset=utf-8",
        headers={"cache-control": _BRIEFLY},
    )
