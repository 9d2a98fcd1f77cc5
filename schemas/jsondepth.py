"""How deep JSON is nested, told before it is parsed.

The parser recurses in C; where a library has raised Python's recursion limit (EVM libraries do),
deep nesting ends the process instead of raising RecursionError.
"""

from __future__ import annotations

import re
from typing import Final

_MARKS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)
_OPENING: Final = (0x5B, 0x7B)
_QUOTE: Final = 0x22


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
