"""What a rule pack has to do at the places of documents, worked out once and kept.

At a place the contexts that can match are known; for elements alike down to the last one below, so
are the verdicts that depend on nothing else. What is left is asked of each element.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from schemas.finding import Flag
from schemas.rules.invoice.checks import KEYED, SHAPED, SPARSE, Check, Condition, Verdict
from schemas.rules.invoice.tree import Node, Place, Tree, Undecidable


class Assertion(NamedTuple):
    """One rule at one context."""

    rule: str
    flag: Flag
    term: str
    test: str
    args: str
    check: Check


class Fault(NamedTuple):
    """A rule that a node breaks."""

    assertion: Assertion
    node: Node
    verdict: Verdict


@dataclass(slots=True)
class Context:
    """The nodes that a group of rules is about.

    `name` is that of the condition. `banned` are the paths below that must not exist, by rule:
    they are looked for where they would stand, and not from here.
    """

    paths: tuple[tuple[str, ...], ...]
    name: str
    condition: Condition | None
    condition_args: str
    assertions: list[Assertion] = field(default_factory=list)
    banned: dict[tuple[str, ...], list[Assertion]] = field(default_factory=dict)

    def at(self, place: Place) -> bool:
        """Tell whether the nodes of a place match the path of this context."""
        return any(_matches(path, place.names) for path in self.paths)

    def takes(self, node: Node, tree: Tree) -> bool:
        """Tell whether the condition holds; without an answer a node is not matched (XSLT)."""
        if self.condition is None:
            return True
        try:
            return self.condition(node, tree, self.condition_args)
        except Undecidable:
            return False


class Option(NamedTuple):
    """A context that may match: its verdicts that are known, and the rules still to be asked."""

    context: Context
    certain: bool
    known: tuple[tuple[Assertion, Verdict], ...]
    asked: tuple[Assertion, ...]


Steps = tuple[tuple[Option, ...], ...]
"""For each pattern the contexts that may match, in order."""


Switch = tuple[Callable[[Node], str], Mapping[str, tuple[Option, ...]]]
"""Patterns whose contexts compare one value of the node, by that value."""

Banned = tuple[tuple[int, Assertion], ...]
"""What must not stand at a place: how far up is the element that bans it, and by which rule."""


class Todo(NamedTuple):
    """What to do at the nodes of one shape."""

    steps: Steps
    switches: tuple[Switch, ...]
    banned: Banned


_NOTHING: Final = Todo((), (), ())


class Plan(NamedTuple):
    """What to do at a place: for each pattern its candidate contexts; what is banned here."""

    patterns: tuple[tuple[Context, ...], ...]
    steps: Steps
    banned: Banned


@dataclass(frozen=True, slots=True)
class Pack:
    """A rule pack by its id, e.g. `en16931-ubl-1.3.16`.

    `sparse` are the patterns of one context that few nodes can meet; they are no part of
    `patterns`.
    """

    id: str
    patterns: Sequence[Sequence[Context]]
    sparse: Sequence[Context]
    rules: Sequence[Assertion]

    def contexts(self) -> Iterator[Context]:
        """Yield every context."""
        for pattern in self.patterns:
            yield from pattern
        yield from self.sparse

    def run(self, tree: Tree) -> Iterator[Fault]:
        """Yield the faults of a document; raises Undecidable where the official engine gives up."""
        yield from self._sparse(tree)
        pack_id = self.id
        seen: set[tuple[str, int]] = set()
        for node in tree.nodes:
            plans = node.shape.plans
            todo = None if plans is None else plans.get(pack_id)
            if todo is _NOTHING:
                continue
            steps, switches, banned = self._todo(node, tree) if todo is None else todo
            for options in steps:
                for context, certain, known, asked in options:
                    if certain or context.takes(node, tree):
                        for assertion, verdict in known:
                            yield Fault(assertion, node, verdict)
                        for assertion in asked:  # what `_faults` does, without a call
                            verdict = assertion.check(node, tree, assertion.args)
                            if verdict is not True:
                                yield Fault(assertion, node, verdict)
                        break
            if switches or banned:
                yield from _switched(switches, node, tree)
                yield from _misplaced(banned, node, seen)

    def _sparse(self, tree: Tree) -> Iterator[Fault]:
        for context in self.sparse:
            for node in SPARSE[context.name](tree):
                if context.at(node.place) and context.takes(node, tree):
                    yield from _faults(context.assertions, node, tree)

    def _todo(self, node: Node, tree: Tree) -> Todo:
        """Return the steps at a node, kept for all of its shape; and what is banned here."""
        place = node.place
        plan: Plan | None = place.plans.get(self.id)
        if plan is None:
            plan = place.plans[self.id] = self._plan(place)
        plans = node.shape.plans
        if plans is None:
            return Todo(plan.steps, (), plan.banned)
        steps = [
            options
            for contexts in plan.patterns
            if (options := _useful(_shaped(contexts, node, tree)))
        ]
        keyed = [options for options in steps if _is_keyed(options)]
        others = tuple(options for options in steps if not _is_keyed(options))
        found = Todo(others, _switches(keyed), plan.banned)
        plans[self.id] = found if any(found) else _NOTHING
        return found

    def _plan(self, place: Place) -> Plan:
        patterns = []
        for pattern in self.patterns:
            found = tuple(context for context in pattern if context.at(place))
            if found:
                patterns.append(_until_certain(found))
        steps = tuple(
            tuple(Option(c, c.condition is None, (), tuple(c.assertions)) for c in contexts)
            for contexts in patterns
        )
        return Plan(tuple(patterns), steps, tuple(self._banned(place)))

    def _banned(self, place: Place) -> Iterator[tuple[int, Assertion]]:
        """Yield what is banned at a place by the contexts above that fire whatever they hold."""
        above, up = place.parent, 1
        while above is not None:
            relative = place.names[len(above.names) :]
            for pattern in self.patterns:
                first = next((context for context in pattern if context.at(above)), None)
                if first is not None and first.condition is None:
                    for assertion in first.banned.get(relative, ()):
                        yield up, assertion
            above, up = above.parent, up + 1


def _shaped(contexts: Sequence[Context], node: Node, tree: Tree) -> list[Option]:
    """Return what is left to ask of the nodes that have the shape of this one."""
    found = []
    for context in contexts:
        certain = context.condition is None
        if not certain and _by_shape(context.name, context.condition_args, node):
            if not context.takes(node, tree):
                continue
            certain = True
        known, asked = [], []
        for assertion in context.assertions:
            if not _by_shape(assertion.test, assertion.args, node):
                asked.append(assertion)
            elif (verdict := assertion.check(node, tree, assertion.args)) is not True:
                known.append((assertion, verdict))
        found.append(Option(context, certain, tuple(known), tuple(asked)))
        if certain:
            break
    return found


def _useful(options: list[Option]) -> tuple[Option, ...]:
    """Return the options without those at the end that say nothing."""
    while options and not (options[-1].known or options[-1].asked):
        options.pop()
    return tuple(options)


def _is_keyed(options: tuple[Option, ...]) -> bool:
    """Tell whether a pattern's contexts all compare the same value of the node."""
    names = {option.context.name for option in options}
    return len(names) == 1 and names <= KEYED.keys() and not any(each.certain for each in options)


