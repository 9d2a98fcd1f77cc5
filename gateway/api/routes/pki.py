"""The built-in authority over HTTP: OCSP (RFC 6960), revocation lists, time-stamps (RFC 3161).

Open to everybody, within the rate of an address, as far as the settings offer them.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import body, docs
from gateway.api.errors import NothingThere
from gateway.api.face import Face, face_of
from gateway.api.ports import Pki

_LIMIT: Final = 16 * 1024
_ASKED: Final = "application/ocsp-request"
_ANSWERED: Final = "application/ocsp-response"
_QUERY: Final = "application/timestamp-query"
_REPLY: Final = "application/timestamp-reply"
_NOT_KEPT: Final = {"cache-control": "no-store"}

routes: Final = APIRouter(prefix="/pki", tags=["authority"], responses=docs.ANY_PROBLEM)


@routes.post("/ocsp", summary="Ask whether a certificate is revoked / 查询证书状态")
async def ocsp(request: Request) -> Response:
    """Answer an OCSPRequest in the body; what is no request gets an OCSP error."""
    pki = _offered(request, "ocsp")
    body.expect(request, _ASKED)
    asked = await body.read(request, _LIMIT)
    return Response(
        await run_in_threadpool(pki.ocsp, asked), media_type=_ANSWERED, headers=_NOT_KEPT
    )


@routes.get("/ocsp/{asked:path}", summary="The same by address / 以地址查询证书状态")
def ocsp_by_address(request: Request, asked: str) -> Response:
    """Answer an OCSPRequest in Base64 in the address (RFC 6960, A.1)."""
    pki = _offered(request, "ocsp")
    try:
        octets = base64.b64decode(asked[: 2 * _LIMIT], validate=True)
    except (binascii.Error, ValueError):
        octets = b""
    return Response(pki.ocsp(octets), media_type=_ANSWERED, headers=_NOT_KEPT)


@routes.get("/crl", summary="The root's revocation list / 根证书的吊销列表")
def revocation_list(request: Request) -> Response:
    """Return the complete list (DER)."""
    return _list(request, "")


@routes.get("/crl/{key_id}.crl", summary="An issuer's revocation list / 签发者的吊销列表")
def revocation_list_of(request: Request, key_id: str) -> Response:
    """Return the complete list (DER) of the issuer with this key identifier (hex)."""
    return _list(request, key_id)


@routes.get("/root", summary="The root's certificate / 根证书")
def root(request: Request) -> Response:
    """Return the certificate that the others are issued by (DER)."""
    return _certificate(request, "")


@routes.get("/issuer/{key_id}.cer", summary="An issuer's certificate / 签发者证书")
def issuer(request: Request, key_id: str) -> Response:
    """Return the certificate (DER) of the issuer with this key identifier (hex)."""
    return _certificate(request, key_id)


@routes.post("/tsa", summary="Ask for a time-stamp / 申请时间戳")
async def stamp(request: Request) -> Response:
    """Answer a TimeStampReq in the body; a refusal is a TimeStampResp too."""
    pki = _offered(request, "tsa")
    body.expect(request, _QUERY)
    asked = await body.read(request, _LIMIT)
    return Response(await run_in_threadpool(pki.stamp, asked), media_type=_REPLY, headers=_NOT_KEPT)


def _list(request: Request, key_id: str) -> Response:
    found = _offered(request, "crl").revocation_list(key_id)
    return _signed(request, found, "application/pkix-crl", {"cache-control": "public, max-age=300"})


def _certificate(request: Request, key_id: str) -> Response:
    found = _offered(request, "crl").issuer(key_id)
    return _signed(request, found, "application/pkix-cert", {})


def _signed(
    request: Request, found: bytes | None, media_type: str, headers: Mapping[str, str]
) -> Response:
    if found is None:
        raise NothingThere(where=request.url.path)
    return Response(found, media_type=media_type, headers=dict(headers))


def _offered(request: Request, service: str) -> Pki:
    """Return the services; raises NothingThere unless the settings offer this one."""
    face: Face = face_of(request)
    face.door.admit(request)
    if service not in face.gateway.settings.services:
        raise NothingThere(where=request.url.path)
    return face.gateway.pki
