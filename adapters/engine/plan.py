"""Which nodes of a format a document reaches, so that rendering touches nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from adapters.engine.leaf import Leaf
from adapters.engine.trie import Node


class Plan:
    """A node with the children worth visiting; `reached` if some term may go below it."""

    __slots__ = ("kids", "leaf", "node", "reached")

    def __init__(self, node: Node, *, reached: bool) -> None:
        """Start a plan without children."""
        self.node = node
        self.leaf: Leaf | None = node.leaf if node.kids is None else None
        self.kids: list[Plan] = []
        self.reached = reached

    def leaves(self) -> Iterator[Leaf]:
        """Yield the leaves that terms may reach, at any depth."""
        if self.leaf is not None and self.reached:
            yield self.leaf
        for kid in self.kids:
            yield from kid.leaves()


def plan(
    node: Node,
    present: Set[str],
    defaults: Mapping[str, str],
    *,
    only: frozenset[int] | None = None,
) -> Plan:
    """Return the plan of a node for a document that has the bare ids `present`.

    With `only`, just these rows count as reached (the own rows of a variant); leaves with a
    default or a duty stay, and so does the child that a condition fixes.
    """
    if node.kids is None:
        return Plan(node, reached=_wanted(node.leaf, present, only))
    here = Plan(node, reached=False)
    fixed = node.condition.path[0] if node.condition else ""
    for kid in node.kids.values():
        below = plan(kid, present, defaults, only=only)
        reached = below.reached or any(
            _reaches(variant, present) for _, variant in kid.variants
        )
        if reached or kid.low or kid.name == fixed or (below.leaf and _default(kid, defaults)):
            here.kids.append(below)
        here.reached = here.reached or reached
    return here


def _reaches(node: Node, present: Set[str]) -> bool:
    if node.kids is None:
        return _wanted(node.leaf, present, None)
    return any(_reaches(kid, present) for kid in node.kids.values())


def _default(node: Node, defaults: Mapping[str, str]) -> bool:
    leaf = node.leaf
    return leaf is not None and bool(leaf.row.default or leaf.goals[0].pattern in defaults)


def _wanted(leaf: Leaf | None, present: Set[str], only: frozenset[int] | None) -> bool:
    if leaf is None or (only is not None and leaf.row.number not in only):
        return False
    return any(goal.bare in present for goal in (*leaf.goals, *leaf.also))
