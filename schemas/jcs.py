"""Canonical JSON (RFC 8785) for values that are signed or committed to.

What this house writes itself has only integers of 53 bits; a fraction travels as text here. What
others write may have any number that a double holds.
"""

from __future__ import annotations

import json
from typing import Any, Final

import rfc8785

from schemas.errors import InputError
from schemas.text import Text

_SAFE: Final = 2**53 - 1


class NotCanonical(InputError):
    """The value has no canonical JSON form in this house."""

    code = "SG-1110"
    title = Text("{value} has no canonical JSON form.", "{value} 没有规范 JSON 形式。")
    hint = Text("Send numbers with a fraction as text.", "请将小数以文本形式发送。")


def canonical_json(value: object) -> bytes:
    """Return the RFC 8785 bytes of `value` (dict, list, str, int within 53 bits, bool, None).

    Raises NotCanonical for any other value, and for text with half a surrogate pair.
    """
    try:
        return json.dumps(
            _ordered(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False
        ).encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonical(value=ascii(error.object[error.start : error.end])) from error


def canonical_any(value: Any) -> bytes:  # noqa: ANN401 - whatever JSON says
    """Return the RFC 8785 bytes of any parsed JSON; raises NotCanonical beyond a double's range."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeEncodeError) as error:
        raise NotCanonical(value=type(value).__name__) from error


def _ordered(value: object) -> object:
    match value:
        case None | bool() | str():
            return value
        case int() if abs(value) <= _SAFE:
            return value
        case list() | tuple():
            return [_ordered(item) for item in value]
        case dict():
            return {key: _ordered(value[key]) for key in sorted(value, key=_utf16)}
        case _:
            raise NotCanonical(value=repr(value))


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")
