"""The canonical document: an ordered list of business terms with their trace.

The typed models of `schemas.model` are built from it on demand; the corridor itself works on
the list, because a declaration of 50 lines has a thousand terms and five milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from schemas.loss import LossClass

NO_ATTRS: Final[Mapping[str, str]] = MappingProxyType({})


class Family(StrEnum):
    """Which canonical model a document belongs to."""

    DECLARATION = "declaration"
    RECEIPT = "receipt"
    INVOICE = "invoice"
    LADING = "lading"
    PARCEL = "parcel"
    CERTIFICATE = "certificate"


@dataclass(slots=True)
class Term:
    """One business term of a document.

    `id` is the canonical id with 1-based indices on repeated groups (`[1]` may be left out);
    `value` the canonical value (ISO codes, ISO 8601 dates, the source's digits); `attrs` carry
    `unit`, `currency`, `scheme` and the like. The trace: `path` and `line` in the source,
    `source` the verbatim source value, `cls` what reading did to it, `reason` why if narrowed.
    """

    id: str
    value: str
    attrs: Mapping[str, str] = field(default_factory=lambda: NO_ATTRS)
    path: str = ""
    line: int = 0
    source: str = ""
    cls: LossClass = LossClass.EXACT
    reason: str = ""


@dataclass(slots=True)
class Document:
    """A document by its business terms, in document order.

    `trace` is the reader's own record of the source (opaque here): with it a document goes back
    into its own format unchanged.
    """

    format: str
    edition: str
    family: Family
    terms: list[Term] = field(default_factory=list)
    trace: object = field(default=None, repr=False, compare=False)

    def __iter__(self) -> Iterator[Term]:
        """Yield the terms in document order."""
        return iter(self.terms)

    def get(self, term_id: str) -> Term | None:
        """Return the first term with this id (`[1]` ignored), or None."""
        return self.index().get(plain(term_id))

    def value(self, term_id: str, default: str = "") -> str:
        """Return the value of the first term with this id, or `default`."""
        term = self.get(term_id)
        return default if term is None else term.value

    def index(self) -> dict[str, Term]:
        """Return the terms by id without `[1]`; the first of equal ids wins."""
        found: dict[str, Term] = {}
        for term in self.terms:
            found.setdefault(plain(term.id), term)
        return found

    def joined(self, more: Iterable[Term]) -> Document:
        """Return a copy that also has the terms of `more` whose ids are not here yet."""
        have = self.index()
        added = [term for term in more if plain(term.id) not in have]
        return Document(
            self.format, self.edition, self.family, [*self.terms, *added], trace=self.trace
        )


def plain(term_id: str) -> str:
    """Return a canonical id without its `[1]` indices, the form used for comparison."""
    return term_id.replace("[1]", "")
