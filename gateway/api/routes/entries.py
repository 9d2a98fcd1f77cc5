"""The log as a service of its own: digests of documents that never pass through the gateway."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import body, docs, examples
from gateway.api.errors import FieldInvalid
from gateway.api.face import face_of
from gateway.api.keys import Scope
from schemas.jsondepth import loads
from schemas.text import Text

_BINARY: Final = "application/octet-stream"
_JSON: Final = "application/json"
_DIGEST: Final = 32
_MOST: Final = 4_096
_BYTES: Final = 512 * 1024
_EXPECTED: Final = f"1..{_MOST} x SHA-256"


routes: Final = APIRouter(prefix="/v1/log", tags=["log"], responses=docs.ANY_PROBLEM)


@routes.post(
    "/entries",
    status_code=201,
    summary="Log digests of documents / 登记文件摘要",
    responses=docs.gives(201, "Committed / 已保存", examples.LOGGED),
    description=docs.both(
        f'`{{"digests": [hex, ...]}}`, or the digests as raw bytes, at most {_MOST}: SHA-256 of '
        "the signed documents, which stay where they are. 201 means: committed, in this order, "
        "from index `first` on; the next checkpoint covers them within seconds. Sent again, "
        "they get a second index; a proof names the first.",
        f'`{{"digests": [hex, ...]}}` 或原始字节,最多 {_MOST} 个:已签名文件的 SHA-256,文件本身'
        "不上传。201 表示已按此顺序持久保存,序号自 `first` 起;数秒内由下一个检查点覆盖。"
        "重复提交将得到新的序号,证明以首个为准。",
    ),
    openapi_extra=docs.needs(Scope.LOG, docs.content(_JSON, _BINARY)),
)
async def append(request: Request) -> Response:
    """Append digests; 201 with their indices once they are committed."""
    face = face_of(request)
    await face.door.entering(request, Scope.LOG)
    body.expect(request, _JSON, _BINARY)
    data = await body.read(request, min(_BYTES, face.body_limit))
    digests = _raw(data) if body.media_type(request) == _BINARY else _listed(data)
    if not 1 <= len(digests) <= _MOST:
        raise FieldInvalid(where="body", reason=str(len(digests)), expected=_EXPECTED)
    return JSONResponse(asdict(await face.entries.ask(digests)), status_code=201)


def _raw(data: bytes) -> list[bytes]:
    if len(data) % _DIGEST:
        reason = Text("a digest has 32 bytes", "摘要应为 32 字节")
        raise FieldInvalid(where="body", reason=reason, expected=_EXPECTED)
    return [data[at : at + _DIGEST] for at in range(0, len(data), _DIGEST)]


def _listed(data: bytes) -> list[bytes]:
    try:
        said = loads(data)
        digests = [bytes.fromhex(each) for each in said["digests"]]
    except (KeyError, TypeError, ValueError) as wrong:
        reason = Text("digests in hexadecimal are expected", "应为十六进制摘要")
        raise FieldInvalid(where="body/digests", reason=reason, expected=_EXPECTED) from wrong
    wrong_one = next((n for n, each in enumerate(digests) if len(each) != _DIGEST), None)
    if wrong_one is not None:
        reason = Text("a digest has 32 bytes", "摘要应为 32 字节")
        raise FieldInvalid(where=f"body/digests/{wrong_one}", reason=reason, expected=_EXPECTED)
    return digests