def _switches(steps: Sequence[tuple[Option, ...]]) -> tuple[Switch, ...]:
    """Return the patterns whose contexts compare one value, by that value."""
    tables: dict[str, dict[str, tuple[Option, ...]]] = {}
    for options in steps:
        table = tables.setdefault(options[0].context.name, {})
        first = {option.context.condition_args: option for option in reversed(options)}
        for wanted, option in first.items():
            table[wanted] = (*table.get(wanted, ()), option)
    return tuple((KEYED[name], table) for name, table in tables.items())


def _switched(switches: Sequence[Switch], node: Node, tree: Tree) -> Iterator[Fault]:
    """Yield the faults by the rules for the values that a node has."""
    for key, table in switches:
        try:
            options = table.get(key(node), ())
        except Undecidable:
            continue
        for _, _, known, asked in options:
            for assertion, verdict in known:
                yield Fault(assertion, node, verdict)
            yield from _faults(asked, node, tree)


def _by_shape(name: str, args: str, node: Node) -> bool:
    return name in SHAPED and SHAPED[name](args, node)


def _misplaced(banned: Banned, node: Node, seen: set[tuple[str, int]]) -> Iterator[Fault]:
    """Yield what is banned here, once for each element that bans it."""
    for up, assertion in banned:
        above = _above(node, up)
        key = assertion.rule, id(above)
        if key not in seen:
            seen.add(key)
            yield Fault(assertion, above, (node.path(), ""))


def _faults(assertions: Sequence[Assertion], node: Node, tree: Tree) -> Sequence[Fault]:
    """Return the rules that a node breaks."""
    found: Sequence[Fault] = ()
    for assertion in assertions:
        verdict = assertion.check(node, tree, assertion.args)
        if verdict is not True:
            found = (*found, Fault(assertion, node, verdict))
    return found


def _above(node: Node, up: int) -> Node:
    for _ in range(up):
        node = node.parent or node
    return node


def _until_certain(contexts: tuple[Context, ...]) -> tuple[Context, ...]:
    """Return the contexts up to the first that takes every node."""
    for number, context in enumerate(contexts):
        if context.condition is None:
            return contexts[: number + 1]
    return contexts


def _matches(path: tuple[str, ...], names: tuple[str, ...]) -> bool:
    if path[0] == "":
        return len(path) - 1 == len(names) and _same(path[1:], names)
    return len(path) <= len(names) and _same(path, names[-len(path) :])


def _same(path: tuple[str, ...], names: tuple[str, ...]) -> bool:
    return all(
        want in (name, "*") or (want[0] == "*" and name.endswith(want[1:]))
        for want, name in zip(path, names, strict=True)
    )
