"""The table of shapes (shapes.csv): one row per property of each message and part of it.

shape     name; `AN:Address` where the arrival notice has another Address than the rest
property  name; `@is` another shape altogether, `@only` nothing beside what is listed,
`@by` (any other name) the shape that the value of that property chooses
card      1 has to be there, ? may be
type      text integer number boolean date date-time uri uuid base64 object, or a shape;
in brackets a list, with `items` lowest..highest
min, max  length of text, bounds of numbers (`>0` is above nought)
choice    one: exactly one of the shape's properties so marked; any: at least one
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Final

_IS: Final = "@is"
_ONLY: Final = "@only"


@dataclass(frozen=True, slots=True)
class Property:
    """One property: its type, whether it has to be there, and its limits."""

    name: str
    required: bool
    type: str
    is_list: bool
    least: int
    most: int | None
    low: float | None
    above: bool
    high: float | None
    pattern: re.Pattern[str] | None
    values: frozenset[str]


@dataclass(slots=True)
class Shape:
    """A message or a part of one."""

    name: str
    properties: dict[str, Property] = field(default_factory=dict)
    exactly_one: list[str] = field(default_factory=list)
    at_least_one: list[str] = field(default_factory=list)
    same_as: str = ""
    closed: bool = False
    chosen_by: str = ""
    choices: dict[str, str] = field(default_factory=dict)


@cache
def shapes() -> Mapping[str, Shape]:
    """Return every shape by its name."""
    found: dict[str, Shape] = {}
    source = files("gateway.lading.shapes").joinpath("shapes.csv").read_text("utf-8")
    for row in csv.DictReader(source.splitlines()):
        _add(found.setdefault(row["shape"], Shape(row["shape"])), row)
    return found


def _add(shape: Shape, row: Mapping[str, str]) -> None:
    name = row["property"]
    if name == _IS:
        shape.same_as = row["type"]
    elif name == _ONLY:
        shape.closed = True
    elif name.startswith("@"):
        shape.chosen_by = name[1:]
        shape.choices[row["values"]] = row["type"]
    else:
        shape.properties[name] = _property(row)
        if row["choice"] == "one":
            shape.exactly_one.append(name)
        elif row["choice"] == "any":
            shape.at_least_one.append(name)


def _property(row: Mapping[str, str]) -> Property:
    kind = row["type"]
    least, _, most = row["items"].partition("..")
    above = row["min"].startswith(">")
    low = row["min"].removeprefix(">")
    pattern = row["pattern"].removeprefix("^").removesuffix("$")
    return Property(
        name=row["property"],
        required=row["card"] == "1",
        type=kind.strip("[]"),
        is_list=kind.startswith("["),
        least=int(least or 0),
        most=int(most) if most else None,
        low=float(low) if low else None,
        above=above,
        high=float(row["max"]) if row["max"] else None,
        pattern=re.compile(pattern) if pattern else None,
        values=frozenset(row["values"].split()),
    )
