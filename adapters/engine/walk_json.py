"""The walk over a JSON document, by the same trie as the one over XML."""

from __future__ import annotations

from adapters.engine.json_source import Number
from adapters.engine.leaf import Leaf
from adapters.engine.reading import AttrLeaf, Draft
from adapters.engine.table import Predicate
from adapters.engine.trie import Node
from schemas.codes import Converted
from schemas.loss import LossClass

Index = tuple[str, ...]


def plain(value: object) -> str:
    """Return the text of a JSON scalar; empty for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def select(value: object, node: Node) -> Node:
    """Return the variant of a node that the object's own content chooses."""
    return next((v for p, v in node.variants if _holds(value, p)), node)


def _holds(value: object, predicate: Predicate) -> bool:
    for name in predicate.path:
        if not isinstance(value, dict):
            return False
        value = value.get(name)
    return not isinstance(value, dict | list) and predicate.holds(plain(value))


class JsonWalk:
    """Walks one document by the trie of its format and fills a draft."""

    def __init__(self, draft: Draft) -> None:
        """Walk for `draft`."""
        self.draft = draft
        self.ext = f"ext.{draft.format.ext}."
        self.unknown = draft.format.unknown

    def run(self, root: object, node: Node) -> None:
        """Walk from the top value, which has to be an object."""
        self.enter(root, select(root, node), "", ())

    def enter(self, value: object, node: Node, path: str, index: Index) -> None:
        """Walk one value: a leaf, or an object with its members."""
        if node.kids is None:
            self.leaf(value, node, path, index)
        elif isinstance(value, dict):
            self.group(value, node, path, index)
        else:
            self.draft.finding("shape", path or "/", expected="object", found=plain(value)[:80])
            self.stranger(value, path)

    def group(self, members: dict[str, object], node: Node, path: str, index: Index) -> None:
        """Walk the members of an object."""
        kids = node.kids or {}
        for name, value in members.items():
            kid = kids.get(name)
            place = f"{path}/{name}"
            if kid is None:
                self.draft.finding("unknown", place, found=_shown(value), flag=self.unknown)
                self.stranger(value, place)
            elif kid.repeat:
                self._array(value, kid, place, index)
            else:
                self.enter(value, select(value, kid), place, index)
        for kid in node.required:
            if kid.name not in members:
                self._missing(kid, f"{path}/{kid.name}")

    def _array(self, value: object, kid: Node, path: str, index: Index) -> None:
        if not isinstance(value, list):
            self.draft.finding("shape", path, expected="array", found=_shown(value))
            value = [value]
        if len(value) > kid.high:
            self.draft.finding("repeated", f"{path}[{kid.high + 1}]", expected=str(kid.high))
        if not value and kid.low:
            self._missing(kid, path)
        counters: dict[str, int] = {}
        for number, item in enumerate(value, 1):
            chosen = select(item, kid)
            count = counters[chosen.counter] = counters.get(chosen.counter, 0) + 1
            place = path if number == 1 else f"{path}[{number}]"
            self.enter(item, chosen, place, (*index, f"[{count}]"))

    def leaf(self, value: object, node: Node, path: str, index: Index) -> None:
        """Read one scalar; an object or array where none belongs is kept as a stranger."""
        leaf = node.leaf
        if isinstance(value, dict | list):
            self.draft.finding("shape", path, expected="a plain value", found=_shown(value))
            self.stranger(value, path)
            return
        text = plain(value).strip()
        if not text:
            if node.low:
                self._missing(node, path)
            return
        if leaf is None:
            self._keep(path, text)
            return
        if not _native(value, leaf):
            self.draft.finding("format", path, found=text, expected=leaf.expected, flag=leaf.flag)
        self.value(leaf, text, path, index)

    def value(self, leaf: Leaf, text: str, path: str, index: Index) -> None:
        """Turn one source value into its terms or attributes, with findings."""
        found = leaf.memo.get(text)
        if found is None:
            found, faults = leaf.take(text)
            for kind in faults:
                self.draft.finding(
                    kind,
                    path,
                    term=leaf.goals[0].id(index),
                    found=text,
                    expected=leaf.expected,
                    flag=leaf.flag,
                )
        attrs = [(goal.id(index), goal.attr) for goal in leaf.goals if goal.attr]
        plain_ids = [goal.id(index) for goal in leaf.goals if not goal.attr]
        for number, term_id in enumerate(plain_ids):
            if found.cls is LossClass.EXT:
                term_id = leaf.homeless(term_id)  # noqa: PLW2901 - the same leaf, elsewhere
            term = self.draft.add_read(term_id, found, text, path, 0)
            if not number:
                self.draft.leaves.append(term)
        if attrs:
            term_id, attr = attrs[0]
            shared = leaf.shared(attr, text, found)
            trace = AttrLeaf(
                path, 0, text, found, term_id, attr, shared, tuple(attrs[1:]), text in leaf.scales
            )
            self.draft.pending.append(trace)
            if not plain_ids:
                self.draft.leaves.append(trace)

    def stranger(self, value: object, path: str) -> None:
        """Keep an unknown value with everything below it."""
        if isinstance(value, dict):
            for name, below in value.items():
                self.stranger(below, f"{path}/{name}")
        elif isinstance(value, list):
            for number, item in enumerate(value, 1):
                self.stranger(item, path if number == 1 else f"{path}[{number}]")
        elif plain(value).strip():
            self._keep(path, plain(value).strip())

    def _keep(self, path: str, text: str) -> None:
        term_id = self.ext + path.lstrip("/").replace("/", ".")
        term = self.draft.add_read(term_id, Converted(text, LossClass.EXT), text, path, 0)
        self.draft.leaves.append(term)

    def _missing(self, node: Node, path: str) -> None:
        expected = node.leaf.expected if node.leaf else node.name
        term = node.leaf.goals[0].pattern if node.leaf else ""
        self.draft.finding("mandatory", path, term=term, expected=expected, flag=node.flag)


def _native(value: object, leaf: Leaf) -> bool:
    """Tell whether the JSON type is the one the table asks for."""
    match leaf.row.type:
        case "number" | "integer":
            return isinstance(value, Number)
        case "boolean":
            return isinstance(value, bool)
        case _:
            return isinstance(value, str) and not isinstance(value, Number)


def _shown(value: object) -> str:
    return "" if isinstance(value, dict | list) else plain(value)[:80]
