"""The mapping table of a format: rows of `mapping.csv` and the grammar of their paths.

The columns are described in `adapters/README.md`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from schemas.errors import SettingsError
from schemas.text import Text

COLUMNS: Final = (
    "path",
    "term",
    "type",
    "card",
    "codelist",
    "conv",
    "range",
    "default",
    "also",
    "flag",
    "note",
)

_STEP: Final = re.compile(
    r"(?P<attr>@)?(?:(?P<prefix>[\w.-]+):)?(?P<name>[^\[\]/@:=]+)(?P<repeat>\[\])?"
    r"(?:\[(?P<child>[^=\]]+)=(?P<value>[^\]]*)\])?"
)


class BadTable(SettingsError):
    """A mapping table cannot be compiled."""

    code = "SG-9101"
    title = Text("The mapping table is wrong: {reason}", "映射表有误:{reason}")
    hint = Text("Mend {where}; see adapters/README.md.", "请按 adapters/README.md 修正 {where}。")


@dataclass(frozen=True, slots=True)
class Predicate:
    """A step holds only where the child at `path` (local names, or one `@attr`) is `value`.

    Others that are read as the same are `also`.
    """

    path: tuple[str, ...]
    value: str
    also: tuple[str, ...] = ()

    def holds(self, text: str) -> bool:
        """Tell whether the child's text is the one that is meant."""
        return text == self.value or text in self.also


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: an element, a repeating element, or an attribute."""

    name: str
    prefix: str = ""
    repeat: bool = False
    attribute: bool = False
    predicate: Predicate | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Where a leaf's value goes: a term by its pattern, or one attribute of a term."""

    pattern: str
    attr: str = ""

    @property
    def depth(self) -> int:
        """How many running indices the pattern takes."""
        return self.pattern.count("[]")

    @property
    def bare(self) -> str:
        """The term, or attribute of a term, without indices."""
        bare = self.pattern.replace("[]", "").replace("[1]", "")
        return f"{bare}@{self.attr}" if self.attr else bare


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table, in the order of the document."""

    number: int
    steps: tuple[Step, ...]
    targets: tuple[Target, ...]
    type: str = ""
    low: int = 0
    high: int | None = 1
    codelist: str = ""
    conv: str = ""
    range: str = ""
    default: str = ""
    also: tuple[Target, ...] = ()
    flag: str = ""
    note: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The path without predicates, for comparing rows of the same place."""
        return tuple(("@" if s.attribute else s.prefix + ":") + s.name for s in self.steps)

    @property
    def fixed(self) -> str:
        """The text that the table has for this leaf, by its own default or a predicate; or ""."""
        names = [("@" if step.attribute else "") + step.name for step in self.steps]
        for number, step in enumerate(self.steps):
            predicate = step.predicate
            if predicate is not None and list(predicate.path) == names[number + 1 :]:
                return predicate.value
        return self.default


def load(lines: Iterable[str], *, ext: str, where: str = "mapping.csv") -> list[Row]:
    """Return the rows of a mapping table; `ext` names the homeless leaves.

    Raises BadTable, naming the line.
    """
    reader = csv.DictReader(lines)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise BadTable(where=where, reason=f"columns must be {','.join(COLUMNS)}")
    return [
        _row(number, cells, ext, f"{where} line {number + 2}")
        for number, cells in enumerate(reader)
    ]


def steps(path: str, where: str = "") -> tuple[Step, ...]:
    """Return the steps of a path; raises BadTable for a path outside the grammar."""
    return tuple(_step(text, where) for text in _split(path))


def target(text: str) -> Target:
    """Return the target that `ID` or `ID@attr` names."""
    pattern, _, attr = text.partition("@")
    return Target(pattern, attr)


def _row(number: int, cells: dict[str, str], ext: str, where: str) -> Row:
    if None in cells.values():
        raise BadTable(where=where, reason=f"a row has {len(COLUMNS)} cells")
    path = steps(cells["path"], where)
    usual = "0..n" if path[-1].repeat else "0..1"
    low, high = _card(cells["card"].strip() or usual, where)
    targets = tuple(target(text) for text in cells["term"].split())
    return Row(
        number=number,
        steps=path,
        targets=targets or (Target(homeless(path, ext)),),
        type=cells["type"].strip(),
        low=low,
        high=high,
        codelist=cells["codelist"].strip(),
        conv=cells["conv"].strip(),
        range=cells["range"].strip(),
        default=cells["default"].strip(),
        also=tuple(target(text) for text in cells["also"].split()),
        flag=cells["flag"].strip(),
        note=cells["note"].strip(),
    )


def homeless(path: tuple[Step, ...], ext: str) -> str:
    """Return the extension id of a leaf that has no term: the path below the root, dotted."""
    below = path[1:] if len(path) > 1 else path
    parts = (("@" if s.attribute else "") + s.name + ("[]" if s.repeat else "") for s in below)
    return f"ext.{ext}." + ".".join(parts)


def _card(text: str, where: str) -> tuple[int, int | None]:
    low, dots, high = text.partition("..")
    if not dots or not low.isdigit() or not (high.isdigit() or high == "n"):
        raise BadTable(where=where, reason=f"card {text!r}")
    return int(low), None if high == "n" else int(high)


def _split(path: str) -> list[str]:
    """Split at the slashes that stand outside brackets."""
    return re.split(r"/(?![^\[\]]*\])", path)


def _step(text: str, where: str) -> Step:
    match = _STEP.fullmatch(text)
    if match is None:
        raise BadTable(where=where, reason=f"path step {text!r}")
    predicate = None
    if match["child"] is not None:
        names = tuple(part.rpartition(":")[2] for part in match["child"].split("/"))
        value, *also = match["value"].split("|")
        predicate = Predicate(names, value, tuple(also))
    return Step(
        name=match["name"],
        prefix=match["prefix"] or "",
        repeat=match["repeat"] is not None,
        attribute=match["attr"] is not None,
        predicate=predicate,
    )
