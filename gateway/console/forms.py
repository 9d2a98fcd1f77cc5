"""Form bodies as browsers send them (application/x-www-form-urlencoded)."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from gateway.api import body
from gateway.api.errors import FieldInvalid
from schemas.text import Text

_MEDIA_TYPE: Final = "application/x-www-form-urlencoded"
_LONGEST: Final = 1024 * 1024
_MOST: Final = 2000


async def fields_of(request: Request, limit: int) -> dict[str, str]:
    """Return the fields of a form by name; raises an InputError for what is none."""
    body.expect(request, _MEDIA_TYPE)
    data = await body.read(request, min(limit, _LONGEST))
    try:
        pairs = parse_qsl(
            data.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST
        )
    except ValueError as error:
        reason = Text("not a form", "不是表单")
        raise FieldInvalid(where="body", reason=reason, expected=_MEDIA_TYPE) from error
    return dict(pairs)
