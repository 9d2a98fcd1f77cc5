"""A document looked at by the shape of its term ids, with the indices of its groups apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from gateway.clearance.compare import folded
from schemas.document import Document, Family, Term

_SEGMENT: Final = re.compile(r"([^\[\].]+)(?:\[([^\]]+)\])?")
_LINE_GROUP: Final = "BG-25"
_ATTRIBUTE_NAME: Final = "BT-160"
_ATTRIBUTE_VALUE: Final = "BT-161"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A term id whose groups may carry a variable instead of a number.

    `Item[n].Seal[k].ID` has the shape `Item.Seal.ID` and the indices `("n", "k", "")`; a
    group without index is the first of its kind.
    """

    shape: str
    indices: tuple[str, ...]

    def fill(self, bound: dict[str, str]) -> str:
        """Return the term id with its variables replaced."""
        return ".".join(
            f"{name}[{bound.get(index, index)}]" if index else name
            for name, index in zip(self.shape.split("."), self.indices, strict=True)
        )

    def bind(self, indices: tuple[str, ...], bound: dict[str, str]) -> dict[str, str] | None:
        """Return the variables that make this pattern meet `indices`, or None if nothing does."""
        found = dict(bound)
        for wanted, index in zip(self.indices, indices, strict=True):
            actual = index or "1"
            if not wanted or wanted.isdigit():
                if (wanted or "1") != actual:
                    return None
            elif wanted not in _FREE and found.setdefault(wanted, actual) != actual:
                return None
        return found


_FREE: Final = frozenset({"*", "+"})


@cache
def pattern(text: str) -> Pattern:
    """Return the pattern written as a term id with variables in brackets."""
    parts = _SEGMENT.findall(text)
    return Pattern(".".join(name for name, _ in parts), tuple(index for _, index in parts))


class View:
    """The terms of one document by shape; invoices by their BT number and line."""

    def __init__(self, document: Document) -> None:
        """Index the document's terms once."""
        self.document = document
        self._by_shape: dict[str, list[tuple[tuple[str, ...], Term]]] = {}
        keyed = _invoice(document) if document.family is Family.INVOICE else _keyed(document)
        for key, term in keyed:
            self._by_shape.setdefault(key.shape, []).append((key.indices, term))

    def find(self, wanted: Pattern, bound: dict[str, str]) -> Iterator[tuple[dict[str, str], Term]]:
        """Yield each term that meets the pattern with the variables it binds."""
        for indices, term in self._by_shape.get(wanted.shape, ()):
            found = wanted.bind(indices, bound)
            if found is not None and term.value:
                yield found, term

    def first(self, text: str, bound: dict[str, str] | None = None) -> Term | None:
        """Return the first term that meets the pattern, or None."""
        return next((term for _, term in self.find(pattern(text), bound or {})), None)

    def value(self, text: str, bound: dict[str, str] | None = None) -> str:
        """Return the value of the first term that meets the pattern, or ""."""
        term = self.first(text, bound)
        return "" if term is None else term.value

    def by(self, text: str, variable: str) -> dict[str, Term]:
        """Return the first term that meets the pattern for each number its variable takes."""
        found: dict[str, Term] = {}
        for bound, term in self.find(pattern(text), {}):
            found.setdefault(bound[variable], term)
        return found

    def numbers(self, text: str, variable: str) -> list[str]:
        """Return the numbers a variable takes over the terms that meet the pattern, in order."""
        return list(self.by(text, variable))


def _keyed(document: Document) -> Iterator[tuple[Pattern, Term]]:
    for term in document:
        yield pattern(term.id.replace("/", ".")), term


def _invoice(document: Document) -> Iterator[tuple[Pattern, Term]]:
    """EN 16931 numbers are unique: the number and the line it stands in say everything.

    A named attribute of a line (BG-32) has its name in its shape: `BT-161(packages)`.
    """
    names = {
        term.id.removesuffix(_ATTRIBUTE_NAME): folded(term.value)
        for term in document
        if term.id.endswith(_ATTRIBUTE_NAME)
    }
    for term in document:
        parts = _SEGMENT.findall(term.id.replace("/", "."))
        number, own = parts[-1]
        line = next((index for group, index in parts[:-1] if group == _LINE_GROUP), own) or "1"
        if number == _ATTRIBUTE_VALUE:
            name = names.get(term.id.removesuffix(_ATTRIBUTE_VALUE), "")
            yield Pattern(f"{number}({name})", (line,)), _in_kilograms(term, name)
        elif number.startswith(("BT-", "IBT-")):
            yield Pattern(number, (line,)), term
        else:
            yield pattern(term.id.replace("/", ".")), term


def _in_kilograms(term: Term, name: str) -> Term:
    return replace(term, attrs={**term.attrs, "unit": "KGM"}) if name.endswith(" kg") else term
