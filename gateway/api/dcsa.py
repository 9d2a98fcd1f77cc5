"""The manners of DCSA's APIs: ErrorResponse for whatever is refused, API-Version on every answer.

The paths are DCSA's own (/v3/..., /endorsement-chains/...); everything else here answers with
problem documents (RFC 9457).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.api import body, problems
from gateway.api.face import Face, face_of
from gateway.api.keys import Caller, Scope
from gateway.api.observe import trail
from gateway.lading.refusals import MessageInvalid
from gateway.lading.shapes import Fault
from schemas.clock import iso
from schemas.errors import SilkgateError
from schemas.jsondepth import loads
from schemas.jsontext import require_storable

_VERSION: Final = "API-Version"


@dataclass(frozen=True, slots=True)
class _Api:
    """One of the APIs: its paths, its version, and what it calls the method OPTIONS."""

    paths: tuple[str, ...]
    version: str
    options: str

    @property
    def major(self) -> str:
        """What callers have to ask for, whatever comes after it."""
        return self.version.partition(".")[0]


# The first that a path begins with; where two differ in their errors alone both are here.
_APIS: Final = (
    _Api(("/v3/envelopes", "/v3/receiver-validation", "/ctr/"), "3.0.0", "OPTIONS"),
    _Api(("/endorsement-chains/",), "3.0.4", "OPTIONS"),
    _Api(("/v3/",), "3.0.4", "OPTION"),
    _Api(("/v1/arrival-notice/", "/v1/arrival-notice-notifications"), "1.0.0-Beta-1", "OPTION"),
)
_PATHS: Final = tuple(path for api in _APIS for path in api.paths)
_LOWEST: Final = 7000
_RANGE: Final = 3000
_LONGEST: Final = 5000
_JSON: Final = "application/json"


def speaks(request: Request) -> bool:
    """Tell whether a request is for one of DCSA's paths."""
    return request.url.path.startswith(_PATHS)


async def enter(request: Request) -> tuple[Face, Caller]:
    """Let a peer in by its API key; raises an AccessError or MessageInvalid."""
    face = face_of(request)
    key = await face.door.entering(request, Scope.PEER)
    major = _api(request).major
    asked = request.headers.get(_VERSION, major)
    if asked.partition(".")[0] != major:
        raise MessageInvalid([Fault("$", _VERSION, asked, f"version {major}")])
    return face, key


async def message(request: Request, face: Face) -> Any:  # noqa: ANN401 - whatever JSON says
    """Return the JSON of the body; raises MessageInvalid for anything but JSON."""
    body.expect(request, _JSON)
    return parse(await body.read(request, face.body_limit))


def parse(data: bytes) -> Any:  # noqa: ANN401 - whatever JSON says
    """Return JSON without names that are there twice and without numbers that are none.

    Nor are there characters that UTF-8 or a database has no place for, however they are escaped:
    halves of surrogate pairs and U+0000.
    """
    try:
        value = loads(data, object_pairs_hook=_unique, parse_constant=_no_number)
        if b"\\u" in data or not data.isascii():
            require_storable(value)
    except ValueError as error:
        raise MessageInvalid([Fault("$", "", data[:100].decode("utf-8", "replace"), "JSON")]) from (
            error
        )
    return value


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
        "httpMethod": _api(request).options if request.method == "OPTIONS" else request.method,
        "requestUri": str(request.url.path),
        "statusCode": status,
        "statusCodeText": HTTPStatus(status).phrase[:50],
        "statusCodeMessage": error.message.en[:200],
        "providerCorrelationReference": trail(request.scope).id,
        "errorDateTime": iso(face_of(request).gateway.clock()),
        "errors": list(_details(error)),
    }
    answer = told(request, said, status)
    problems.dress(answer, error)
    return answer


def _details(error: SilkgateError) -> Sequence[Mapping[str, object]]:
    number = _LOWEST + int(error.code[3:]) % _RANGE
    text = type(error).__name__
    if not isinstance(error, MessageInvalid):
        message = error.message.en[:_LONGEST]
        detail = {"errorCode": number, "errorCodeText": text, "errorCodeMessage": message}
        return [{**detail, **({"property": error.where[:100]} if error.where else {})}]
    return [
        {
            "errorCode": number,
            **({"property": each.property[:100]} if each.property else {}),
            **({"value": str(each.value)[:500]} if each.value not in (None, "") else {}),
            "jsonPath": each.path[:500],
            "errorCodeText": text,
            "errorCodeMessage": f"{each.path}: expected {each.wanted}"[:_LONGEST],
        }
        for each in error.faults
    ]


def _version(request: Request) -> dict[str, str]:
    return {_VERSION: _api(request).version}


def _api(request: Request) -> _Api:
    """Return the API that a path is of."""
    return next(api for api in _APIS if request.url.path.startswith(api.paths))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name is there twice")
    return members


def _no_number(text: str) -> object:
    raise ValueError(text)
