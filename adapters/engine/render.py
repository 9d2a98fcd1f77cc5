"""Rendering: the table run backwards, in the target's fixed order, keeping account of each term."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from adapters.engine.format import Format
from adapters.engine.leaf import Goal, Leaf
from adapters.engine.plan import Plan, plan
from adapters.engine.reading import worse
from adapters.engine.sinks import JsonSink, Sink, XmlSink
from adapters.engine.table import Predicate
from adapters.engine.terms import TermIndex
from adapters.engine.trie import Node
from schemas.codes import Converted
from schemas.document import Document, Term
from schemas.loss import LossClass, Missing

Index = tuple[str, ...]
Forced = tuple[tuple[str, ...], str] | None

_NO_SOURCE: Final = (
    "no source value: the importer or a related document has to supply it / "
    "无来源值,须由进口方或关联单证补充"
)


class Fate(NamedTuple):
    """What became of a term (or of one attribute of it) in the target."""

    target: str
    value: str
    cls: LossClass
    reason: str


class Written(NamedTuple):
    """A rendered document with the account of its terms."""

    data: bytes
    fates: dict[str, Fate]
    missing: list[Missing]
    mandatory: int


class Renderer:
    """Renders one document into one format."""

    def __init__(self, document: Document, fmt: Format, defaults: Mapping[str, str]) -> None:
        """Index the document and plan which nodes of the format it reaches."""
        self.index = TermIndex(document)
        self.get = self.index.by_key.get
        self.format = fmt
        self.defaults = defaults
        self.sink: Sink = XmlSink(fmt) if fmt.syntax == "xml" else JsonSink(fmt)
        self.fates: dict[str, Fate] = {}
        self.missing: list[Missing] = []
        self.mandatory = 0

    def run(self) -> Written:
        """Render the whole document."""
        root = self.format.trie
        chosen = self._choose(root)
        reached = plan(chosen, self.index.present, self.defaults)
        path = "/" + root.name if root.name else ""
        self.group(reached, path, (), None, keep=True)
        return Written(self.sink.data(), self.fates, self.missing, self.mandatory)

    def group(self, here: Plan, path: str, index: Index, forced: Forced, *, keep: bool) -> int:
        """Write a group: 2 with values of the document, 1 kept without any, 0 undone."""
        node = here.node
        attrs = self._own_attrs(node, index, path) if node.attrs else None
        mark = self.sink.open(node, attrs)
        state = len(self.missing), self.mandatory
        written: set[str] = set()
        content = bool(attrs)
        for kid in here.kids:
            below = _below(forced, kid.node.name)
            if kid.node.repeat:
                done = self._repeated(kid, path, index)
            elif kid.leaf is not None:
                done = self._leaf(kid, kid.leaf, path + kid.node.slash, index, below)
            else:
                done = self._single(kid, path + kid.node.slash, index, below)
            if done:
                written.add(kid.node.tag)
                content = content or done > 1
        if not content and not keep:
            self.sink.undo(mark)
            del self.missing[state[0] :]
            self.mandatory = state[1]
            return 0
        self.sink.close(node)
        self._account(node, path, written)
        return 2 if content else 1

    def _account(self, node: Node, path: str, written: set[str]) -> None:
        for kid in node.required:
            self.mandatory += 1
            if kid.tag not in written:
                leaf = kid.leaf
                term = leaf.goals[0].pattern if leaf else ""
                reason = (leaf.row.note if leaf else "") or _NO_SOURCE
                self.missing.append(Missing(path + kid.slash, term, reason))

    def _single(self, kid: Plan, path: str, index: Index, forced: Forced) -> int:
        node = kid.node
        if node.variants:
            kid = plan(self._choose(node, index), self.index.present, self.defaults)
        return self.group(kid, path, index, forced, keep=node.low > 0 or forced is not None)

    def _repeated(self, kid: Plan, path: str, index: Index) -> int:
        """Write the instances of a repeating node, then those of its variants."""
        count = self._instances(kid, path, index, 0)
        for _, variant in kid.node.variants:
            own = plan(variant, self.index.present, self.defaults, only=variant.own)
            if own.reached:
                count = self._instances(own, path, index, count)
        return 2 if count else 0

    def _instances(self, kid: Plan, path: str, index: Index, count: int) -> int:
        """Write what the terms speak of; return how many elements of the name there are now."""
        node = kid.node
        forced = _force(node.condition)
        if not kid.reached and not node.low:
            return count
        for number in range(1, self._last(node, index) + 1):
            inner = (*index, f"[{number}]" if number > 1 else "")
            place = f"{path}{node.slash}[{count + 1}]" if count else path + node.slash
            if kid.leaf is not None:
                done = self._leaf(kid, kid.leaf, place, inner, None) > 1
            elif forced is not None and not any(self._found(leaf, inner) for leaf in kid.leaves()):
                done = False
            else:
                keep = number <= node.low or forced is not None
                done = bool(self.group(kid, place, inner, forced, keep=keep))
            count += done
        return count

    def _found(self, leaf: Leaf, index: Index) -> bool:
        return any(
            goal.depth <= len(index) and self.get(goal.key(index)) for goal in leaf.goals
        )

    def _last(self, node: Node, index: Index) -> int:
        """Return how many instances of a repeating node the document's terms speak of."""
        pieces = node.counter.split("[]")
        prefix = pieces[0].replace("[1]", "")
        for number, piece in zip(index, pieces[1:], strict=False):
            prefix += number + piece.replace("[1]", "")
        return self.index.last.get(prefix, 1)

    def _leaf(self, kid: Plan, leaf: Leaf, path: str, index: Index, forced: Forced) -> int:
        """Write a leaf: 2 for a value of the document, 1 for a default, 0 for nothing."""
        node = kid.node
        if forced is not None and not forced[0]:
            self.sink.leaf(node, forced[1], None)
            return 2
        for goal in leaf.goals:
            term = self.get(goal.key(index))
            if term is not None and self._write(node, leaf, goal, term, path, index):
                return 2
        for goal in leaf.also:
            if goal.depth <= len(index):
                term = self.get(goal.key(index))
                if term is not None and self._write(node, leaf, goal, term, path, index):
                    return 2
        default = self.defaults.get(leaf.goals[0].pattern, leaf.row.default)
        if not default:
            return 0
        if default == "#":
            number = index[-1][1:-1] if index and index[-1] else "1"
            default = number
        self.sink.leaf(node, default, None)
        return 1

    def _write(
        self, node: Node, leaf: Leaf, goal: Goal, term: Term, path: str, index: Index
    ) -> bool:
        """Write one term, or one attribute of it, and note its fate."""
        attr = goal.attr
        if attr:
            found = _attribute(leaf, attr, term)
            if found is None:
                return False
            key = f"{term.path}@{attr}"
        else:
            found = leaf.put(term.value)
            key = term.path
            if found is None:
                reason = f"does not fit {leaf.expected} / 不符合目标格式 {leaf.expected}"
                self._note(key, Fate(path, "", LossClass.DROPPED, reason))
                return False
        attrs = self._attrs(node, leaf, term, path, index) if node.attrs else None
        self.sink.leaf(node, found.value, attrs)
        cls = found.cls if attr else worse(term.cls, found.cls)
        self._note(key, Fate(path, found.value, cls, found.reason or term.reason))
        return True

    def _attrs(
        self, node: Node, main: Leaf, term: Term, path: str, index: Index
    ) -> dict[str, str] | None:
        """Return the attributes of the element that the term fills."""
        attrs = self._own_attrs(node, index, path)
        for name, leaf in node.attrs.items():
            for goal in leaf.goals:
                if goal.attr and goal.pattern == main.goals[0].pattern:
                    found = _attribute(leaf, goal.attr, term)
                    if found is not None:
                        attrs[name] = found.value
                        fate = Fate(f"{path}/@{name}", found.value, found.cls, found.reason)
                        self._note(f"{term.path}@{goal.attr}", fate)
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
                fate = Fate(f"{path}/@{name}", found.value, worse(term.cls, found.cls), found.reason)
                self._note(term.path, fate)
        return attrs

    def _note(self, key: str, fate: Fate) -> None:
        """Keep the best fate of a term: written before dropped, first before second."""
        old = self.fates.get(key)
        if old is None or (old.cls is not fate.cls and worse(old.cls, fate.cls) is old.cls):
            self.fates[key] = fate

    def _choose(self, node: Node, index: Index = ()) -> Node:
        """Return the variant whose condition the document itself would write, else the first
        that the document has terms for, else the default rows."""
        for predicate, variant in node.variants:
            if self._would_be(node, predicate.path, index) == predicate.value:
                return variant
        for _, variant in node.variants:
            own = plan(variant, self.index.present, self.defaults, only=variant.own)
            if own.reached and not node.kids:
                return variant
        return node

    def _would_be(self, node: Node, names: tuple[str, ...], index: Index) -> str:
        """Return the text that the document would give the leaf at `names` below the node."""
        here: Node | None = node
        for name in names:
            here = next((k for k in here.children() if k.name == name), None) if here else None
        if here is None or here.leaf is None:
            return ""
        leaf = here.leaf
        for goal in (*leaf.goals, *leaf.also):
            term = self.get(goal.key(index)) if goal.depth <= len(index) else None
            if term is not None:
                found = leaf.put(term.value)
                return found.value if found else ""
        return self.defaults.get(leaf.goals[0].pattern, leaf.row.default)


def _attribute(leaf: Leaf, attr: str, term: Term) -> Converted | None:
    """Return what to write for an attribute; the source's own code where it means the same."""
    value = term.attrs.get(attr)
    source = term.attrs.get("source_" + attr)
    if source and leaf.conversion is not None:
        back = leaf.conversion.read(source)
        if back is not None and back.value == (value or ""):
            return Converted(source, back.cls if back.cls is not LossClass.EXT else LossClass.EXACT)
    return leaf.put(value) if value else None


def _force(predicate: Predicate | None) -> Forced:
    return None if predicate is None else (predicate.path, predicate.value)


def _below(forced: Forced, name: str) -> Forced:
    """Return what a predicate demands of the child `name`, or None."""
    if forced is None or not forced[0] or forced[0][0] != name:
        return None
    return forced[0][1:], forced[1]
