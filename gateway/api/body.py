"""Reading a request's body: bounded, in time, and never decompressed."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import Request

from gateway.api.errors import (
    BodyEmpty,
    BodyTooLarge,
    BodyTooSlow,
    EncodingRefused,
    MediaTypeRefused,
)

_SECONDS: Final = 60.0


def media_type(request: Request) -> str:
    """Return the body's media type in lower case, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def expect(request: Request, *allowed: str) -> None:
    """Raise MediaTypeRefused unless the body has one of these media types."""
    found = media_type(request)
    if found not in allowed:
        raise MediaTypeRefused(
            where="header/Content-Type",
            found=found or "a body without Content-Type",
            expected=" or ".join(allowed),
        )


async def read(request: Request, limit: int) -> bytes:
    """Return the whole body, at least one byte.

    Raises BodyTooLarge as soon as it is clear that it is longer than `limit` bytes: before the
    first byte if its length is declared, else with the byte that is too many. Raises
    EncodingRefused, BodyTooSlow or BodyEmpty.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise BodyTooLarge(where="body", limit=limit)
    encoding = request.headers.get("content-encoding", "identity")
    if encoding != "identity":
        raise EncodingRefused(where="header/Content-Encoding", found=encoding)
    try:
        async with asyncio.timeout(_SECONDS):
            body = await _collect(request, limit)
    except TimeoutError as error:
        raise BodyTooSlow(where="body", seconds=int(_SECONDS)) from error
    if not body:
        raise BodyEmpty(where="body")
    return body


async def _collect(request: Request, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise BodyTooLarge(where="body", limit=limit)
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
