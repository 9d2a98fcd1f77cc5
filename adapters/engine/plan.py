"""What a document makes of a format's table: a list of steps that rendering runs through.

Groups that occur once are steps of their surroundings, which know the terms that could fill
them, and nodes that no term reaches are left out: a line of a declaration is one short loop.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import IntEnum

from adapters.engine.leaf import Goal, Leaf
from adapters.engine.trie import Node


class Kind(IntEnum):
    """What a step does."""

    VALUE = 0  # a leaf that is a term's value, with at most one attribute of that term
    LEAF = 1  # any other leaf
    NEST = 2  # a group that occurs once and owes nothing
    GROUP = 3  # a group with conditions or duties, written by itself
    REPEAT = 4


@dataclass(frozen=True, slots=True)
class Scope:
    """The terms of a document, as far as planning needs them."""

    present: AbstractSet[str]
    many: AbstractSet[str]
    defaults: AbstractSet[str]


class Op:
    """One step; `tail` is the path below the group that the steps belong to.

    A VALUE may stand in groups of its own (`wraps`, from outside in; `owed` is the number of
    their duties; `tag` is that of the outermost). `open` and `close` are the tags of all that in
    XML, its own included.

    `before`, `after` and `running` make the key of a VALUE: before + index[0] + after if running,
    else just `before`; `more` if the leaf has other sources when that term is missing. `ones` is
    what repetitions that were made single add to the index. A NEST has its steps `within`. A leaf
    is `idle` if it has at most a default to write.
    """

    __slots__ = (
        "after",
        "attr",
        "attr_leaf",
        "attr_name",
        "attr_start",
        "before",
        "close",
        "idle",
        "kind",
        "leaf",
        "more",
        "node",
        "ones",
        "open",
        "owed",
        "running",
        "tag",
        "tail",
        "within",
        "wraps",
    )

    def __init__(self, kind: Kind, node: Node, tail: str, ones: tuple[str, ...]) -> None:
        """Start a step; a VALUE gets its key from `_value`."""
        self.kind = kind
        self.node = node
        self.tail = tail
        self.ones = ones
        self.leaf: Leaf | None = node.leaf if node.kids is None else None
        self.before = self.after = self.attr = self.attr_name = self.attr_start = ""
        self.open = self.close = ""
        self.tag = node.tag
        self.wraps: tuple[Node, ...] = ()
        self.within: list[Op] = []
        self.owed = 0
        self.running = False
        self.more = False
        self.idle = False
        self.attr_leaf: Leaf | None = None


class Plan:
    """The steps of one group; `reached` if some term may go below it."""

    __slots__ = ("node", "ops", "reached")

    def __init__(self, node: Node, ops: list[Op], *, reached: bool) -> None:
        """Keep the steps of a group."""
        self.node = node
        self.ops = ops
        self.reached = reached


def plan(node: Node, scope: Scope, only: frozenset[int] | None = None) -> Plan:
    """Return the plan of a group, or of a repeating leaf (no steps).

    With `only`, just these rows count as reached (the own rows of a variant). Leaves with a
    default (of their row, or of a profile) stay, required ones do, and so does the child that a
    condition fixes.
    """
    if node.kids is None:
        return Plan(node, [], reached=_wanted(node.leaf, scope, only))
    ops: list[Op] = []
    reached = any(_wanted(leaf, scope, only) for leaf in node.attrs.values())
    for kid in node.kids.values():
        reached = _add(ops, node, kid, scope, only=only, tail="", ones=()) or reached
    return Plan(node, ops, reached=reached)


def _nested(node: Node, tail: str, ones: tuple[str, ...], within: list[Op]) -> Op:
    """Return the step of a group that occurs once: around its only VALUE, or a NEST."""
    if len(within) == 1 and within[0].kind is Kind.VALUE and _only_its_term(within[0]):
        value = within[0]
        value.more = False
        value.owed += len(node.required)
        value.wraps = (node, *value.wraps)
        value.tag = node.tag
        value.open = node.open + value.open
        value.close += node.close
        return value
    nest = Op(Kind.NEST, node, tail, ones)
    nest.within = within
    return nest


def _only_its_term(op: Op) -> bool:
    """Tell whether nothing but its term (a default does not count) makes a VALUE be written."""
    return op.leaf is not None and not op.leaf.also and len(op.leaf.goals) == 1


def wanted_leaves(node: Node, scope: Scope, only: frozenset[int] | None) -> Iterator[Leaf]:
    """Yield the leaves below a node that terms may reach."""
    if node.kids is None:
        if node.leaf is not None and _wanted(node.leaf, scope, only):
            yield node.leaf
        return
    for kid in node.kids.values():
        yield from wanted_leaves(kid, scope, only)


def _add(
    ops: list[Op],
    above: Node,
    kid: Node,
    scope: Scope,
    *,
    only: frozenset[int] | None,
    tail: str,
    ones: tuple[str, ...],
) -> bool:
    """Append the steps of a child; tell whether a term may go there."""
    fixed = above.condition is not None and above.condition.path[0] == kid.name
    below = tail + kid.slash
    if kid.kids is None and all(variant.kids is None for _, variant in kid.variants):
        reached = _wanted(kid.leaf, scope, only)
        if reached or fixed or kid.low or _default(kid.leaf, scope):
            ops.append(
                _leaf(kid, below, ones, scope, reached=reached, plain=above.condition is None)
            )
        return reached
    reached = _reaches(kid, scope, only)
    if not reached and not kid.low and not fixed:
        return False
    if kid.kids is not None and _flat(kid, scope) and not fixed:
        if kid.repeat:
            ones = (*ones, "")
        within: list[Op] = []
        for inner in kid.kids.values():
            _add(within, kid, inner, scope, only=only, tail=below, ones=ones)
        ops.append(_nested(kid, below, ones, within))
    else:
        ops.append(Op(Kind.REPEAT if kid.repeat else Kind.GROUP, kid, below, ones))
    return reached


def _leaf(
    kid: Node, tail: str, ones: tuple[str, ...], scope: Scope, *, reached: bool, plain: bool
) -> Op:
    """Return the step of a leaf: a VALUE where nothing but its term decides."""
    op = Op(Kind.REPEAT if kid.repeat else Kind.LEAF, kid, tail, ones)
    op.idle = not reached and plain and not kid.repeat and not kid.variants
    leaf = kid.leaf
    if leaf is None or kid.repeat or not reached or not plain or kid.variants:
        return op
    goal = leaf.goals[0]
    running = goal.depth - len(ones)
    if goal.attr or running > 1 or not _one_attribute(op, kid, goal):
        return op
    op.more = bool(leaf.also or len(leaf.goals) > 1 or _default(leaf, scope))
    op.kind, op.running = Kind.VALUE, running == 1
    op.open, op.close = kid.open, kid.close
    op.before = goal.plain[0] if running == 1 else "".join(goal.plain)
    op.after = "".join(goal.plain[1:]) if running == 1 else ""
    return op


def _one_attribute(op: Op, kid: Node, goal: Goal) -> bool:
    """Prepare the one attribute that a VALUE may have; False if there is more to it."""
    if not kid.attrs:
        return True
    if len(kid.attrs) > 1:
        return False
    name, leaf = next(iter(kid.attrs.items()))
    own = leaf.goals[0]
    if own.pattern != goal.pattern or not own.attr or leaf.conversion is not None:
        return False
    op.attr, op.attr_leaf = own.attr, leaf
    op.attr_name = name
    op.attr_start = f' {name}="'
    return not leaf.row.default


def _flat(node: Node, scope: Scope) -> bool:
    """Tell whether a group occurs once and owes nothing that has no default."""
    if node.variants or node.attrs or (not node.repeat and node.low):
        return False
    if node.repeat and (node.low or _numbered(node) in scope.many):
        return False
    return all(kid.leaf is not None and kid.leaf.row.default for kid in node.required)


def _numbered(node: Node) -> str:
    return "".join(node.numbered)


def _reaches(node: Node, scope: Scope, only: frozenset[int] | None) -> bool:
    if node.kids is None and _wanted(node.leaf, scope, only):
        return True
    if any(_wanted(leaf, scope, only) for leaf in node.attrs.values()):
        return True
    if any(_reaches(kid, scope, only) for kid in node.children()):
        return True
    return any(_reaches(variant, scope, None) for _, variant in node.variants)


def _default(leaf: Leaf | None, scope: Scope) -> bool:
    return leaf is not None and bool(leaf.row.default or leaf.goals[0].pattern in scope.defaults)


def _wanted(leaf: Leaf | None, scope: Scope, only: frozenset[int] | None) -> bool:
    if leaf is None or (only is not None and leaf.row.number not in only):
        return False
    return not scope.present.isdisjoint(leaf.bare)
