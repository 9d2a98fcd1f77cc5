"""The part of a document that JSON pointers name, with ids and types (VC-DI-ECDSA, 3.4.13)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from certs.records.model import Broken
from certs.records.strict import Json

_INDEX: Final = re.compile("0|[1-9][0-9]{0,8}")
"""A place in an array (RFC 6901, section 4)."""


def select(document: Json, pointers: Sequence[str]) -> Json | None:
    """Return the part of a document that JSON pointers (RFC 6901) name, with ids and types.

    None when no pointer is given. Raises Broken for a pointer that leads nowhere.
    """
    if not pointers:
        return None
    chosen = _initial(document)
    chosen["@context"] = document["@context"]
    for pointer in pointers:
        _choose(document, chosen, _steps(pointer))
    found = _dense(chosen)
    if not isinstance(found, dict):  # pragma: no cover - a document is an object
        raise TypeError(found)
    return found


def _steps(pointer: str) -> list[str]:
    if not pointer.startswith("/"):
        raise Broken(f"{pointer!r} is no JSON pointer.", f"{pointer!r} 不是 JSON 指针。")
    return [each.replace("~1", "/").replace("~0", "~") for each in pointer[1:].split("/")]


class _Sparse(dict[int, Any]):
    """The chosen items of an array by their place."""


def _initial(value: Json) -> Json:
    given = value.get("id")
    found: Json = {}
    if given is not None and not str(given).startswith("_:"):
        found["id"] = given
    if "type" in value:
        found["type"] = value["type"]
    return found


def _choose(document: Json, chosen: Json, steps: Sequence[str]) -> None:
    value: Any = document
    place: Any = chosen
    for number, step in enumerate(steps):
        key = _key(value, step)
        value = value[key]
        if number == len(steps) - 1:
            place[key] = value
            return
        if not isinstance(value, dict | list):
            raise _astray(steps[number + 1])
        if key not in place:
            place[key] = _Sparse() if isinstance(value, list) else _initial(value)
        place = place[key]
        if place is value:
            return


def _key(value: object, step: str) -> str | int:
    if isinstance(value, dict) and step in value:
        return step
    if isinstance(value, list) and _INDEX.fullmatch(step) and int(step) < len(value):
        return int(step)
    raise _astray(step)


def _astray(step: str) -> Broken:
    return Broken(f"A pointer leads to no field: {step}.", f"指针未指向任何字段:{step}。")


def _dense(value: object) -> object:
    if isinstance(value, _Sparse):
        return [_dense(value[place]) for place in sorted(value)]
    if isinstance(value, dict):
        return {name: _dense(child) for name, child in value.items()}
    return value
