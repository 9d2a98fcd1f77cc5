"""What a rule pack has to do at the places of documents, worked out once and kept.

At a place the contexts that can match are known; for elements alike down to the last one below, so
are the verdicts that depend on nothing else, and within a document those that depend on it alone.
What is left is asked of each element.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from schemas.rules.invoice.context import Assertion, Context
from schemas.rules.invoice.registry import ALIKE, KEYED, SHAPED, Verdict
from schemas.rules.invoice.tree import Node, Tree

Told = Callable[[str, str, Node], bool]
"""Whether a check or condition, by name and arguments, answers alike for all that this node is."""


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

    steps: Steps = ()
    switches: tuple[Switch, ...] = ()
    banned: Banned = ()


NOTHING: Final = Todo()


def start(patterns: Sequence[Sequence[Context]]) -> Steps:
    """Return the steps of patterns of which nothing is known."""
    return tuple(
        tuple(Option(c, c.condition is None, (), tuple(c.assertions)) for c in contexts)
        for contexts in patterns
    )


def of_shape(todo: Todo, node: Node, tree: Tree) -> Todo:
    """Return what is left to ask of the nodes that have the shape of this one."""
    steps = _narrowed(todo.steps, node, tree, _by_shape)
    keyed = [options for options in steps if _is_keyed(options)]
    others = tuple(options for options in steps if not _is_keyed(options))
    found = Todo(others, _switches(keyed), todo.banned)
    return found if any(found) else NOTHING


def of_document(todo: Todo, node: Node, tree: Tree) -> Todo:
    """Return what is left to ask of the nodes of this one's shape in this document."""
    found = todo._replace(steps=_narrowed(todo.steps, node, tree, _by_document(tree)))
    return found if any(found) else NOTHING


def _narrowed(steps: Steps, node: Node, tree: Tree, told: Told) -> Steps:
    found = (_useful(_options(options, node, tree, told)) for options in steps)
    return tuple(options for options in found if options)


def _options(options: Sequence[Option], node: Node, tree: Tree, told: Told) -> list[Option]:
    """Return the contexts that may still match, up to the first that does."""
    found = []
    for context, certain, known, asked in options:
        if not certain and told(context.name, context.condition_args, node):
            if not context.takes(node, tree):
                continue
            certain = True  # noqa: PLW2901 - from here on
        left = []
        for assertion in asked:
            if not told(assertion.test, assertion.args, node):
                left.append(assertion)
            elif (verdict := assertion.check(node, tree, assertion.args)) is not True:
                known = (*known, (assertion, verdict))  # noqa: PLW2901 - as above
        found.append(Option(context, certain, known, tuple(left)))
        if certain:
            break
    return found


def _by_shape(name: str, args: str, node: Node) -> bool:
    return name in SHAPED and SHAPED[name](args, node)


def _by_document(tree: Tree) -> Told:
    def told(name: str, args: str, node: Node) -> bool:
        del args, node
        return name in ALIKE and ALIKE[name](tree)

    return told


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


def until_certain(contexts: tuple[Context, ...]) -> tuple[Context, ...]:
    """Return the contexts up to the first that takes every node."""
    for number, context in enumerate(contexts):
        if context.condition is None:
            return contexts[: number + 1]
    return contexts
