"""The compiled table: a trie of nodes, walked once per document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from adapters.engine.conversion import Conversion
from adapters.engine.leaf import Goal, Leaf
from adapters.engine.table import BadTable, Predicate, Row, Step, Target
from schemas.finding import Flag

_Entry = tuple[tuple[Step, ...], Row]

UNLIMITED: Final = 1 << 30


class Node:
    """An element (JSON: a member) of a format, by the rows of the table below it.

    `kids` is None for a leaf. `variants` are the (predicate, node) pairs of rows that hold only
    under a condition. `counter` names the running index that the node's terms use. `fast` is the
    first goal of a plain leaf (single, unconditional; its row is `quick`), for the hot path.
    """

    __slots__ = (
        "attrs",
        "close",
        "condition",
        "counter",
        "depth",
        "fast",
        "flag",
        "high",
        "kids",
        "leaf",
        "low",
        "name",
        "numbered",
        "open",
        "order",
        "own",
        "quick",
        "repeat",
        "required",
        "shapes",
        "slash",
        "start",
        "tag",
        "variants",
    )

    def __init__(self, step: Step, tag: str, order: int, depth: int) -> None:
        """Start an empty node; the builder fills it."""
        self.name = step.name
        self.slash = "/" + step.name
        self.tag = tag
        self.order = order
        self.depth = depth
        self.repeat = step.repeat
        self.leaf: Leaf | None = None
        self.fast: Goal | None = None
        self.quick: Leaf | None = None
        self.shapes: dict[tuple[object, ...], Any] = {}
        self.kids: dict[str, Node] | None = None
        self.attrs: dict[str, Leaf] = {}
        self.variants: tuple[tuple[Predicate, Node], ...] = ()
        self.condition: Predicate | None = None
        self.required: tuple[Node, ...] = ()
        self.low = 0
        self.high = UNLIMITED if step.repeat else 1
        self.flag = Flag.FATAL
        self.counter = ""
        self.numbered: tuple[str, ...] = ("",)
        self.start = self.open = self.close = ""
        self.own: frozenset[int] = frozenset()

    def children(self) -> Sequence[Node]:
        """Return the element nodes below, in the order of the table."""
        return tuple(self.kids.values()) if self.kids else ()


class Builder:
    """Builds the trie of one table."""

    def __init__(
        self,
        rows: Sequence[Row],
        namespaces: Mapping[str, str],
        quirks: Mapping[str, Conversion],
        *,
        where: str,
        ext: str,
    ) -> None:
        """Take the rows, the prefixes, the format's own conversions and its extension name."""
        self.ext = ext
        self.rows = rows
        self.namespaces = namespaces
        self.quirks = quirks
        self.where = where
        self.position: dict[tuple[str, ...], int] = {}
        for row in rows:
            for end in range(1, len(row.names) + 1):
                self.position.setdefault(row.names[:end], row.number)

    def xml(self) -> Node:
        """Return the node of the root element."""
        entries: list[_Entry] = [(row.steps, row) for row in self.rows]
        roots = self._nodes(entries, (), 0)
        if len(roots) != 1:
            raise BadTable(where=self.where, reason="an XML format has one root")
        return roots[0]

    def json(self) -> Node:
        """Return the nameless node that holds the members of the top object."""
        top = Node(Step(""), "", 0, 0)
        top.slash = ""
        self._fill(top, [(row.steps, row) for row in self.rows], ())
        return top

    def _nodes(self, entries: list[_Entry], above: tuple[str, ...], depth: int) -> list[Node]:
        """Return the nodes one level down, in the order of the table."""
        by_name: dict[str, list[_Entry]] = {}
        for steps, row in entries:
            step = steps[0]
            by_name.setdefault(f"{step.prefix}:{step.name}", []).append((steps, row))
        names = sorted(by_name, key=lambda name: self.position[(*above, name)])
        return [
            self._node(by_name[name], (*above, name), order, depth)
            for order, name in enumerate(names)
        ]

    def _node(self, entries: list[_Entry], path: tuple[str, ...], order: int, depth: int) -> Node:
        """Return the node of one name: its default rows, and a variant for each predicate."""
        predicates = list(dict.fromkeys(s[0].predicate for s, _ in entries if s[0].predicate))
        plain = [(steps, row) for steps, row in entries if steps[0].predicate is None]
        node = self._make(plain or entries, path, order, depth, filled=plain)
        node.variants = tuple(
            (
                predicate,
                self._variant(
                    plain,
                    [(s, r) for s, r in entries if s[0].predicate == predicate],
                    path,
                    order,
                    depth,
                ),
            )
            for predicate in predicates
        )
        if node.kids is None and node.leaf and not node.variants and not node.repeat:
            goals = node.leaf.goals
            if len(goals) == 1 or all(goal.attr for goal in goals):
                node.quick, node.fast = node.leaf, goals[0]
        return node

    def _variant(
        self, plain: list[_Entry], own: list[_Entry], path: tuple[str, ...], order: int, depth: int
    ) -> Node:
        if any(steps[0].repeat for steps, _ in (*plain, *own)):
            plain = [(steps, _lent(row, own)) for steps, row in plain]
        merged = {_key(steps): (steps, row) for steps, row in plain}
        merged.update({_key(steps): (steps, row) for steps, row in own})
        node = self._make(own, path, order, depth, filled=list(merged.values()))
        node.condition = own[0][0][0].predicate
        node.own = frozenset(row.number for _, row in own)
        if node.repeat:
            node.counter = _counter(own, node.depth)
            node.numbered = _pieces(node.counter)
        return node

    def _make(
        self,
        entries: list[_Entry],
        path: tuple[str, ...],
        order: int,
        depth: int,
        *,
        filled: list[_Entry],
    ) -> Node:
        step = next((s[0] for s, _ in entries if s[0].repeat), entries[0][0][0])
        space = self.namespaces.get(step.prefix, "")
        tag = f"{{{space}}}{step.name}" if space else step.name
        node = Node(step, tag, order, depth + step.repeat)
        self._fill(node, [(steps[1:], row) for steps, row in filled], path)
        return node

    def _fill(self, node: Node, entries: list[_Entry], path: tuple[str, ...]) -> None:
        for steps, row in entries:
            if not steps:
                self._own_row(node, row)
            elif steps[0].attribute:
                node.attrs[steps[0].name] = self._leaf(row, node.depth)
        below = [(steps, row) for steps, row in entries if steps and not steps[0].attribute]
        if not below:
            return
        node.leaf = None
        kids = self._nodes(below, path, node.depth)
        node.kids = {kid.tag: kid for kid in kids}
        node.required = tuple(kid for kid in kids if kid.low)
        if node.repeat:
            node.counter = _counter(below, node.depth)
            node.numbered = _pieces(node.counter)

    def _own_row(self, node: Node, row: Row) -> None:
        node.low = row.low
        node.high = UNLIMITED if row.high is None else row.high
        if row.flag:
            node.flag = Flag(row.flag)
        node.leaf = self._leaf(row, node.depth)
        node.counter = row.targets[0].pattern
        if node.repeat:
            node.numbered = _pieces("[]".join(node.counter.split("[]")[: node.depth]))

    def _leaf(self, row: Row, depth: int) -> Leaf:
        leaf = Leaf(row, self.quirks, self.where, self.ext)
        if any(goal.depth > depth for goal in leaf.goals) and not row.steps[-1].attribute:
            reason = f"{row.targets[0].pattern} has more [] than its path"
            raise BadTable(where=f"{self.where} line {row.number + 2}", reason=reason)
        return leaf


def _key(steps: tuple[Step, ...]) -> tuple[tuple[str, Predicate | None], ...]:
    return tuple((step.prefix + ":" + step.name, step.predicate) for step in steps[1:])


def _lent(row: Row, own: list[_Entry]) -> Row:
    """Return a default row as it counts inside a repeating variant: beside the variant's term."""
    main = next(r.targets[0].pattern for _, r in own if r.targets)
    return replace(
        row, targets=(Target(main, "source_" + row.steps[-1].name),), also=(), default=""
    )


def _pieces(counter: str) -> tuple[str, ...]:
    return tuple(piece.replace("[1]", "") for piece in counter.split("[]"))


def _counter(entries: list[_Entry], depth: int) -> str:
    """Return the term prefix that a repeating group numbers: up to its own running index."""
    for _, row in entries:
        for target in row.targets:
            pieces = target.pattern.split("[]")
            if len(pieces) > depth:
                return "[]".join(pieces[:depth])
    return ""
