"""Rendering: the table run backwards, in the target's fixed order, keeping account of each term.

A renderer makes pieces (XML: text; JSON: name and value) and joins them group by group; a group
without any value of the document is not written.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Final, NamedTuple

from adapters.engine.fates import Fate
from adapters.engine.plan import Kind, Op, Plan, wanted_leaves
from adapters.engine.render_leaf import Forced, Index, LeafWriter, Piece
from adapters.engine.steps import Steps, steps
from adapters.engine.trie import Node
from schemas.loss import Missing

VALUE: Final = Kind.VALUE
GROUP: Final = Kind.GROUP
REPEAT: Final = Kind.REPEAT


class Written(NamedTuple):
    """A rendered document with the account of its terms."""

    data: bytes
    fates: Mapping[str, Fate]
    missing: list[Missing]
    mandatory: int


class Renderer(LeafWriter[Piece]):
    """Renders one document into one format."""

    def run(self) -> Written:
        """Render the whole document."""
        root = self.format.trie
        path = "/" + root.name if root.name else ""
        pieces: list[Piece] = []
        self._group(self._plan(self._choose(root, ())), path, (), None, pieces, keep=True)
        account = self.account
        return Written(self._data(pieces), account.fates, account.missing, account.mandatory)

    @abstractmethod
    def _data(self, pieces: list[Piece]) -> bytes:
        """Return the document around its only piece."""

    def _plan(self, node: Node, only: frozenset[int] | None = None) -> Plan:
        return self.format.plan(node, self.scope, only)

    def _group(
        self,
        here: Plan,
        path: str,
        index: Index,
        forced: Forced,
        out: list[Piece],
        *,
        keep: bool,
    ) -> int:
        """Write a group: 2 with values of the document, 1 kept without any, 0 not written."""
        node = here.node
        account = self.account
        mark = account.mark()
        attrs = self._own_attrs(node, index, path) if node.attrs else None
        pieces: list[Piece] = []
        written: set[str] | None = set() if node.required else None
        own = steps(here, path, index[0] if index else "")
        content = self._run(own, index, forced, pieces, written=written) or bool(attrs)
        if not content and not keep:
            account.undo(mark)
            return 0
        out.append(self._group_piece(node, attrs, pieces))
        if written is not None:
            account.check(node, path, written)
        return 2 if content else 1

    def _run(
        self,
        here: Steps,
        index: Index,
        forced: Forced,
        out: list[Piece],
        *,
        written: set[str] | None = None,
    ) -> bool:
        """Run through the steps of a group; tell whether a value of the document was written.

        The names of what was written are added to `written`.
        """
        get = self.get
        filled = False
        for op, kind, key, place, within in here.each:
            if kind is VALUE:
                term = get(key)
                if term is None and not op.more:
                    continue
                done = self._value(op, term, place, index, out)
            elif within is not None:
                done = self._nest(op.node, within, index, out)
            else:
                done = self._step(op, place, index, forced, out)
            if done:
                filled = filled or done > 1
                if written is not None:
                    written.add(op.tag)
        return filled

    def _nest(self, node: Node, within: Steps, index: Index, out: list[Piece]) -> int:
        """Write a group that occurs once: 2 if it has values of the document, else 0."""
        if within.keys and self.keys.isdisjoint(within.keys):
            return 0
        pieces: list[Piece] = []
        if not self._run(within, index, None, pieces):
            return 0
        out.append(self._group_piece(node, None, pieces))
        self.account.mandatory += len(node.required)
        return 2

    def _step(self, op: Op, place: str, index: Index, forced: Forced, out: list[Piece]) -> int:
        """Run any other step: a leaf with more to it, a group by itself, a repetition."""
        node = op.node
        inner = (*index, *op.ones) if op.ones else index
        if op.kind == REPEAT:
            return self._repeated(node, place, inner, out)
        below = _below(forced, node.name)
        if op.kind == GROUP:
            return self._single(node, place, inner, below, out)
        return self._leaf(node, place, inner, below, out)

    def _single(self, node: Node, path: str, index: Index, forced: Forced, out: list[Piece]) -> int:
        chosen = self._plan(self._choose(node, index) if node.variants else node)
        keep = node.low > 0 or forced is not None
        return self._group(chosen, path, index, forced, out, keep=keep)

    def _repeated(self, node: Node, path: str, index: Index, out: list[Piece]) -> int:
        """Write the instances of a repeating node, then those of its variants."""
        count = self._instances(node, path, index, out)
        for _, variant in node.variants:
            count = self._instances(variant, path, index, out, only=variant.own, count=count)
        return 2 if count else 0

    def _instances(
        self,
        node: Node,
        path: str,
        index: Index,
        out: list[Piece],
        *,
        only: frozenset[int] | None = None,
        count: int = 0,
    ) -> int:
        """Write what the terms speak of; return how many elements of the name there are now."""
        here = self._plan(node, only)
        if not here.reached and not node.low:
            return count
        condition = node.condition
        forced = None if condition is None else (condition.path, condition.value)
        for number in range(1, self._last(node, index) + 1):
            inner = (*index, f"[{number}]" if number > 1 else "")
            place = f"{path}[{count + 1}]" if count else path
            if node.kids is None:
                done = self._leaf(node, place, inner, None, out) > 1
            elif forced is not None and not self._speaks(node, inner):
                done = False
            else:
                keep = number <= node.low or forced is not None
                done = bool(self._group(here, place, inner, forced, out, keep=keep))
            count += done
        return count

    def _speaks(self, node: Node, index: Index) -> bool:
        """Tell whether the document has a term for one of a variant's own rows."""
        return any(
            goal.depth <= len(index) and self.get(goal.key(index)) is not None
            for leaf in wanted_leaves(node, self.scope, node.own)
            for goal in leaf.goals
        )

    def _last(self, node: Node, index: Index) -> int:
        """Return how many instances of a repeating node the document's terms speak of."""
        last = self.index.last
        if len(node.numbered) == 1:
            return last.get(node.numbered[0], 1)
        prefix = node.numbered[0]
        for number, piece in zip(index, node.numbered[1:], strict=False):
            prefix += number + piece
        return last.get(prefix, 1)

    def _choose(self, node: Node, index: Index) -> Node:
        """Return the variant whose condition the document itself would write.

        Else the first leaf variant that the document has terms for, else the default rows.
        """
        for predicate, variant in node.variants:
            if predicate.holds(self._would_be(node, predicate.path, index)):
                return variant
        for _, variant in node.variants:
            if not node.kids and self._plan(variant, variant.own).reached:
                return variant
        return node

    def _would_be(self, node: Node, names: tuple[str, ...], index: Index) -> str:
        """Return the text that the document would give the leaf at `names` below the node."""
        here: Node | None = node
        for name in names:
            here = next((k for k in here.children() if k.name == name), None) if here else None
        leaf = here.leaf if here else None
        if leaf is None:
            return ""
        for goal in (*leaf.goals, *leaf.also):
            term = self.get(goal.key(index)) if goal.depth <= len(index) else None
            if term is not None:
                found = leaf.put(term.value)
                return found.value if found else ""
        return self.defaults.get(leaf.goals[0].pattern, leaf.row.default)


def _below(forced: Forced, name: str) -> Forced:
    """Return what a predicate demands of the child `name`, or None."""
    if forced is None or not forced[0] or forced[0][0] != name:
        return None
    return forced[0][1:], forced[1]
