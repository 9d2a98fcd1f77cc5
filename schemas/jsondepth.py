"""How deep JSON is nested, told before it is parsed.

The parser recurses in C; where a library has raised Python's recursion limit (EVM libraries do),
deep nesting ends the process instead of raising RecursionError.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

_MARKS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)
_OPENING: Final = (0x5B, 0x7B)
_QUOTE: Final = 0x22
DEEPEST: Final = 100


def deeper_than(data: bytes, depth: int) -> bool:
    """Tell whether arrays and objects are nested deeper than `depth`; strings do not count."""
    if data.count(b"[") + data.count(b"{") <= depth:
        return False
    now = 0
    for mark in _MARKS.finditer(data):
        first = data[mark.start()]
        if first == _QUOTE:
            continue
        now += 1 if first in _OPENING else -1
        if now > depth:
            return True
    return False


def loads(
    data: bytes,
    *,
    object_pairs_hook: Callable[[list[tuple[str, Any]]], object] | None = None,
    parse_constant: Callable[[str], object] | None = None,
) -> Any:  # noqa: ANN401 - what JSON says, only its reader knows
    """Return the JSON in `data`, as `json.loads` does; raises ValueError beyond 100 levels too."""
    if deeper_than(data, DEEPEST):
        raise ValueError("nested too deep")
    return json.loads(data, object_pairs_hook=object_pairs_hook, parse_constant=parse_constant)
