"""A format whose document has more than one root: the same table under another name.

UBL writes an invoice as `Invoice` or `CreditNote`. Rows are written once, under the main root;
an alternate takes them over, renamed and in its own order, with the rows that only it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from adapters.engine.table import Row, Step
from schemas.document import Document

_BELOW_ROOT: Final = 2


@dataclass(frozen=True, slots=True)
class Alternate:
    """Another root of a format; see adapters/README.md.

    `term` and `values` say which documents are written under it, `without` names the children of
    the root that it does not have, `order` the first of its children (in its own names); the
    others follow as in the table.
    """

    root: str
    namespace: str
    term: str = ""
    values: frozenset[str] = frozenset()
    rename: Mapping[str, str] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    order: Sequence[str] = ()

    def takes(self, document: Document) -> bool:
        """Tell whether a document is written under this root."""
        return bool(self.term) and document.value(self.term) in self.values

    def rows(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows of the table as they stand under this root, numbered anew."""
        kept = [self._renamed(row) for row in rows if not self._left_out(row)]
        places = {name: number for number, name in enumerate(self.order)}
        kept.sort(key=lambda row: places.get(_child(row), len(places)))
        return [replace(row, number=number) for number, row in enumerate(kept)]

    def _left_out(self, row: Row) -> bool:
        return row.steps[0].name != self.root and _child(row) in self.without

    def _renamed(self, row: Row) -> Row:
        root = replace(row.steps[0], name=self.root)
        return replace(row, steps=(root, *(self._step(step) for step in row.steps[1:])))

    def _step(self, step: Step) -> Step:
        name = self.rename.get(step.name)
        return step if name is None else replace(step, name=name)


def alternate(entry: Mapping[str, Any]) -> Alternate:
    """Return the alternate that a table of `profile.toml` describes."""
    when = entry.get("when", {})
    return Alternate(
        root=entry["root"],
        namespace=entry["namespace"],
        term=when.get("term", ""),
        values=frozenset(when.get("values", ())),
        rename=entry.get("rename", {}),
        without=frozenset(entry.get("without", ())),
        order=tuple(entry.get("order", ())),
    )


def _child(row: Row) -> str:
    return row.steps[1].name if len(row.steps) >= _BELOW_ROOT else ""
