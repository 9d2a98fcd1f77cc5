"""A compiled row of the table: what a leaf may hold and which terms it gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from adapters.engine.conversion import Conversion, conversion
from adapters.engine.syntax import Syntax, syntax
from adapters.engine.table import BadTable, Row, Target
from schemas import codes
from schemas.codes import Converted
from schemas.finding import Flag
from schemas.loss import LossClass

EXACT: Final = LossClass.EXACT

_INDEX: Final = re.compile(r"\[\d*\]")
_MEMO_ENTRIES: Final = 256
_MEMO_LENGTH: Final = 24


class Goal:
    """One target of a leaf, its pattern cut at the running indices."""

    __slots__ = ("attr", "bare", "depth", "head", "pattern", "pieces", "plain", "tail")

    def __init__(self, target: Target) -> None:
        """Cut the pattern of a target."""
        self.pattern = target.pattern
        self.attr = target.attr
        self.pieces = target.pattern.split("[]")
        self.depth = len(self.pieces) - 1
        self.head = self.pieces[0]
        self.tail = self.pieces[-1]
        self.plain = tuple(piece.replace("[1]", "") for piece in self.pieces)
        self.bare = _INDEX.sub("", target.pattern)

    def id(self, index: tuple[str, ...]) -> str:
        """Return the term id under the running indices, given as `("[3]", "[1]")`."""
        if self.depth == 1:
            return self.head + index[0] + self.tail
        if self.depth == 0:
            return self.head
        parts = [self.head]
        for number, piece in zip(index, self.pieces[1:], strict=False):
            parts += (number, piece)
        return "".join(parts)

    def key(self, index: tuple[str, ...]) -> str:
        """Return the id without `[1]`, as documents are indexed; `index` has "" for the first."""
        plain = self.plain
        if self.depth == 1:
            return plain[0] + index[0] + plain[1]
        if self.depth == 0:
            return plain[0]
        parts = [plain[0]]
        for number, piece in zip(index, plain[1:], strict=False):
            parts += (number, piece)
        return "".join(parts)


class Leaf:
    """A compiled leaf row: syntax, code list, conversion and goals."""

    __slots__ = (
        "also",
        "attrs",
        "bare",
        "conversion",
        "easy",
        "ext",
        "flag",
        "free",
        "goals",
        "least",
        "listed",
        "memo",
        "most",
        "others",
        "plain",
        "row",
        "scales",
        "sure",
        "syntax",
        "usual",
        "written",
    )

    def __init__(
        self, row: Row, quirks: Mapping[str, Conversion], where: str, ext: str = "x"
    ) -> None:
        """Compile a row; raises BadTable."""
        self.row = row
        self.ext = f"ext.{ext}.{row.steps[-1].name}"
        self.flag = Flag(row.flag) if row.flag else Flag.FATAL
        try:
            self.syntax: Syntax = syntax(row.type, row.range)
            self.conversion = conversion(row.conv, self.syntax.most, quirks)
        except (KeyError, ValueError) as error:
            raise BadTable(where=f"{where} line {row.number + 2}", reason=str(error)) from error
        self.listed = _membership(row.codelist)
        self.goals = tuple(Goal(target) for target in row.targets)
        self.others = self.goals[1:]
        self.also = tuple(Goal(target) for target in row.also)
        self.plain = self.conversion is None and self.listed is None
        self.free = self.syntax.form is None and self.syntax.bounds is None
        self.least, self.most = self.syntax.least, self.syntax.most
        self.usual = self.syntax.usual
        self.sure: set[str] = set()
        self.scales: set[str] = set()
        self.bare = frozenset(goal.bare for goal in (*self.goals, *self.also))
        self.memo: dict[str, Converted] = {}
        self.attrs: dict[str, Mapping[str, str]] = {}
        self.easy: dict[str, tuple[Converted, Mapping[str, str]]] = {}
        self.written: dict[str, Converted | None] = {}

    def homeless(self, term_id: str) -> str:
        """Return the extension id, in the term's own group, of a value that has no counterpart."""
        group, bracket, _ = term_id.rpartition("].")
        return f"{group}].{self.ext}" if bracket else self.ext

    def sound(self, text: str) -> bool:
        """Tell whether a text is faultless in a plain leaf (no conversion, no code list)."""
        if self.free:
            return self.least <= len(text) <= self.most
        if (self.usual is not None and self.usual(text)) or text in self.sure:
            return True
        if self.syntax.fault(text):
            return False
        if len(text) <= _MEMO_LENGTH and len(self.sure) < _MEMO_ENTRIES:
            self.sure.add(text)
        return True

    def take(self, text: str) -> tuple[Converted, tuple[str, ...]]:
        """Return the canonical value of a source text and the kinds of its faults."""
        faults = []
        fault = self.syntax.fault(text)
        if fault:
            faults.append(fault)
        found: Converted | None = None
        if self.conversion is not None:
            found = self.conversion.read(text)
            if found is None:
                faults.append(self.conversion.fault(text))
        if self.listed is not None:
            fault = self.listed(text)
            if fault:
                faults.append(fault)
        if found is None or not found.value:
            found = Converted(
                text, EXACT if found is None else found.cls, found.reason if found else ""
            )
        if not faults and len(text) <= _MEMO_LENGTH and len(self.memo) < _MEMO_ENTRIES:
            self.memo[text] = found
        return found, tuple(dict.fromkeys(faults))

    def accepts(self, text: str) -> bool:
        """Tell whether a text may stand in the leaf."""
        return self.sound(text) if self.plain else text in self.memo or not self.take(text)[1]

    def shared(self, attr: str, text: str, found: Converted) -> Mapping[str, str]:
        """Return the attributes that a source text gives a term, shared between terms."""
        attrs = self.attrs.get(text)
        if attrs is None:
            attrs = {} if found.cls is LossClass.EXT else {attr: found.value}
            if found.value != text or not attrs:
                attrs = {**attrs, "source_" + attr: text}
            if found.factor != 1:
                self.scales.add(text)
            elif text in self.memo:
                self.easy[text] = found, attrs
            if len(self.attrs) < _MEMO_ENTRIES:
                self.attrs[text] = attrs
        return attrs

    def put(self, value: str) -> Converted | None:
        """Return what to write for a canonical value; None if it has no place in this leaf."""
        if value in self.written:
            return self.written[value]
        found: Converted | None = Converted(value, EXACT)
        if self.conversion is not None:
            found = self.conversion.write(value)
        if found is not None and (not found.value or self._refuses(found.value)):
            found = None
        if len(value) <= _MEMO_LENGTH and len(self.written) < _MEMO_ENTRIES:
            self.written[value] = found
        return found

    def _refuses(self, text: str) -> bool:
        return bool(self.syntax.fault(text) or (self.listed is not None and self.listed(text)))

    @property
    def expected(self) -> str:
        """What the leaf wants, for a finding."""
        return " ".join(filter(None, (self.syntax.expected, self.row.codelist, _list(self.row))))


def _list(row: Row) -> str:
    kind, _, argument = row.conv.partition(":")
    return argument.partition(">")[0] if kind == "codes" else ""


def _membership(cell: str) -> Callable[[str], str] | None:
    """Return the test of the `codelist` cell: "" for a member, else the kind of fault."""
    if not cell:
        return None
    if cell.startswith("="):
        allowed = frozenset(cell[1:].split("|"))
        return lambda text: "" if text in allowed else "code"
    ids = cell.split()

    def test(text: str) -> str:
        faults = [codes.fault(list_id, text) for list_id in ids]
        return "" if "" in faults else faults[0]

    return test
