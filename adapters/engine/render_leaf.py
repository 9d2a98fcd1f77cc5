"""Rendering, the leaves: what a term, an attribute or a default becomes in the target."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Final, Generic, TypeVar

from adapters.engine.fates import Account, attribute
from adapters.engine.format import Format
from adapters.engine.leaf import Goal, Leaf
from adapters.engine.plan import Op, Scope
from adapters.engine.reading import worse
from adapters.engine.terms import TermIndex
from adapters.engine.trie import Node
from schemas.document import Document, Term
from schemas.loss import LossClass

Index = tuple[str, ...]
Forced = tuple[tuple[str, ...], str] | None
"""What a condition fixes: the path of names below here, and the text."""

Piece = TypeVar("Piece")

EXACT: Final = LossClass.EXACT


class LeafWriter(ABC, Generic[Piece]):
    """Writes leaves and notes the fate of each term."""

    def __init__(self, document: Document, fmt: Format, defaults: Mapping[str, str]) -> None:
        """Index the document; plans are made of what it has."""
        self.index = TermIndex(document)
        self.get = self.index.by_key.get
        self.keys = self.index.by_key.keys()
        self.format = fmt
        self.defaults = defaults
        self.scope = Scope(self.index.present, self.index.many, frozenset(defaults))
        self.account = Account()

    @abstractmethod
    def _leaf_piece(self, node: Node, text: str, attrs: Mapping[str, str] | None) -> Piece:
        """Return a leaf with its attributes."""

    def _value_piece(self, op: Op, text: str, code: str) -> Piece:
        """Return a VALUE with the code of its one attribute, if there is one."""
        piece = self._leaf_piece(op.node, text, {op.attr_name: code} if code else None)
        for node in reversed(op.wraps):
            piece = self._group_piece(node, None, [piece])
        return piece

    @abstractmethod
    def _group_piece(
        self, node: Node, attrs: Mapping[str, str] | None, pieces: list[Piece]
    ) -> Piece:
        """Return a group around its pieces."""

    def _value(self, op: Op, term: Term | None, place: str, index: Index, out: list[Piece]) -> int:
        """Write a leaf that is simply a term's value: 2, or as `_otherwise`."""
        leaf = op.leaf
        if leaf is None or term is None:
            return self._otherwise(op, None, place, index, out)
        value, cls, reason = term.value, term.cls, term.reason
        if not leaf.plain:
            found = leaf.written.get(value) or leaf.put(value)
            if found is None:
                return self._otherwise(op, term, place, index, out)
            value, reason = found.value, found.reason or reason
            if found.cls is not EXACT:
                cls = worse(cls, found.cls)
        elif not leaf.sound(value):
            return self._otherwise(op, term, place, index, out)
        account, fate = self.account, (place, value, cls, reason)
        if account.fates.setdefault(term.path, fate) is not fate:
            account.note(term.path, fate)
        if op.owed:
            account.mandatory += op.owed
        code = self._code(op, term, place) if op.attr_leaf is not None else ""
        out.append(self._value_piece(op, value, code))
        return 2

    def _code(self, op: Op, term: Term, place: str) -> str:
        """Return the code of a VALUE's one attribute and note its fate; empty without one."""
        code, leaf = term.attrs.get(op.attr), op.attr_leaf
        if code is None or leaf is None or not (leaf.written.get(code) or leaf.put(code)):
            return ""
        fate = (f"{place}/@{op.attr_name}", code, EXACT, "")
        self.account.fates.setdefault(f"{term.path}@{op.attr}", fate)
        return code

    def _otherwise(
        self, op: Op, term: Term | None, place: str, index: Index, out: list[Piece]
    ) -> int:
        """Write a VALUE whose term is missing or does not fit from what else there is."""
        if not op.wraps:
            return self._leaf(op.node, place, (*index, *op.ones), None, out)
        if term is not None and op.leaf is not None:
            self.account.refuse(term, op.leaf, place)
        return 0

    def _leaf(self, node: Node, path: str, index: Index, forced: Forced, out: list[Piece]) -> int:
        """Write a leaf: 2 for a value of the document, 1 for a default, 0 for nothing."""
        leaf = node.leaf
        if forced is not None and not forced[0]:
            out.append(self._leaf_piece(node, forced[1], None))
            return 2
        if leaf is None:
            return 0
        for goal in (*leaf.goals, *leaf.also):
            term = self.get(goal.key(index)) if goal.depth <= len(index) else None
            if term is not None and self._write(node, goal, term, path, index, out=out):
                return 2
        default = self.defaults.get(leaf.goals[0].pattern, leaf.row.default)
        if default == "#":
            default = index[-1][1:-1] if index and index[-1] else "1"
        if not default or not leaf.accepts(default):
            return 0
        out.append(self._leaf_piece(node, default, None))
        return 1

    def _write(
        self,
        node: Node,
        goal: Goal,
        term: Term,
        path: str,
        index: Index,
        *,
        out: list[Piece],
    ) -> bool:
        """Write one term, or one attribute of it, and note its fate."""
        leaf = node.leaf
        if leaf is None:
            return False
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

    def _attrs(self, node: Node, main: Leaf, term: Term, path: str, index: Index) -> dict[str, str]:
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
