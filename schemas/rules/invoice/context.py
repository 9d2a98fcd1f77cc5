"""Rules of a pack, and the elements that they are about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from schemas.finding import Flag
from schemas.rules.invoice.registry import Check, Condition, Verdict
from schemas.rules.invoice.shape import Place
from schemas.rules.invoice.tree import Node, Tree, Undecidable


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


def _matches(path: tuple[str, ...], names: tuple[str, ...]) -> bool:
    if path[0] == "":
        return len(path) - 1 == len(names) and _same(path[1:], names)
    return len(path) <= len(names) and _same(path, names[-len(path) :])


def _same(path: tuple[str, ...], names: tuple[str, ...]) -> bool:
    return all(
        want in (name, "*") or (want[0] == "*" and name.endswith(want[1:]))
        for want, name in zip(path, names, strict=True)
    )
