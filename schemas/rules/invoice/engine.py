"""A rule pack at work: which of its rules an invoice breaks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from schemas.rules.invoice.branch import Branch, Form
from schemas.rules.invoice.context import Assertion, Context, Fault
from schemas.rules.invoice.plan import NOTHING, Todo, of_shape, start, until_certain
from schemas.rules.invoice.registry import SPARSE
from schemas.rules.invoice.shape import Place
from schemas.rules.invoice.tree import Node, Tree
from schemas.rules.invoice.work import Seen, Work, asked, faults

_MANY: Final = 50
"""From so many branches of a form on, it pays to ask the document beforehand."""


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
        seen: Seen = set()
        counts: Counter[Form] = Counter()
        works: dict[Form, Work] = {}
        for limb in tree.limbs:
            if not isinstance(limb, Branch):
                yield from self._asked((limb,), tree, seen)
                continue
            form = limb.form
            if form.new:
                yield from self._asked(limb.nodes(), tree, seen)
                continue
            work = works.get(form)
            if work is None:
                work = self._work(limb, tree)
                counts[form] += 1
                if counts[form] == _MANY:
                    works[form] = work.settled(limb, tree)
            yield from work.done(limb, tree, seen)

    def _asked(self, nodes: Iterable[Node], tree: Tree, seen: Seen) -> Iterator[Fault]:
        for node in nodes:
            todo = self._todo(node, tree)
            if todo is not NOTHING:
                yield from asked(todo, node, tree, seen)

    def _work(self, branch: Branch, tree: Tree) -> Work:
        """Return what to do in a branch, kept for all of its form."""
        form = branch.form
        found: Work | None = form.plans.get(self.id)
        if found is None:
            todos = enumerate(self._todo(node, tree) for node in branch.nodes())
            found = form.plans[self.id] = Work(form, todos)
        return found

    def _sparse(self, tree: Tree) -> Iterator[Fault]:
        for context in self.sparse:
            for node in SPARSE[context.name](tree):
                if context.at(node.place) and context.takes(node, tree):
                    yield from faults(context.assertions, node, tree)

    def _todo(self, node: Node, tree: Tree) -> Todo:
        """Return what to do at a node, kept for all of its shape."""
        place, plans = node.place, node.shape.plans
        found: Todo | None = plans.get(self.id) if plans is not None else None
        if found is None:
            todo: Todo | None = place.plans.get(self.id)
            if todo is None:
                todo = place.plans[self.id] = self._plan(place)
            if plans is None:
                return todo
            found = plans[self.id] = of_shape(todo, node, tree)
        return found

    def _plan(self, place: Place) -> Todo:
        patterns = (
            tuple(context for context in pattern if context.at(place)) for pattern in self.patterns
        )
        found = [until_certain(contexts) for contexts in patterns if contexts]
        return Todo(start(found), (), tuple(self._banned(place)))

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
