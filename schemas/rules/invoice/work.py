"""What a rule pack does in the branches of a form: rules of one text, of a part, and the others.

Most rules of a line ask for one text, or the value of one attribute. They get it by its number,
without a node. What a part of a line was found to keep, e.g. its VAT category, another with the
same texts keeps too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

from schemas.rules.invoice.branch import Branch, Form
from schemas.rules.invoice.context import Assertion, Fault
from schemas.rules.invoice.plan import NOTHING, Banned, Option, Switch, Todo, of_document
from schemas.rules.invoice.registry import BOUND, LOCAL, SPOKEN, Say
from schemas.rules.invoice.tree import Node, Tree, Undecidable

_REMEMBERED: Final = 100

Seen = set[tuple[str, int]]
"""Which rule has found what must not be, at which element: it says so once."""


class _Spoken(NamedTuple):
    """A rule of one text: the numbers of the text, and of the element that the rule is about."""

    at: int
    say: Say
    args: str
    number: int
    assertion: Assertion


class _Part(NamedTuple):
    """What to do at an element, on which nothing but some texts, by their numbers, has a say."""

    texts: Callable[[list[str]], object]
    kept: set[object]
    number: int
    todo: Todo


class Work:
    """What is to be done in the branches of a form: of any document, or of one alone."""

    __slots__ = ("_alone", "_form", "_others", "_parts", "_spoken", "_todos")

    def __init__(
        self, form: Form, todos: Iterable[tuple[int, Todo]], *, alone: bool = False
    ) -> None:
        """Sort what is to be done at the elements of a form, by their numbers."""
        self._form = form
        self._alone = alone
        self._todos = [(number, todo) for number, todo in todos if todo is not NOTHING]
        self._spoken: list[_Spoken] = []
        self._parts: list[_Part] = []
        self._others: list[tuple[int, Todo]] = []
        for number, todo in self._todos:
            left = self._sorted(number, todo)
            if any(left):
                self._others.append((number, left))

    def settled(self, branch: Branch, tree: Tree) -> Work:
        """Return what is left of it in a document, after what the document says."""
        todos = ((n, of_document(todo, branch.node(n), tree)) for n, todo in self._todos)
        return Work(self._form, todos, alone=True)

    def done(self, branch: Branch, tree: Tree, seen: Seen) -> Iterator[Fault]:
        """Yield the faults of a branch."""
        texts = branch.texts
        for at, say, args, number, assertion in self._spoken:
            try:
                verdict = say(texts[at], args)
            except Undecidable:
                verdict = assertion.check(branch.node(number), tree, args)
            if verdict is not True:
                yield Fault(assertion, branch.node(number), verdict)
        for of, kept, number, todo in self._parts:
            part = of(texts)
            if part not in kept:
                noted = tree.noted
                found = [*asked(todo, branch.node(number), tree, seen)]
                yield from found
                if not found and tree.noted == noted and len(kept) < _REMEMBERED:
                    kept.add(part)
        for number, todo in self._others:
            yield from asked(todo, branch.node(number), tree, seen)

    def _sorted(self, number: int, todo: Todo) -> Todo:
        """Keep apart what is simple; return the rest."""
        steps = []
        for options in todo.steps:
            first = options[0]
            if len(options) == 1 and first.certain:
                left = [a for a in first.asked if not self._simple(number, first, a)]
                if not left and not first.known:
                    continue
                options = (first._replace(asked=tuple(left)),)  # noqa: PLW2901 - what is left
            steps.append(options)
        switches = todo.switches
        if switches and all(map(_local, switches)):
            self._keep(self._whole(number), number, Todo((), switches))
            switches = ()
        return Todo(tuple(steps), switches, todo.banned)

    def _simple(self, number: int, option: Option, assertion: Assertion) -> bool:
        """Keep a rule of one text, or of some, apart; tell whether it is one."""
        test, args = assertion.test, assertion.args
        if test in SPOKEN:
            path, say = SPOKEN[test]
            at = self._form.columns(number, path(args)) or ()
            if len(at) == 1:
                self._spoken.append(_Spoken(at[0], say, args, number, assertion))
                return True
        columns = self._columns(number, test, args)
        if columns:
            todo = Todo(((option._replace(known=(), asked=(assertion,)),),))
            self._keep(columns, number, todo)
        return bool(columns)

    def _columns(self, number: int, test: str, args: str) -> Sequence[int] | None:
        """Return the numbers of the texts that alone have a say on a check, None if others have."""
        if test in LOCAL:
            top = self._form.columns(number, LOCAL[test](args)) or ()
            return self._whole(top[0]) if len(top) == 1 else None
        if test not in BOUND or not self._alone:
            return None
        found = [self._form.columns(number, path) for path in BOUND[test]]
        return [at for each in found for at in each or ()] if None not in found else None

    def _whole(self, number: int) -> range:
        return range(number, number + self._form.parts[number].shape.size)

    def _keep(self, columns: Sequence[int], number: int, todo: Todo) -> None:
        self._parts.append(_Part(itemgetter(*columns), set(), number, todo))


def _local(switch: Switch) -> bool:
    """Tell whether the rules of a switch ask only of what is below the element."""
    options = [option for found in switch[1].values() for option in found]
    names = [option.context.name for option in options]
    tests = [assertion.test for option in options for assertion in option.asked]
    return all(LOCAL.get(name, str)("") == "." for name in (*names, *tests))


def asked(todo: Todo, node: Node, tree: Tree, seen: Seen) -> Iterator[Fault]:
    """Yield the faults of a node by what there is to do."""
    for options in todo.steps:
        for context, certain, known, asked in options:
            if certain or context.takes(node, tree):
                for assertion, verdict in known:
                    yield Fault(assertion, node, verdict)
                yield from faults(asked, node, tree)
                break
    if todo.switches or todo.banned:
        yield from _switched(todo.switches, node, tree)
        yield from _misplaced(todo.banned, node, seen)


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
            yield from faults(asked, node, tree)


def _misplaced(banned: Banned, node: Node, seen: Seen) -> Iterator[Fault]:
    """Yield what is banned here, once for each element that bans it."""
    for up, assertion in banned:
        above = _above(node, up)
        key = assertion.rule, id(above)
        if key not in seen:
            seen.add(key)
            yield Fault(assertion, above, (node.path(), ""))


def faults(assertions: Sequence[Assertion], node: Node, tree: Tree) -> Sequence[Fault]:
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
