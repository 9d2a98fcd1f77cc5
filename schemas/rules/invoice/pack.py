"""A rule pack: one edition of official rules, as a table, compiled for the places of documents.

A pack is a CSV of `schemas/rules/invoice/packs`, one row per rule: `pattern,context,rule,flag,
term,test,args`. Consecutive rows of one pattern and context are one rule of the official
artefact: in a pattern, a node is handled by the first context that it matches. A context is a
path, matched from its end (`cac:Item/cbc:Name`) or, after `/`, from the root; `*Amount` is any
name that ends so; alternatives are joined by ` | `; a condition in braces (`{vat S}`) is one of
`checks.CONDITIONS`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Final, NamedTuple

from schemas.finding import Flag
from schemas.rules.invoice.checks import CHECKS, CONDITIONS, Check, Verdict
from schemas.rules.invoice.editions import editions
from schemas.rules.invoice.tree import Node, Place, Tree, Undecidable

Condition = Callable[[Node, Tree, str], bool]

_ROOTS: Final = ("/ubl:Invoice", "/cn:CreditNote")
_MACROS: Final = {"ROOT": _ROOTS, "LINE": ("cac:InvoiceLine", "cac:CreditNoteLine")}


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

    `banned` are the paths below that must not exist, by rule: they are looked for where they
    would stand, and not from here.
    """

    paths: tuple[tuple[str, ...], ...]
    condition: Condition | None
    condition_args: str
    assertions: list[Assertion] = field(default_factory=list)
    banned: dict[tuple[str, ...], list[Assertion]] = field(default_factory=dict)

    def at(self, place: Place) -> bool:
        """Tell whether the nodes of a place match the path of this context."""
        return any(_matches(path, place.names) for path in self.paths)


class Plan(NamedTuple):
    """What to do at a place: for each pattern its candidate contexts; what is banned here."""

    patterns: tuple[tuple[Context, ...], ...]
    banned: tuple[tuple[int, Assertion], ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """A rule pack by its id, e.g. `en16931-ubl-1.3.16`."""

    id: str
    patterns: Sequence[Sequence[Context]]
    rules: Sequence[Assertion]

    def run(self, tree: Tree) -> Iterator[Fault]:
        """Yield the faults of a document; raises Undecidable where the official engine gives up."""
        pack_id = self.id
        seen: set[tuple[str, int]] = set()
        for node in tree.nodes:
            plan: Plan | None = node.place.plans.get(pack_id)
            if plan is None:
                plan = node.place.plans[pack_id] = self._plan(node.place)
            for contexts in plan.patterns:
                found = _fire(contexts, node, tree)
                if found:
                    yield from found
            for up, assertion in plan.banned:
                context = _above(node, up)
                key = assertion.rule, id(context)
                if key not in seen:
                    seen.add(key)
                    yield Fault(assertion, context, (node.path(), ""))

    def _plan(self, place: Place) -> Plan:
        patterns = []
        for pattern in self.patterns:
            found = tuple(context for context in pattern if context.at(place))
            if found:
                patterns.append(_until_certain(found))
        return Plan(tuple(patterns), tuple(self._banned(place)))

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


@cache
def pack(pack_id: str) -> Pack:
    """Return a pack by its id, with the modules that its checks stand in."""
    return compiled(pack_id, rows(pack_id), editions()[pack_id].checks)


def compiled(pack_id: str, table: Iterable[Mapping[str, str]], modules: Iterable[str]) -> Pack:
    """Return the rows of a table as a pack; their checks stand in `modules`."""
    for module in modules:
        import_module(f"schemas.rules.invoice.{module}")
    patterns: dict[str, dict[str, Context]] = {}
    rules = []
    for row in table:
        contexts = patterns.setdefault(row["pattern"], {})
        context = contexts.get(row["context"])
        if context is None:
            context = contexts[row["context"]] = _context(row["context"])
        assertion = Assertion(
            row["rule"],
            Flag(row["flag"]),
            row["term"],
            row["test"],
            row["args"],
            CHECKS[row["test"]],
        )
        rules.append(assertion)
        if row["test"] == "absent" and context.condition is None and _plain(row["args"]):
            for path in _spread(row["args"]):
                context.banned.setdefault(path, []).append(assertion)
        else:
            context.assertions.append(assertion)
    return Pack(pack_id, [list(contexts.values()) for contexts in patterns.values()], rules)


def rows(pack_id: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a pack: its own table, or those of the pack that it is like, changed.

    The table of such a pack has a column `instead`: the rule that a row stands for; what a row
    leaves empty stays as it was, one without a rule drops it, one that stands for none is added.
    """
    source = files("schemas.rules.invoice") / "packs" / f"{pack_id}.csv"
    text = source.read_text(encoding="utf-8") if source.is_file() else ""
    own = list(csv.DictReader(text.splitlines()))
    like = editions()[pack_id].like
    if not like:
        yield from own
        return
    yield from instead(rows(like), own)


def instead(
    table: Iterable[Mapping[str, str]], changes: Sequence[Mapping[str, str]]
) -> Iterator[dict[str, str]]:
    """Yield the rows of a table with the changes to it."""
    changed = {row["instead"]: row for row in changes}
    for row in table:
        change = changed.get(row["rule"])
        if change is None or change["rule"]:
            yield {key: (change or row)[key] or value for key, value in row.items()}
    yield from (dict(row) for row in changes if not row["instead"])


def _fire(contexts: tuple[Context, ...], node: Node, tree: Tree) -> list[Fault] | None:
    """Run the rules of the first context that takes the node; None if there is nothing to say."""
    found = None
    for context in contexts:
        if context.condition is None or _takes(context, node, tree):
            for assertion in context.assertions:
                verdict = assertion.check(node, tree, assertion.args)
                if verdict is not True:
                    found = found or []
                    found.append(Fault(assertion, node, verdict))
            return found
    return None


def _takes(context: Context, node: Node, tree: Tree) -> bool:
    """Tell whether the condition holds; where it has no answer the node is not matched (XSLT)."""
    if context.condition is None:
        return True
    try:
        return context.condition(node, tree, context.condition_args)
    except Undecidable:
        return False


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


def _context(text: str) -> Context:
    paths, brace, condition = text.partition("{")
    name, _, args = condition.strip().removesuffix("}").partition(" ")
    found = tuple(path for option in paths.split("|") for path in _spread(option.strip()))
    return Context(found, CONDITIONS[name] if brace else None, args)


def _spread(path: str) -> list[tuple[str, ...]]:
    """Return the steps of a path, one variant for each name of its macro."""
    for macro, names in _MACROS.items():
        if path == macro or path.startswith(macro + "/"):
            return [tuple((name + path[len(macro) :]).split("/")) for name in names]
    return [tuple(path.split("/"))]


def _plain(args: str) -> bool:
    return "@" not in args and "|" not in args and "//" not in args


def _matches(path: tuple[str, ...], names: tuple[str, ...]) -> bool:
    if path[0] == "":
        return len(path) - 1 == len(names) and _same(path[1:], names)
    return len(path) <= len(names) and _same(path, names[-len(path) :])


def _same(path: tuple[str, ...], names: tuple[str, ...]) -> bool:
    return all(
        want in (name, "*") or (want[0] == "*" and name.endswith(want[1:]))
        for want, name in zip(path, names, strict=True)
    )
