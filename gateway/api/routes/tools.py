"""The stateless tools: validate, convert, verify. Nothing is stored."""

from __future__ import annotations

import base64
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import body, docs, examples, multipart
from gateway.api.errors import FieldInvalid
from gateway.api.face import Face, face_of
from gateway.api.keys import Scope
from schemas.text import Text

_ANY = docs.content(
    "application/xml", "application/json", "application/octet-stream", multipart.MEDIA_TYPE
)


routes: Final = APIRouter(prefix="/v1", tags=["tools"], responses=docs.ANY_PROBLEM)


@routes.post(
    "/validate",
    summary="Check a document / 校验文件",
    openapi_extra=docs.needs(Scope.TOOLS, _ANY),
)
async def validate(
    request: Request, rules: Annotated[str, Query(max_length=200)] = "auto"
) -> Response:
    """Return the findings of structure, code lists and business rules."""
    face = face_of(request)
    await face.door.entering(request, Scope.TOOLS)
    data, _ = await _files(face, request)
    return JSONResponse(
        dict(await run_in_threadpool(face.gateway.tools.validate, data, rules=rules))
    )


@routes.post(
    "/convert",
    summary="Translate a document / 转换文件",
    description=docs.both(
        "The answer holds the translated document in base64, the loss report and the findings.",
        "应答包含 base64 编码的转换结果、损失报告与检查结果。",
    ),
    openapi_extra=docs.needs(Scope.TOOLS, _ANY),
)
async def convert(
    request: Request,
    to: Annotated[str, Query(max_length=64)],
    profile: Annotated[str, Query(max_length=128)] = "",
) -> Response:
    """Return the document in another format, with what was lost."""
    face = face_of(request)
    await face.door.entering(request, Scope.TOOLS)
    data, related = await _files(face, request)
    result = await run_in_threadpool(
        face.gateway.tools.convert, data, to, profile=profile, related=related
    )
    return JSONResponse(
        {
            "media_type": result.media_type,
            "data": base64.b64encode(result.data).decode("ascii"),
            "loss": dict(result.loss),
            "findings": [dict(finding) for finding in result.findings],
        }
    )


@routes.post(
    "/verify",
    summary="Verify a signed document or evidence package / 验证签名文件或证据包",
    responses=docs.gives(200, "The verdict / 结论", examples.VERDICT),
    openapi_extra=docs.needs(Scope.TOOLS, _ANY),
)
async def verify(request: Request) -> Response:
    """Return the verdict after EN 319 102-1 on every signature and proof."""
    face = face_of(request)
    await face.door.entering(request, Scope.TOOLS)
    data, detached = await _files(face, request)
    return JSONResponse(
        dict(await run_in_threadpool(face.gateway.tools.verify, data, detached=detached))
    )


async def _files(face: Face, request: Request) -> tuple[bytes, list[bytes]]:
    """Return the document and what comes with it: the body, or a form's files in order."""
    data = await body.read(request, face.body_limit)
    if body.media_type(request) != multipart.MEDIA_TYPE:
        return data, []
    parts = multipart.split(request.headers["content-type"], data)
    files = [part.data for part in parts if part.data]
    if not files:
        raise FieldInvalid(
            where="body", reason=Text("no file in the form", "表单中没有文件"), expected="document"
        )
    return files[0], files[1:]
