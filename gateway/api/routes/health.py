"""Health, readiness, metrics, and what each error code means."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import metrics, problems
from gateway.api.errors import NothingThere
from gateway.api.face import face_of

routes: Final = APIRouter(tags=["operation"])


@routes.get("/healthz", summary="Whether the process lives / 进程是否存活")
async def healthz() -> Response:
    """Answer as long as the process answers."""
    return JSONResponse({"status": "ok"})


@routes.get("/readyz", summary="Whether it can do its work / 是否就绪")
def readyz(request: Request) -> Response:
    """Return 200 if every check is ok, else 503."""
    face = face_of(request)
    checks = dict(face.gateway.checks())
    ready = not any(checks.values())
    return JSONResponse(
        {
            "status": "ready" if ready else "not ready",
            "checks": {name: wrong or "ok" for name, wrong in checks.items()},
        },
        status_code=200 if ready else 503,
    )


@routes.get("/metrics", summary="Prometheus metrics / 监控指标")
def exposition(request: Request) -> Response:
    """Return the metrics in the text format."""
    face = face_of(request)
    return Response(face.metrics.exposition(), headers={"content-type": metrics.CONTENT_TYPE})


@routes.get("/problems/{code}", summary="What an error code means / 错误代码说明")
def problem(request: Request, code: str) -> Response:
    """Return title and hint of an error code in both languages."""
    kind = problems.catalogue().get(code)
    if kind is None:
        raise NothingThere(where=request.url.path)
    return JSONResponse(
        {
            "code": code,
            "status": int(kind.status),
            "title": kind.title.as_dict(),
            "hint": kind.hint.as_dict(),
            "family": problems.family(kind).title.as_dict(),
        }
    )
