"""Text that JSON can spell with escapes and nothing else can hold: half surrogate pairs, U+0000.

UTF-8 has no form for the first, databases have no place for the second; RFC 7493 (I-JSON, section
2.1) forbids the first in messages between systems.
"""

from __future__ import annotations

from collections.abc import Iterator


def require_storable(value: object) -> None:
    """Raise ValueError where a name or a text of a JSON value has such a character."""
    whole = "\n".join(_texts(value))
    whole.encode()
    if "\0" in whole:
        raise ValueError("U+0000")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
