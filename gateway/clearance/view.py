"""A document looked at by the shape of its term ids, with the indices of its groups apart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Final

from gateway.clearance.compare import folded
from schemas.document import Document, Family, Term

_SEGMENT: Final = re.compile(r"([^\[\].]+)(?:\[([^\]]+)\])?")
_KNOWN: Final = 65536
"""Term ids whose parts are remembered: a declaration of 50 lines has about a thousand."""
_LINE_GROUP: Final = "BG-25"
_ATTRIBUTE_NAME: Final = "BT-160"
_ATTRIBUTE_VALUE: Final = "BT-161"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A term id whose groups may carry a variable instead of a number.

    `Item[n].Seal[k].ID` has the shape `Item.Seal.ID` and the indices `("n", "k", "")`; a
    group without index is the first of its kind, so `wanted` says `1` for it.
    """

    shape: str
    indices: tuple[str, ...]
    wanted: tuple[str, ...]
    template: str
    variables: tuple[tuple[int, str], ...]
    pick: Callable[[tuple[str, ...]], object] | None
    fixed: object

    @property
    def variable(self) -> str:
        """The name of the only variable; empty when there is none or there are several."""
        if len(self.variables) != 1:
            return ""
        name = self.variables[0][1]
        return "" if name in _FREE else name

    def fill(self, bound: Mapping[str, str]) -> str:
        """Return the term id with its variables replaced."""
        return self.template.format_map(bound)

    def bind(self, actual: tuple[str, ...]) -> dict[str, str] | None:
        """Return the variables that make this pattern meet the indices, or None if nothing does.

        `actual` has an index for each group, `1` where the term id has none.
        """
        if self.pick is not None and self.pick(actual) != self.fixed:
            return None
        return {name: actual[n] for n, name in self.variables}


_FREE: Final = frozenset({"*", "+"})


@lru_cache(maxsize=_KNOWN)
def pattern(text: str) -> Pattern:
    """Return the pattern written as a term id with variables in brackets."""
    parts = _SEGMENT.findall(text)
    wanted = tuple(index or "1" for _, index in parts)
    fixed = [n for n, index in enumerate(wanted) if index.isdigit()]
    pick = itemgetter(*fixed) if fixed else None
    return Pattern(
        ".".join(name for name, _ in parts),
        tuple(index for _, index in parts),
        wanted,
        ".".join(_step(name, index) for name, index in parts),
        tuple((n, index) for n, index in enumerate(wanted) if not index.isdigit()),
        pick,
        pick(wanted) if pick else None,
    )


def _step(name: str, index: str) -> str:
    if not index:
        return name
    return f"{name}[{{{index}}}]" if index.isalpha() else f"{name}[{index}]"


class View:
    """The terms of one document by shape; invoices by their BT number and line."""

    def __init__(self, document: Document) -> None:
        """Index the document's terms once."""
        self.document = document
        known: defaultdict[str, list[tuple[tuple[str, ...], Term]]] = defaultdict(list)
        self._by_shape = known
        self._places: dict[str, dict[tuple[str, ...], int]] = {}
        if document.family is Family.INVOICE:
            for shape, indices, term in _invoice(document):
                known[shape].append((indices, term))
            return
        for term in document.terms:
            shape, indices = _key(term.id)
            known[shape].append((indices, term))

    def put(self, term: Term) -> None:
        """Take a term in, in the place of the one with its id if there is one."""
        shape, indices = _key(term.id)
        rows = self._by_shape[shape]
        places = self._places.get(shape)
        if places is None:
            places = self._places[shape] = {here: n for n, (here, _) in enumerate(rows)}
        place = places.setdefault(indices, len(rows))
        rows[place : place + 1] = [(indices, term)]

    def find(self, wanted: Pattern) -> Iterator[tuple[dict[str, str], Term]]:
        """Yield each term with a value that meets the pattern, and the variables it binds."""
        for indices, term in self._by_shape.get(wanted.shape, ()):
            if term.value:
                found = wanted.bind(indices)
                if found is not None:
                    yield found, term

    def by(self, wanted: Pattern) -> dict[str, Term]:
        """Return the first term that meets the pattern for each number its one variable takes."""
        ((n, _),) = wanted.variables
        pick, fixed = wanted.pick, wanted.fixed
        found: dict[str, Term] = {}
        for indices, term in self._by_shape.get(wanted.shape, ()):
            if term.value and (pick is None or pick(indices) == fixed):
                found.setdefault(indices[n], term)
        return found

    def numbers(self, text: str) -> list[str]:
        """Return the numbers a variable takes over the terms that meet the pattern, in order."""
        return list(self.by(pattern(text)))


@lru_cache(maxsize=_KNOWN)
def _key(term_id: str) -> tuple[str, tuple[str, ...]]:
    """Return shape and indices of a term id."""
    known = pattern(term_id.replace("/", "."))
    return known.shape, known.wanted


@lru_cache(maxsize=_KNOWN)
def _invoice_key(term_id: str) -> tuple[str, tuple[str, ...]]:
    """Return the number of an invoice's term and the line it stands in."""
    parts = _SEGMENT.findall(term_id.replace("/", "."))
    number, own = parts[-1]
    if not number.startswith(("BT-", "IBT-")):
        return _key(term_id)
    line = next((index for group, index in parts[:-1] if group == _LINE_GROUP), own) or "1"
    return number, (line,)


def _invoice(document: Document) -> Iterator[tuple[str, tuple[str, ...], Term]]:
    """EN 16931 numbers are unique: the number and the line it stands in say everything.

    A named attribute of a line (BG-32) has its name in its shape: `BT-161(packages)`.
    """
    names = {
        term.id.removesuffix(_ATTRIBUTE_NAME): folded(term.value)
        for term in document
        if term.id.endswith(_ATTRIBUTE_NAME)
    }
    for term in document.terms:
        number, indices = _invoice_key(term.id)
        if number == _ATTRIBUTE_VALUE:
            name = names.get(term.id.removesuffix(_ATTRIBUTE_VALUE), "")
            yield f"{number}({name})", indices, _in_kilograms(term, name)
        else:
            yield number, indices, term


def _in_kilograms(term: Term, name: str) -> Term:
    if not name.endswith(" kg"):
        return term
    attrs = {**term.attrs, "unit": "KGM"}
    return Term(
        term.id, term.value, attrs, term.path, term.line, term.source, term.cls, term.reason
    )
