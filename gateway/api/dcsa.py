"""The manners of DCSA's APIs: ErrorResponse for whatever is refused, API-Version on every answer.

The paths are DCSA's own (/v3/..., /endorsement-chains/...); everything else here answers with
problem documents (RFC 9457).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.api import body
from gateway.api.face import Face, face_of
from gateway.api.keys import Scope
from gateway.api.observe import trail
from gateway.lading.refusals import MessageInvalid
from gateway.lading.shapes import Fault
from gateway.store.tenants import StoredKey
from schemas.clock import iso
from schemas.errors import SilkgateError
from schemas.jsondepth import loads

_PATHS: Final = ("/v3/", "/endorsement-chains/", "/ctr/", "/v1/arrival-notice/")
_PINT: Final = ("/v3/envelopes", "/v3/receiver-validation", "/ctr/")
_VERSION: Final = "API-Version"
_PINT_VERSION: Final = "3.0.0"
_OTHER_VERSION: Final = "3.0.4"
_MAJOR: Final = "3"
_LOWEST: Final = 7000
_RANGE: Final = 3000
_JSON: Final = "application/json"


def speaks(request: Request) -> bool:
    """Tell whether a request is for one of DCSA's paths."""
    return request.url.path.startswith(_PATHS)


async def enter(request: Request) -> tuple[Face, StoredKey]:
    """Let a peer in by its API key; raises an AccessError or MessageInvalid."""
    face = face_of(request)
    key = await face.door.entering(request, Scope.PEER)
    asked = request.headers.get(_VERSION, _MAJOR)
    if asked.partition(".")[0] != _MAJOR:
        raise MessageInvalid([Fault("$", _VERSION, asked, f"version {_MAJOR}")])
    return face, key


async def message(request: Request, face: Face) -> Any:  # noqa: ANN401 - whatever JSON says
    """Return the JSON of the body; raises MessageInvalid for anything but JSON."""
    body.expect(request, _JSON)
    return parse(await body.read(request, face.body_limit))


def parse(data: bytes) -> Any:  # noqa: ANN401 - whatever JSON says
    """Return JSON without names that are there twice and without numbers that are none."""
    try:
        return loads(data, object_pairs_hook=_unique, parse_constant=_no_number)
    except ValueError as error:
        raise MessageInvalid([Fault("$", "", data[:100].decode("utf-8", "replace"), "JSON")]) from (
            error
        )


def done(request: Request, status: HTTPStatus = HTTPStatus.NO_CONTENT) -> Response:
    """Return an answer without a body."""
    return Response(status_code=status, headers=_version(request))


def told(request: Request, value: object, status: int = HTTPStatus.OK) -> Response:
    """Return JSON."""
    return JSONResponse(value, status_code=status, headers=_version(request))


def refusal(request: Request, error: SilkgateError) -> Response:
    """Return ErrorResponse for what was refused."""
    status = int(error.status)
    said = {
        "httpMethod": request.method,
        "requestUri": str(request.url.path),
        "statusCode": status,
        "statusCodeText": HTTPStatus(status).phrase[:50],
        "statusCodeMessage": error.message.en[:200],
        "providerCorrelationReference": trail(request.scope).id,
        "errorDateTime": iso(face_of(request).gateway.clock()),
        "errors": list(_details(error)),
    }
    answer = told(request, said, status)
    if status == HTTPStatus.UNAUTHORIZED:
        answer.headers["www-authenticate"] = 'Bearer realm="silkgate"'
    answer.headers["cache-control"] = "no-store"
    return answer


def _details(error: SilkgateError) -> Sequence[Mapping[str, object]]:
    number = _LOWEST + int(error.code[3:]) % _RANGE
    text = type(error).__name__
    if not isinstance(error, MessageInvalid):
        detail = {"errorCode": number, "errorCodeText": text, "errorCodeMessage": error.message.en}
        return [{**detail, **({"property": error.where[:100]} if error.where else {})}]
    return [
        {
            "errorCode": number,
            **({"property": each.property[:100]} if each.property else {}),
            **({"value": str(each.value)[:500]} if each.value not in (None, "") else {}),
            "jsonPath": each.path[:500],
            "errorCodeText": text,
            "errorCodeMessage": f"{each.path}: expected {each.wanted}"[:5000],
        }
        for each in error.faults
    ]


def _version(request: Request) -> dict[str, str]:
    pint = request.url.path.startswith(_PINT)
    return {_VERSION: _PINT_VERSION if pint else _OTHER_VERSION}


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name is there twice")
    return members


def _no_number(text: str) -> object:
    raise ValueError(text)
