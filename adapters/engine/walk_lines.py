"""The walk over an XML document whose lines come one by one, each forgotten when it was read."""

from __future__ import annotations

from collections import deque
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from adapters.engine.reading import Draft, Reading
from adapters.engine.strangers import Index
from adapters.engine.trie import Node
from adapters.engine.walk_xml import XmlWalk, select
from schemas.document import Term
from schemas.finding import Finding
from schemas.xml import Element


class _Line(NamedTuple):
    """What was read in a line, and where it stands."""

    path: str
    running: Index
    terms: list[Term]
    findings: list[Finding]


class LineWalk(XmlWalk):
    """Reads lines before the document that they stand in; the walk over it then finds them read.

    Of the terms of a line those of `wanted` are kept: terms and groups by their ids below the
    line, without indices. Rows of the table and the format's hook see each line as ever.
    """

    def __init__(self, draft: Draft, wanted: AbstractSet[str]) -> None:
        """Walk for `draft`, whose root is set when it is known."""
        super().__init__(draft)
        self._wanted = wanted
        self._known: dict[str, bool] = {}
        self._lines: deque[_Line] = deque()
        self._count = 0
        self._node: Node | None = None
        self._above = ""

    def take(self, element: Element) -> None:
        """Read a line; all of them stand in one group that occurs once."""
        if self._node is None:
            self._node = self._place(element)
        self._count = count = self._count + 1
        path = self._above + self._node.slash + (f"[{count}]" if count > 1 else "")
        index = (f"[{count}]",)
        draft = Draft(self.draft.format, element, self.draft.edition)
        XmlWalk(draft).enter(element, select(element, self._node), path, index)
        findings = draft.done().findings
        terms = [term for term in draft.terms if self._keeps(term.id)]
        self._lines.append(_Line(path, index, terms, findings))

    def finish(self, root: Element) -> Reading | None:
        """Walk the document around the lines; None if one was not found where it was expected."""
        self.draft.root = root
        self.run(root, self.draft.format.trie)
        return None if self._lines else self.draft.done()

    def enter(self, element: Element, node: Node, path: str, index: Index) -> None:
        """Walk a known element; of a line, tell what was read in it."""
        if not self._lines or self._lines[0][:2] != (path, index):
            super().enter(element, node, path, index)
            return
        line = self._lines.popleft()
        self.draft.findings += line.findings
        self.terms += line.terms

    def _place(self, line: Element) -> Node:
        """Return the node of the lines, and remember the path above them."""
        node = self.draft.format.trie
        above = [str(each.tag) for each in line.iterancestors()]
        for tag in (*reversed(above[:-1]), str(line.tag)):
            self._above += node.slash
            node = (node.kids or {})[tag]
        return node

    def _keeps(self, term_id: str) -> bool:
        below = term_id.partition("/")[2]
        known = self._known.get(below)
        if known is None:
            steps = [step.partition("[")[0] for step in below.split("/")]
            groups = ("/".join(steps[: end + 1]) for end in range(len(steps)))
            known = self._known[below] = not self._wanted.isdisjoint(groups)
        return known
