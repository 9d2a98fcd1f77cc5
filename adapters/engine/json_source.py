"""A strict JSON decoder: one meaning per document, bounded in size and depth.

Duplicate keys, NaN and lone surrogates are refused; numbers keep the digits they were written
with (RFC 8259; interoperability notes of RFC 7493).
"""

from __future__ import annotations

import json
import re
from typing import Final

from schemas.errors import InputError
from schemas.text import Text

MAX_SIZE: Final = 32 * 1024 * 1024
MAX_DEPTH: Final = 100

_OTHERS: Final = bytes(byte for byte in range(256) if byte not in b"[]{}")
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


class MalformedJson(InputError):
    """The bytes are not one well-formed, unambiguous JSON document."""

    code = "SG-1104"
    title = Text("The JSON is not well-formed: {reason}", "JSON 格式不正确:{reason}")
    hint = Text("Check the file at {where}.", "请检查文件位置 {where}。")
    status = 400


class JsonTooLarge(InputError):
    """The document is larger or deeper than the limits allow."""

    code = "SG-1105"
    title = Text("The JSON exceeds the limit: {reason}", "JSON 超出限制:{reason}")
    hint = Text("Split the document or raise the limit.", "请拆分文件或提高限制。")
    status = 413


class Number(str):
    """A JSON number by its digits as written."""

    __slots__ = ()


def decode(data: bytes) -> object:
    """Return the JSON value in `data`, numbers as `Number`.

    Raises MalformedJson or JsonTooLarge.
    """
    if len(data) > MAX_SIZE:
        raise JsonTooLarge(reason=f"{len(data)} > {MAX_SIZE} bytes")
    if _depth(data) > MAX_DEPTH:
        raise JsonTooLarge(reason=f"more than {MAX_DEPTH} nested values")
    try:
        text = data.decode("utf-8")
        value: object = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_float=Number,
            parse_int=Number,
            parse_constant=_refuse,
        )
        if "\\u" in text:
            _whole(value)
    except UnicodeError as error:
        raise MalformedJson(reason=str(error), where="encoding") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise MalformedJson(reason=error.msg, where=place) from error
    except RecursionError as error:
        raise JsonTooLarge(reason="nested too deeply") from error
    return value


def encode(value: object) -> bytes:
    """Return `value` as indented UTF-8 JSON; a `Number` is written with its digits."""
    return (_text(value, "\n") + "\n").encode("utf-8")


def _text(value: object, line: str) -> str:
    inner = line + "  "
    match value:
        case Number():
            return str(value)
        case dict() if value:
            members = (
                f"{json.dumps(k, ensure_ascii=False)}: {_text(v, inner)}" for k, v in value.items()
            )
            return "{" + inner + ("," + inner).join(members) + line + "}"
        case list() if value:
            return "[" + inner + ("," + inner).join(_text(v, inner) for v in value) + line + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise MalformedJson(reason=f"the key {twice!r} occurs twice", where=twice)
    return found


def _refuse(name: str) -> object:
    raise MalformedJson(reason=f"{name} is not JSON", where=name)


def _whole(value: object) -> None:
    """Raise UnicodeEncodeError for a lone surrogate anywhere."""
    json.dumps(value, ensure_ascii=False).encode("utf-8")


def _depth(data: bytes) -> int:
    """Return the deepest nesting, brackets inside strings aside."""
    deepest = depth = 0
    for byte in _STRING.sub(b"", data).translate(None, _OTHERS):
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return deepest
