"""The content of a page, arranged: parties, lines, totals and everything else, with their names."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from schemas import terms
from schemas.document import Document, Family, Term, plain
from schemas.errors import TranslationError
from schemas.rules.invoice.checks import codes
from schemas.text import Text

LANGUAGES: Final = ("en", "zh", "both")
HEAD: Final = ("BT-1", "BT-2", "BT-3", "BT-9", "BT-5")

_INDEX: Final = re.compile(r"\[\d+\]")
_TOP: Final = re.compile(r"((?:BG|IBG)-[\w-]+)(\[\d+\])?/")
_LINE: Final = "BG-25"
_ATTACHMENT: Final = "BT-125"
_PARTIES: Final = ("BG-4", "BG-7", "BG-10", "BG-11", "BG-13")
_NAMES: Final = frozenset({"BT-27", "BT-44", "BT-59", "BT-62", "BT-70"})
_TOTALS: Final = "BG-22"
_DUE: Final = "BT-115"
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "BG-25": ("BT-126", "BT-153", "BT-129", "BT-146", "BT-151", "BT-152", "BT-131"),
    "BG-23": ("BT-118", "BT-119", "BT-116", "BT-117"),
    "BG-20": ("BT-97", "BT-94", "BT-93", "BT-95", "BT-96", "BT-92"),
    "BG-21": ("BT-104", "BT-101", "BT-100", "BT-102", "BT-103", "BT-99"),
}
"""The columns of groups that are shown as a table; their other terms stand below the row."""
_CREDIT: Final = Text("Credit note", "贷记单")
_INVOICE: Final = Text("Invoice", "发票")
_REST: Final = Text("References and terms", "引用与条款")


class NotAnInvoice(TranslationError):
    """A view is asked for of a document that has none."""

    code = "SG-2110"
    title = Text("There is no readable view of a {family}.", "没有 {family} 类单证的可读视图。")
    hint = Text(
        "Use `silkgate inspect` to list its terms.", "请使用 `silkgate inspect` 列出业务术语。"
    )
    exit_code: ClassVar[int] = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One term: its id, its name, and its value with currency, unit or scheme."""

    term: str
    label: Text
    value: str


@dataclass(frozen=True, slots=True)
class Block:
    """Terms of one group, one under the other."""

    title: Text
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: a cell for each column, and what else the group says."""

    cells: Sequence[str]
    more: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Table:
    """Groups that repeat, as a table; `columns` are term ids."""

    title: Text
    columns: Sequence[str]
    rows: Sequence[Row]

    def heads(self) -> list[Text]:
        """Return the names of the columns."""
        return [terms.name(column) for column in self.columns]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole page."""

    title: Text
    head: Sequence[Entry]
    parties: Sequence[Block]
    lines: Table
    tables: Sequence[Table]
    totals: Block
    due: Entry | None
    rest: Sequence[Block]


def sheet(document: Document) -> Sheet:
    """Return an invoice arranged for reading; raises NotAnInvoice for other documents."""
    if document.family is not Family.INVOICE:
        raise NotAnInvoice(family=document.family.value)
    shown = [term for term in document if "ext." not in term.id and "@" not in term.id]
    groups: dict[str, list[Term]] = {}
    for term in shown:
        match = _TOP.match(term.id)
        groups.setdefault(match[1] if match else "", []).append(term)
    top = groups.pop("", [])
    head = {plain(term.id): _entry(term) for term in top}
    totals = _block(_TOTALS, groups.pop(_TOTALS, []))
    return Sheet(
        title=_CREDIT if document.value("BT-3") in codes("untdid1001-creditnote") else _INVOICE,
        head=[head[each] for each in HEAD if each in head],
        parties=[_party(each, groups.pop(each)) for each in _PARTIES if each in groups],
        lines=_table(_LINE, groups.pop(_LINE, [])),
        tables=[_table(each, groups.pop(each)) for each in _COLUMNS if each in groups],
        totals=totals,
        due=next((entry for entry in totals.entries if entry.term == _DUE), None),
        rest=_rest([term for term in top if plain(term.id) not in HEAD], groups),
    )


def _rest(top: Sequence[Term], groups: Mapping[str, Sequence[Term]]) -> list[Block]:
    """Return a block for everything that has no place of its own, a repeated group as several."""
    blocks = [Block(_REST, [_entry(term) for term in top])] if top else []
    for group, members in groups.items():
        blocks += [_block(group, part) for part in _instances(members).values()]
    return blocks


def _block(group: str, members: Iterable[Term]) -> Block:
    return Block(terms.name(group), [_entry(term) for term in members])


def _party(group: str, members: Iterable[Term]) -> Block:
    """Return the block of a party, its name first."""
    return _block(group, sorted(members, key=lambda term: _last(term) not in _NAMES))


def _instances(members: Iterable[Term]) -> dict[str, list[Term]]:
    """Return the terms of a group by its running index."""
    found: dict[str, list[Term]] = {}
    for term in members:
        match = _TOP.match(term.id)
        found.setdefault((match[2] if match else None) or "[1]", []).append(term)
    return found


def _table(group: str, members: Sequence[Term]) -> Table:
    instances = _instances(members).values()
    present = {_last(term) for term in members}
    columns = [column for column in _COLUMNS[group] if column in present]
    return Table(terms.name(group), columns, [_row(each, columns) for each in instances])


def _row(members: Sequence[Term], columns: Sequence[str]) -> Row:
    cells = dict.fromkeys(columns, "")
    more: list[Entry] = []
    for term in members:
        name = _last(term)
        # A column is the group's own term, not one of a group of the same kind inside it.
        if cells.get(name) == "" and "BG-DEX-01" not in term.id:
            cells[name] = said(term)
        else:
            more.append(_entry(term))
    return Row(list(cells.values()), more)


def _last(term: Term) -> str:
    return _INDEX.sub("", term.id).rpartition("/")[2]


def _entry(term: Term) -> Entry:
    name = _last(term)
    return Entry(name, terms.name(name), said(term))


def said(term: Term) -> str:
    """Return a value as people read it: with its currency, unit, scheme; a file by its name."""
    attrs = term.attrs
    if _last(term) == _ATTACHMENT:
        kind = ", ".join(filter(None, (attrs.get("mime_code", ""), _size(term.value))))
        return f"{attrs.get('filename', '')} ({kind})".strip()
    after = attrs.get("currency") or attrs.get("unit") or ""
    scheme = attrs.get("scheme", "")
    version = attrs.get("version", "")
    marks = " ".join(filter(None, (scheme, version)))
    return term.value + (f" {after}" if after else "") + (f" ({marks})" if marks else "")


def _size(text: str) -> str:
    try:
        return f"{len(base64.b64decode(text, validate=False))} B"
    except (binascii.Error, ValueError):
        return f"{len(text)} characters"
