"""Checking a message against the table of shapes; properties that nobody listed are let pass."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from gateway.lading.shapes.table import Property, Shape, shapes

_MOST: Final = 50
_DEEPEST: Final = 40
_DATE_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a message: where (JSONPath), what was found, and what is wanted."""

    path: str
    property: str
    value: object
    wanted: str


def check(value: object, shape: str) -> list[Fault]:
    """Return what is wrong with `value` as the message `shape`, at most fifty things."""
    return list(islice(_object(value, shapes()[shape], "$", ""), _MOST))


def narrowed(value: Any, shape: str) -> Any:  # noqa: ANN401 - JSON
    """Return JSON with those properties alone that its shape has.

    Where a property chooses the shape, that one counts.
    """
    if not isinstance(value, Mapping):
        return value
    found = shapes()[shape]
    if found.same_as:
        return narrowed(value, found.same_as)
    if found.chosen_by:
        chosen = found.choices.get(str(value.get(found.chosen_by)))
        return dict(value) if chosen is None else narrowed(value, chosen)
    return {
        name: _narrowed(value[name], each)
        for name, each in found.properties.items()
        if name in value
    }


def _narrowed(value: Any, each: Property) -> Any:  # noqa: ANN401 - JSON
    if each.type in _SCALARS:
        return value
    if each.is_list and isinstance(value, list):
        return [narrowed(item, each.type) for item in value]
    return narrowed(value, each.type)


def _object(value: object, shape: Shape, path: str, name: str) -> Iterator[Fault]:
    if shape.same_as:
        yield from _object(value, shapes()[shape.same_as], path, name)
        return
    if not isinstance(value, dict):
        yield Fault(path, name, value, "an object")
        return
    if path.count(".") > _DEEPEST:
        yield Fault(path, name, "", "less nesting")
        return
    for each in shape.properties.values():
        place = f"{path}.{each.name}"
        if each.name in value:
            yield from _property(value[each.name], each, place)
        elif each.required:
            yield Fault(place, each.name, None, "to be there")
    yield from _choices(value, shape, path, name)


def _choices(value: Mapping[str, Any], shape: Shape, path: str, name: str) -> Iterator[Fault]:
    if shape.exactly_one and sum(each in value for each in shape.exactly_one) != 1:
        yield Fault(path, name, "", "exactly one of " + ", ".join(shape.exactly_one))
    if shape.at_least_one and not any(each in value for each in shape.at_least_one):
        yield Fault(path, name, "", "at least one of " + ", ".join(shape.at_least_one))
    if shape.closed:
        for each in value.keys() - shape.properties.keys():
            yield Fault(f"{path}.{each}", each, "", "not to be there")
    if shape.chosen_by:
        yield from _chosen(value, shape, path, name)


def _chosen(value: Mapping[str, Any], shape: Shape, path: str, name: str) -> Iterator[Fault]:
    """Check the shape that the value chooses; another of the choices that fits will do as well."""
    said = value.get(shape.chosen_by)
    chosen = shape.choices.get(str(said).lower() if isinstance(said, bool) else str(said))
    if chosen is None:
        wanted = "one of " + ", ".join(shape.choices)
        yield Fault(f"{path}.{shape.chosen_by}", shape.chosen_by, said, wanted)
        return
    faults = list(_object(value, shapes()[chosen], path, name))
    others = [each for each in shape.choices.values() if each != chosen]
    if faults and any(not list(_object(value, shapes()[each], path, name)) for each in others):
        return
    yield from faults


def _property(value: object, each: Property, path: str) -> Iterator[Fault]:
    if not each.is_list:
        yield from _single(value, each, path)
        return
    if not isinstance(value, list):
        yield Fault(path, each.name, value, "a list")
        return
    if len(value) < each.least or (each.most is not None and len(value) > each.most):
        many = f"{each.least} to {'any number of' if each.most is None else each.most} items"
        yield Fault(path, each.name, len(value), many)
        return
    for index, item in enumerate(value):
        yield from _single(item, each, f"{path}[{index}]")


def _single(value: object, each: Property, path: str) -> Iterator[Fault]:
    scalar = _SCALARS.get(each.type)
    if scalar is None:
        yield from _object(value, shapes()[each.type], path, each.name)
        return
    wanted = scalar(value, each)
    if wanted:
        yield Fault(path, each.name, value, wanted)


def _text(value: object, each: Property) -> str:
    if not isinstance(value, str):
        return "text"
    if each.high is not None and len(value) > each.high:
        return f"at most {each.high:.0f} characters"
    if each.low is not None and len(value) < each.low:
        return f"at least {each.low:.0f} characters"
    if each.pattern is not None and not each.pattern.fullmatch(value):
        return f"text like {each.pattern.pattern}"
    if each.values and value not in each.values:
        return "one of " + ", ".join(sorted(each.values))
    return ""


def _number(value: object, each: Property) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "a number"
    if each.type == "integer" and value != int(value):
        return "a whole number"
    if each.low is not None and (value < each.low or (each.above and value == each.low)):
        return f"{'more than' if each.above else 'at least'} {each.low:g}"
    if each.high is not None and value > each.high:
        return f"at most {each.high:g}"
    return ""


def _boolean(value: object, _: Property) -> str:
    return "" if isinstance(value, bool) else "true or false"


def _object_of_any(value: object, _: Property) -> str:
    return "" if isinstance(value, dict) else "an object"


def _read_as(read: Callable[[str], object], wanted: str) -> Callable[[object, Property], str]:
    """Return a check that the value is text that `read` can read."""

    def fits(value: object, each: Property) -> str:
        wrong = _text(value, each)
        if wrong:
            return wrong
        try:
            read(str(value))
        except ValueError:
            return wanted
        return ""

    return fits


def _date(text: str) -> date:
    if len(text) != len("2026-11-28"):
        raise ValueError(text)
    return date.fromisoformat(text)


def _date_time(text: str) -> datetime:
    if not _DATE_TIME.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text.upper())


def _uri(text: str) -> None:
    if not urlsplit(text).scheme:
        raise ValueError(text)


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error


_SCALARS: Final[Mapping[str, Callable[[object, Property], str]]] = {
    "text": _text,
    "integer": _number,
    "number": _number,
    "boolean": _boolean,
    "object": _object_of_any,
    "date": _read_as(_date, "a date like 2026-11-28"),
    "date-time": _read_as(_date_time, "a time like 2026-11-28T08:00:00Z"),
    "uri": _read_as(_uri, "a URI"),
    "uuid": _read_as(UUID, "a UUID"),
    "base64": _read_as(_base64, "Base64"),
}
