"""What the calls over bills of lading share: who may call, and what they send."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request

from gateway.api import body, dcsa
from gateway.api.errors import FieldInvalid, NotThisAuthority
from gateway.api.face import Face, face_of
from gateway.api.keys import Scope
from schemas.text import Text

JSON: Final = "application/json"
Json = Mapping[str, Any]


async def writer(request: Request) -> tuple[Face, str, Json]:
    """Let a caller in; return its account and the JSON object it sent."""
    face = face_of(request)
    key = await face.door.entering(request, Scope.LADING)
    body.expect(request, JSON)
    said = dcsa.parse(await body.read(request, face.body_limit))
    if not isinstance(said, dict):
        raise invalid("body", "{...}")
    return face, key.tenant, said


def operator(face: Face, tenant: str) -> None:
    """What only the operator does: a trader must neither issue nor release his own goods."""
    own = face.gateway.settings.id
    if tenant != own:
        raise NotThisAuthority(where="header/Authorization", caller=tenant, authority=own)


def member(said: Json, name: str) -> dict[str, Any]:
    """Return the object of this name in what a caller sent; raises FieldInvalid."""
    value = said.get(name)
    if not isinstance(value, dict):
        raise invalid(name, "{...}")
    return value


def decoded(content: object) -> bytes:
    """Return the bytes of a Base64 text; raises FieldInvalid."""
    try:
        return base64.b64decode(content if isinstance(content, str) else "?", validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid("content", "Base64") from error


def invalid(where: str, expected: str) -> FieldInvalid:
    """Return the refusal of a field that is of another kind than expected."""
    return FieldInvalid(where=where, reason=Text("of another kind", "类型不符"), expected=expected)
