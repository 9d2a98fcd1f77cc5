"""Rendering: the table run backwards, in the target's fixed order, keeping account of each term.

A renderer makes pieces (XML: text; JSON: name and value) and joins them group by group; a group
without any value of the document is not written.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Final, Generic, NamedTuple, TypeVar

from adapters.engine.fates import Account, Fate, attribute
from adapters.engine.format import Format
from adapters.engine.leaf import Goal, Leaf
from adapters.engine.markup import HEAD, attributes, escape, quote
from adapters.engine.plan import Kind, Op, Plan, Scope, wanted_leaves
from adapters.engine.reading import worse
from adapters.engine.terms import TermIndex
from adapters.engine.trie import Node
from schemas.document import Document, Term
from schemas.loss import LossClass, Missing

Index = tuple[str, ...]
Forced = tuple[tuple[str, ...], str] | None
Piece = TypeVar("Piece")

EXACT: Final = LossClass.EXACT
VALUE: Final = Kind.VALUE
ENTER: Final = Kind.ENTER
LEAVE: Final = Kind.LEAVE
GROUP: Final = Kind.GROUP
REPEAT: Final = Kind.REPEAT


class Written(NamedTuple):
    """A rendered document with the account of its terms."""

    data: bytes
    fates: Mapping[str, Fate]
    missing: list[Missing]
    mandatory: int


class Renderer(ABC, Generic[Piece]):
    """Renders one document into one format."""

    def __init__(self, document: Document, fmt: Format, defaults: Mapping[str, str]) -> None:
        """Index the document; plans are made of what it has."""
        self.index = TermIndex(document)
        self.get = self.index.by_key.get
        self.format = fmt
        self.defaults = defaults
        self.scope = Scope(self.index.present, self.index.many, frozenset(defaults))
        self.account = Account()

    def run(self) -> Written:
        """Render the whole document."""
        root = self.format.trie
        path = "/" + root.name if root.name else ""
        pieces: list[Piece] = []
        self._group(self._plan(self._choose(root, ())), path, (), None, pieces, keep=True)
        account = self.account
        return Written(self._data(pieces), account.fates, account.missing, account.mandatory)

    @abstractmethod
    def _leaf_piece(self, node: Node, text: str, attrs: Mapping[str, str] | None) -> Piece:
        """Return a leaf with its attributes."""

    def _value_piece(self, op: Op, text: str, code: str) -> Piece:
        """Return a VALUE with the code of its one attribute, if there is one."""
        return self._leaf_piece(op.node, text, {op.attr_name: code} if code else None)

    @abstractmethod
    def _group_piece(
        self, node: Node, attrs: Mapping[str, str] | None, pieces: list[Piece]
    ) -> Piece:
        """Return a group around its pieces."""

    def _enter(self, node: Node, out: list[Piece]) -> int:
        """Start a group within another's steps; return the mark to undo it."""
        del node
        return len(out)

    def _leave(self, node: Node, start: int, out: list[Piece]) -> None:
        """End such a group."""
        out[start:] = [self._group_piece(node, None, out[start:])]

    @abstractmethod
    def _data(self, pieces: list[Piece]) -> bytes:
        """Return the document around its only piece."""

    def _plan(self, node: Node, only: frozenset[int] | None = None) -> Plan:
        return self.format.plan(node, self.scope, only)

    def _group(  # noqa: PLR0913 - the place (path, index), the condition, and where to put it
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
        written: set[str] = set()
        content = self._run(here, path, index, forced, pieces, written) or bool(attrs)
        if not content and not keep:
            account.undo(mark)
            return 0
        out.append(self._group_piece(node, attrs, pieces))
        if node.required:
            account.check(node, path, written)
        return 2 if content else 1

    def _run(  # noqa: PLR0913 - as a group
        self,
        here: Plan,
        path: str,
        index: Index,
        forced: Forced,
        out: list[Piece],
        written: set[str],
    ) -> bool:
        """Run through the steps of a group; tell whether a value of the document was written."""
        get = self.get
        first = index[0] if index else ""
        duties = here.node.required
        count = 0
        open_groups: list[tuple[int, int]] = []
        for op in here.ops:
            kind = op.kind
            if kind is VALUE:
                term = get(op.before + first + op.after if op.running else op.before)
                if term is None and not op.more:
                    continue
                if term is not None and self._value(op, term, path, out):
                    done = 2
                else:
                    done = self._leaf(op.node, path + op.tail, (*index, *op.ones), None, out)
            elif kind is ENTER:
                open_groups.append((self._enter(op.node, out), count))
                continue
            elif kind is LEAVE:
                start, before = open_groups.pop()
                done = 2 if count > before else 0
                if done:
                    self._leave(op.node, start, out)
                    self.account.mandatory += len(op.node.required)
                else:
                    del out[start:]
                count = before
            else:
                done = self._step(op, path, index, forced, out)
            if done:
                count += done > 1
                if duties and not open_groups:
                    written.add(op.node.tag)
        return count > 0

    def _value(self, op: Op, term: Term, path: str, out: list[Piece]) -> bool:
        """Write a leaf that is simply a term's value; False if it does not fit."""
        leaf, value, cls, reason = op.leaf, term.value, term.cls, term.reason
        if leaf is None:
            return False
        if leaf.plain:
            if not leaf.sound(value):
                return False
        else:
            found = leaf.written.get(value) or leaf.put(value)
            if found is None:
                return False
            value, reason = found.value, found.reason or reason
            if found.cls is not EXACT:
                cls = worse(cls, found.cls)
        place = path + op.tail
        fates, source = self.account.fates, term.path
        if source in fates:
            self.account.note(source, (place, value, cls, reason))
        else:
            fates[source] = (place, value, cls, reason)
        if op.attr_leaf is None or op.attr not in term.attrs:
            out.append(self._value_piece(op, value, ""))
            return True
        code = term.attrs[op.attr]
        if op.attr_leaf.written.get(code) or op.attr_leaf.put(code):
            key = source + "@" + op.attr
            fates.setdefault(key, (place + "/@" + op.attr_name, code, EXACT, ""))
        else:
            code = ""
        out.append(self._value_piece(op, value, code))
        return True

    def _step(self, op: Op, path: str, index: Index, forced: Forced, out: list[Piece]) -> int:
        """Run any other step: a leaf with more to it, a group by itself, a repetition."""
        node = op.node
        place = path + op.tail
        inner = (*index, *op.ones) if op.ones else index
        if op.kind == REPEAT:
            return self._repeated(node, place, inner, out)
        below = _below(forced, node.name)
        if op.kind == GROUP:
            return self._single(node, place, inner, below, out)
        return self._leaf(node, place, inner, below, out)

    def _single(
        self, node: Node, path: str, index: Index, forced: Forced, out: list[Piece]
    ) -> int:
        chosen = self._plan(self._choose(node, index) if node.variants else node)
        keep = node.low > 0 or forced is not None
        return self._group(chosen, path, index, forced, out, keep=keep)

    def _repeated(self, node: Node, path: str, index: Index, out: list[Piece]) -> int:
        """Write the instances of a repeating node, then those of its variants."""
        count = self._instances(node, None, path, index, 0, out)
        for _, variant in node.variants:
            count = self._instances(variant, variant.own, path, index, count, out)
        return 2 if count else 0

    def _instances(  # noqa: PLR0913 - as a group, and how many there are
        self,
        node: Node,
        only: frozenset[int] | None,
        path: str,
        index: Index,
        count: int,
        out: list[Piece],
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

    def _leaf(
        self, node: Node, path: str, index: Index, forced: Forced, out: list[Piece]
    ) -> int:
        """Write a leaf: 2 for a value of the document, 1 for a default, 0 for nothing."""
        leaf = node.leaf
        if forced is not None and not forced[0]:
            out.append(self._leaf_piece(node, forced[1], None))
            return 2
        if leaf is None:
            return 0
        for goal in (*leaf.goals, *leaf.also):
            term = self.get(goal.key(index)) if goal.depth <= len(index) else None
            if term is not None and self._write(node, leaf, goal, term, path, index, out):
                return 2
        default = self.defaults.get(leaf.goals[0].pattern, leaf.row.default)
        if not default:
            return 0
        if default == "#":
            default = index[-1][1:-1] if index and index[-1] else "1"
        out.append(self._leaf_piece(node, default, None))
        return 1

    def _write(  # noqa: PLR0913 - as a group
        self,
        node: Node,
        leaf: Leaf,
        goal: Goal,
        term: Term,
        path: str,
        index: Index,
        out: list[Piece],
    ) -> bool:
        """Write one term, or one attribute of it, and note its fate."""
        if goal.attr:
            found = attribute(leaf, goal.attr, term)
            if found is None:
                return False
            fate = (path, found.value, found.cls, found.reason)
            self.account.note(f"{term.path}@{goal.attr}", fate)
        else:
            found = leaf.put(term.value)
            if found is None:
                self.account.refuse(term, leaf, path)
                return False
            cls = worse(term.cls, found.cls)
            self.account.note(term.path, (path, found.value, cls, found.reason or term.reason))
        attrs = self._attrs(node, leaf, term, path, index) if node.attrs else None
        out.append(self._leaf_piece(node, found.value, attrs))
        return True

    def _attrs(
        self, node: Node, main: Leaf, term: Term, path: str, index: Index
    ) -> dict[str, str]:
        """Return the attributes of the element that the term fills."""
        attrs: dict[str, str] = {}
        pattern = main.goals[0].pattern
        for name, leaf in node.attrs.items():
            goal = leaf.goals[0]
            if not goal.attr:
                attrs.update(self._own_attrs(node, index, path))
            elif goal.pattern == pattern and term.attrs:
                found = attribute(leaf, goal.attr, term)
                if found is not None:
                    attrs[name] = found.value
                    fate = (f"{path}/@{name}", found.value, found.cls, found.reason)
                    self.account.note(f"{term.path}@{goal.attr}", fate)
            if name not in attrs and leaf.row.default:
                attrs[name] = leaf.row.default
        return attrs

    def _own_attrs(self, node: Node, index: Index, path: str) -> dict[str, str]:
        """Return the attributes that are terms of their own."""
        attrs = {}
        for name, leaf in node.attrs.items():
            goal = leaf.goals[0]
            term = None if goal.attr else self.get(goal.key(index))
            found = leaf.put(term.value) if term is not None else None
            if found is not None and term is not None:
                attrs[name] = found.value
                cls = worse(term.cls, found.cls)
                self.account.note(term.path, (f"{path}/@{name}", found.value, cls, found.reason))
        return attrs

    def _choose(self, node: Node, index: Index) -> Node:
        """Return the variant whose condition the document itself would write, else the first
        that the document has terms for where nothing else decides, else the default rows.
        """
        for predicate, variant in node.variants:
            if self._would_be(node, predicate.path, index) == predicate.value:
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


class XmlRenderer(Renderer[str]):
    """Writes XML text, indented, in the prefixes of the format's table."""

    def _leaf_piece(self, node: Node, text: str, attrs: Mapping[str, str] | None) -> str:
        """Return a leaf with its attributes."""
        if not text.isalnum():
            text = escape(text)
        if attrs:
            return f"{node.start}{attributes(attrs)}>{text}{node.close}"
        return node.open + text + node.close

    def _value_piece(self, op: Op, text: str, code: str) -> str:
        """Return a VALUE with the code of its one attribute, if there is one."""
        node = op.node
        if not text.isalnum():
            text = escape(text)
        if code:
            return f'{node.start}{op.attr_start}{quote(code)}">{text}{node.close}'
        return node.open + text + node.close

    def _group_piece(
        self, node: Node, attrs: Mapping[str, str] | None, pieces: list[str]
    ) -> str:
        """Return a group around its pieces."""
        start = f"{node.start}{attributes(attrs)}>" if attrs else node.open
        return start + "".join(pieces) + node.close

    def _enter(self, node: Node, out: list[str]) -> int:
        """Start a group within another's steps; return the mark to undo it."""
        out.append(node.open)
        return len(out) - 1

    def _leave(self, node: Node, start: int, out: list[str]) -> None:
        """End such a group."""
        del start
        out.append(node.close)

    def _data(self, pieces: list[str]) -> bytes:
        """Return the document."""
        return (HEAD + "".join(pieces) + "\n").encode("utf-8")


def _below(forced: Forced, name: str) -> Forced:
    """Return what a predicate demands of the child `name`, or None."""
    if forced is None or not forced[0] or forced[0][0] != name:
        return None
    return forced[0][1:], forced[1]
