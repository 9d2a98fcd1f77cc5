"""Code lists and conversions, loaded on first use from the CSV files beside this module."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

from schemas.errors import TranslationError
from schemas.loss import LossClass
from schemas.text import Text

ONE: Final = Decimal(1)
_HERE: Final = Path(__file__).parent

Fault = Literal["", "code", "table"]


class CodeNotInList(TranslationError):
    """A code is in no known list, or has no counterpart in the target list."""

    code = "SG-2104"
    kind: ClassVar[str] = "code"
    title = Text("{value} is not a code of {list}.", "{value} 不是 {list_zh} 中的代码。")
    hint = Text(
        "Map {value} in the corridor profile, or ask the sender for a code of {list}.",
        "请在通道配置中为 {value} 建立映射,或请发送方提供 {list_zh} 中的代码。",
    )


class MixedGenerations(TranslationError):
    """A code belongs to another generation of the same list; generations are never mixed."""

    code = "SG-2105"
    kind: ClassVar[str] = "table"
    title = Text(
        "{value} is a code of {other}, but {list} is in force here.",
        "{value} 属于 {other_zh},此处应使用 {list_zh}。",
    )
    hint = Text(
        "Send the code of {list}; the two generations cannot be mixed in one message.",
        "请改用 {list_zh} 的代码;同一报文不得混用两代代码表。",
    )


@dataclass(frozen=True, slots=True)
class Converted:
    """A code in the target list, what going there did to it, and why if it was narrowed.

    A listed code without counterpart has `value` "" and the class `ext`: keep the source code.
    `factor` multiplies the quantity that the code measures (units); 1 elsewhere.
    """

    value: str
    cls: LossClass
    reason: str = ""
    factor: Decimal = ONE


@dataclass(frozen=True, slots=True)
class CodeList:
    """One code list of one edition: its rows by code.

    `closed` lists are complete: a code outside is wrong. In an open one (a sample of a list that
    is not public as a whole) any code of the right `form` passes. Lists of one `concept` are
    alternatives to each other: generations that must not be mixed.
    """

    id: str
    title: Text
    concept: str
    edition: str
    source: str
    closed: bool
    form: re.Pattern[str]
    rows: Mapping[str, Mapping[str, str]]

    def has(self, code: str) -> bool:
        """Tell whether the code is listed (or, in an open list, could be)."""
        if code in self.rows:
            return True
        return not self.closed and self.form.fullmatch(code) is not None

    def row(self, code: str) -> Mapping[str, str]:
        """Return every column of a code; empty for a code that is not listed."""
        return self.rows.get(code, {})

    def name(self, code: str, lang: str = "en") -> str:
        """Return the name of a code in `en` or `zh`, in the other language if there is but one."""
        row = self.row(code)
        return row.get(lang) or row.get("en") or row.get("zh") or ""


def table(list_id: str) -> CodeList:
    """Return a code list; raises KeyError for an id that is no list of ours."""
    return _table(list_id)


@cache
def lists() -> tuple[str, ...]:
    """Return the ids of all code lists."""
    return tuple(_sources()["lists"])


def fault(list_id: str, code: str) -> Fault:
    """Return "" for a code of the list, "table" for one of another generation, else "code"."""
    known = _table(list_id)
    if known.has(code):
        return ""
    return "table" if _other_generation(known, code) else "code"


def require(list_id: str, code: str, *, where: str = "") -> None:
    """Raise CodeNotInList or MixedGenerations unless the code is one of the list."""
    known = _table(list_id)
    if known.has(code):
        return
    other = _other_generation(known, code)
    if other is not None:
        raise MixedGenerations(
            where=where,
            value=code,
            list=known.title.en,
            list_zh=known.title.zh,
            other=other.title.en,
            other_zh=other.title.zh,
        )
    raise CodeNotInList(where=where, value=code, list=known.title.en, list_zh=known.title.zh)


@cache
def mapping(source: str, target: str) -> dict[str, Converted]:
    """Return the conversion from one list to another by source code.

    Raises KeyError when the house has no such conversion. The dict is shared: do not change it.
    """
    pairs = _sources()["conversions"]
    forward = pairs.get(f"{source}--{target}")
    if forward is not None:
        return dict(_forward(forward["file"]))
    return dict(_backward(pairs[f"{target}--{source}"]["file"]))


def convert(source: str, target: str, code: str, *, where: str = "") -> Converted:
    """Return the counterpart of `code`; raises CodeNotInList or MixedGenerations."""
    found = mapping(source, target).get(code)
    if found is not None and found.value:
        return found
    require(source, code, where=where)
    wanted = _table(target)
    raise CodeNotInList(where=where, value=code, list=wanted.title.en, list_zh=wanted.title.zh)


@cache
def _sources() -> dict[str, dict[str, dict[str, Any]]]:
    return tomllib.loads((_HERE / "sources.toml").read_text(encoding="utf-8"))


@cache
def _table(list_id: str) -> CodeList:
    entry = _sources()["lists"][list_id]
    return CodeList(
        id=list_id,
        title=Text(entry["title_en"], entry["title_zh"]),
        concept=entry["concept"],
        edition=entry["edition"],
        source=entry["source"],
        closed=entry["closed"],
        form=re.compile(entry["form"]),
        rows={row["code"]: row for row in _read(entry["file"])},
    )


def _other_generation(known: CodeList, code: str) -> CodeList | None:
    """Return the list of the same concept that the code has the form of, if its own has not."""
    for list_id, entry in _sources()["lists"].items():
        if entry["concept"] != known.concept or list_id == known.id:
            continue
        other = _table(list_id)
        if code in other.rows or (other.form.fullmatch(code) and not known.form.fullmatch(code)):
            return other
    return None


def _forward(file: str) -> Iterator[tuple[str, Converted]]:
    for row in _read(file):
        if row["way"] in ("both", "to"):
            yield (
                row["code"],
                Converted(
                    row["value"],
                    LossClass(row["class"]),
                    row["reason"],
                    Decimal(row["factor"] or 1),
                ),
            )


def _backward(file: str) -> Iterator[tuple[str, Converted]]:
    for row in _read(file):
        if row["way"] in ("both", "from"):
            factor = Decimal(row["factor"] or 1)
            yield (
                row["value"],
                Converted(
                    row["code"],
                    LossClass(row["class"]),
                    row["reason"],
                    ONE if factor == ONE else ONE / factor,
                ),
            )


def _read(file: str) -> Iterator[dict[str, str]]:
    with (_HERE / file).open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)
