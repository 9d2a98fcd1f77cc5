"""JSON as a record may be written: bounded, no name twice, no surprises of number syntax."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from certs.records.model import Broken
from schemas.jsondepth import deeper_than

Json = dict[str, Any]

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_DEPTH: Final = 64
_LONE: Final = re.compile("[\ud800-\udfff]")


def parse(data: bytes) -> Json:
    """Return the JSON object in `data`; raises Broken for anything else, and for a name twice."""
    if len(data) > MAX_BYTES:
        raise Broken("The record is too large.", "记录过大。")
    if deeper_than(data, MAX_DEPTH):
        raise Broken("The record is nested too deeply.", "记录嵌套过深。")
    try:
        value = json.loads(
            data.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_no_constant
        )
    except ValueError:
        raise Broken("The record is not well-formed JSON.", "该记录不是格式正确的 JSON。") from None
    if not isinstance(value, dict):
        raise Broken("The record is no JSON object.", "该记录不是 JSON 对象。")
    return value


def listed(record: Json, name: str) -> list[Any]:
    """Return the values of a field that may be one value or a list of them."""
    said = record.get(name)
    return said if isinstance(said, list) else [said]


def stringify(value: object) -> str:
    """Return JSON text as ECMAScript's JSON.stringify writes it (no blanks, no ASCII escapes)."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _LONE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def number(value: float) -> str:
    """Return a number as ECMAScript's Number::toString writes it (RFC 8785, 3.2.2.3)."""
    import rfc8785

    return rfc8785.dumps(float(value)).decode()


def _unique(pairs: list[tuple[str, object]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _no_constant(name: str) -> object:
    raise ValueError(name)
