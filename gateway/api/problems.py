"""Problem documents (RFC 9457): one shape for everything that is refused or fails.

    type      /problems/SG-1102, an address that explains the code
    title     what kind of problem it is; the same for all of its kind
    status    the HTTP status
    detail    what is wrong this time
    code      SG-1102
    message   detail in both languages: {"en", "zh"}
    hint      what to do, in both languages
    where     the place: a path in the document, a header, a field
    instance  urn:uuid: of this request, as in the gateway's log
    findings  what the checks found, if any did

`title` and `detail` are in the language of Accept-Language.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.responses import JSONResponse, Response

from gateway.api.errors import KeyExpired, KeyUnknown, ScopeMissing, TokenRefused
from gateway.api.language import Language, say
from gateway.transport.headers import PROBLEM
from schemas.errors import SilkgateError
from schemas.finding import Finding
from schemas.text import Text

_REALM: Final = 'Bearer realm="silkgate"'
_FAMILIES: Final = SilkgateError.__subclasses__()
_NOT_FOUND: Final = Text("There is no such thing.", "不存在该对象。")


class ProblemResponse(JSONResponse):
    """A problem document as an answer."""

    media_type = PROBLEM


def document(error: SilkgateError, language: Language, request_id: str) -> dict[str, object]:
    """Return the members of the problem document for an error."""
    members: dict[str, object] = {
        "type": f"/problems/{error.code}",
        "title": say(_title(error), language),
        "status": int(error.status),
        "detail": say(error.message, language),
        "code": error.code,
        "message": error.message.as_dict(),
        "hint": error.advice.as_dict(),
        "where": error.where,
        "instance": f"urn:uuid:{request_id}",
    }
    findings = error.details.get("findings") or getattr(error, "findings", ())
    if isinstance(findings, list | tuple):
        members["findings"] = [f.as_dict() for f in findings if isinstance(f, Finding)]
    return members


def answer(error: SilkgateError, language: Language, request_id: str) -> ProblemResponse:
    """Return the problem document of an error as an answer with the headers it needs."""
    response = ProblemResponse(document(error, language, request_id), status_code=int(error.status))
    response.headers["content-language"] = language
    dress(response, error)
    return response


def dress(response: Response, error: SilkgateError) -> None:
    """Add the headers that go with a refusal, whatever the shape of its body."""
    response.headers["cache-control"] = "no-store"
    wait = error.details.get("wait") or getattr(error, "retry_after", 0)
    if wait:
        response.headers["retry-after"] = str(int(float(str(wait))))
    challenge = _challenge(error)
    if challenge:
        response.headers["www-authenticate"] = challenge
    if error.status == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["allow"] = str(error.details.get("allowed", ""))
    if error.status in (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_TIMEOUT):
        # What is still on its way is not read: the connection ends with this answer.
        response.headers["connection"] = "close"


def _challenge(error: SilkgateError) -> str:
    """Return what a refusal says of credentials (RFC 6750, section 3), empty for any other.

    Who sent none is told no more than that some are needed.
    """
    said = _REALM
    if isinstance(error, KeyUnknown | KeyExpired | TokenRefused):
        return f'{said}, error="invalid_token"'
    if isinstance(error, ScopeMissing):
        return f'{said}, error="insufficient_scope", scope="{error.details["scope"]}"'
    return said if error.status == HTTPStatus.UNAUTHORIZED else ""


def _title(error: SilkgateError) -> Text:
    """Return a title that is the same for all problems of its kind (RFC 9457, 3.1.3)."""
    if error.status == HTTPStatus.NOT_FOUND:
        return _NOT_FOUND
    own = type(error).title
    return family(type(error)).title if "{" in own.en else own


def family(kind: type[SilkgateError]) -> type[SilkgateError]:
    """Return the branch of the error tree that a class belongs to."""
    return next((branch for branch in _FAMILIES if issubclass(kind, branch)), SilkgateError)


def catalogue() -> dict[str, type[SilkgateError]]:
    """Return every error class loaded, by code; where several share a code the first wins."""
    found: dict[str, type[SilkgateError]] = {}
    kinds: list[type[SilkgateError]] = [SilkgateError]
    while kinds:
        kind = kinds.pop(0)
        found.setdefault(kind.code, kind)
        kinds.extend(kind.__subclasses__())
    return found
