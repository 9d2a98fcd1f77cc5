"""An invoice as the official rules see it: every element with its place, gathered in one pass.

The rules are written against the syntax (existence of empty elements, repeated elements, raw
text), so that they read a light copy of the XML tree and not the canonical document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from lxml import etree

from schemas.xml import Element

T = TypeVar("T")

PREFIXES: Final = {
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2": "ubl",
    "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2": "cn",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2": "cac",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2": "cbc",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2": "ext",
    "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100": "rsm",
    "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100": "ram",
    "urn:un:unece:uncefact:data:standard:QualifiedDataType:100": "qdt",
    "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100": "udt",
}
_PLACES: Final = 20_000
_STRING: Final = etree.XPath("string()")


class Undecidable(Exception):
    """The official engine gives up here: one value wanted where there are more, or no number."""


class Place:
    """Where elements stand: the names from the root down; shared by all documents.

    `plans` keeps what a rule pack has to do here, by the pack's id.
    """

    __slots__ = ("kids", "name", "names", "parent", "plans")

    def __init__(self, name: str, parent: Place | None) -> None:
        """Start a place below another."""
        self.name = name
        self.parent = parent
        self.names: tuple[str, ...] = (*parent.names, name) if parent else (name,)
        self.kids: dict[str, Place] = {}
        self.plans: dict[str, Any] = {}


class Node:
    """One element: its text, attributes, children by name, and place."""

    __slots__ = ("attrs", "kids", "line", "name", "parent", "place", "text")

    def __init__(self, name: str, parent: Node | None, place: Place) -> None:
        """Start a node without content."""
        self.name = name
        self.parent = parent
        self.place = place
        self.text = ""
        self.line = 0
        self.attrs: dict[str, str] = _NONE
        self.kids: dict[str, list[Node]] = _LEAF

    def all(self, path: str) -> list[Node]:
        """Return the elements at a path below (names joined by `/`; `..` goes up)."""
        found = [self]
        for name in _steps(path):
            if name == "..":
                found = [node.parent for node in found if node.parent is not None]
            elif len(found) == 1:
                found = found[0].kids.get(name, _EMPTY)
            else:
                found = [kid for node in found for kid in node.kids.get(name, _EMPTY)]
        return found

    def has(self, path: str) -> bool:
        """Tell whether there is an element at a path below."""
        return bool(self.all(path))

    def one(self, path: str) -> Node | None:
        """Return the only element at a path, or the first of each (`[1]`).

        Raises Undecidable if there are more.
        """
        first = path.endswith("[1]")
        found = self.all(path[:-3])[:1] if first else self.all(path)
        if len(found) > 1:
            raise Undecidable(path)
        return found[0] if found else None

    def value(self, path: str) -> str:
        """Return the text at a path as it stands, "" if there is none."""
        node = self.one(path)
        return "" if node is None else node.text

    def word(self, path: str) -> str:
        """Return the text at a path with its white space normalised."""
        return " ".join(self.value(path).split())

    def path(self) -> str:
        """Return the path: local names, `[n]` on the second and later siblings of a name."""
        steps = []
        node: Node | None = self
        while node is not None:
            number = 1
            if node.parent is not None:
                number += node.parent.kids[node.name].index(node)
            local = node.name.rpartition("}")[2].rpartition(":")[2]
            steps.append(local if number == 1 else f"{local}[{number}]")
            node = node.parent
        return "/" + "/".join(reversed(steps))


_NONE: Final[dict[str, str]] = {}
_LEAF: Final[dict[str, list[Node]]] = {}
_EMPTY: Final[list[Node]] = []
_NAMES: Final[dict[str, str]] = {}
_STEPS: Final[dict[str, tuple[str, ...]]] = {}


class _World:
    """The places of all documents; forgotten at once when there are too many."""

    roots: dict[str, Place]
    count: int

    def __init__(self) -> None:
        self.roots = {}
        self.count = 0


_WORLD: Final = _World()


class Tree:
    """A whole document: nodes in document order, and by name."""

    def __init__(self, root: Node, nodes: list[Node], attributes: set[str]) -> None:
        """Keep what `gather` found."""
        self.root = root
        self.nodes = nodes
        self.attributes = attributes
        self._named: dict[str, list[Node]] | None = None
        self._memo: dict[str, Any] = {}

    def named(self, name: str) -> list[Node]:
        """Return every element of a name, anywhere."""
        if self._named is None:
            found: dict[str, list[Node]] = {}
            for node in self.nodes:
                found.setdefault(node.name, []).append(node)
            self._named = found
        return self._named.get(name, _EMPTY)

    def once(self, key: str, make: Callable[[], T]) -> T:
        """Return a value that several rules need, made once per document."""
        if key not in self._memo:
            self._memo[key] = make()
        found: T = self._memo[key]
        return found


def gather(root: Element) -> Tree:
    """Return the tree of a parsed document; comments and processing instructions are left out."""
    if _WORLD.count > _PLACES:
        _WORLD.roots, _WORLD.count = {}, 0
    nodes: list[Node] = []
    attributes: set[str] = set()
    stack: list[tuple[Any, Node | None]] = [(root, None)]
    while stack:
        element, parent = stack.pop()
        node = _node(element, parent)
        nodes.append(node)
        if node.attrs:
            attributes.update(node.attrs)
        if len(element):
            stack.extend((child, node) for child in reversed(element) if type(child.tag) is str)
            if all(type(child.tag) is not str for child in element):
                node.text = str(_STRING(element))
    return Tree(nodes[0], nodes, attributes)


def walk_up(node: Node) -> Iterator[Node]:
    """Yield the ancestors of a node, the nearest first."""
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def _node(element: Any, parent: Node | None) -> Node:  # noqa: ANN401 - an lxml element
    tag = element.tag
    name = _NAMES.get(tag) or _name(tag)
    places = _WORLD.roots if parent is None else parent.place.kids
    place = places.get(name)
    if place is None:
        place = places[name] = Place(name, None if parent is None else parent.place)
        _WORLD.count += 1
    node = Node(name, parent, place)
    node.line = element.sourceline or 0
    node.text = element.text or ""
    if element.keys():
        node.attrs = {str(key).rpartition("}")[2]: value for key, value in element.items()}
    if parent is not None:
        if parent.kids is _LEAF:
            parent.kids = {}
        parent.kids.setdefault(name, []).append(node)
    return node


def _name(tag: str) -> str:
    space, _, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
    prefix = PREFIXES.get(space)
    name = f"{prefix}:{local}" if prefix else tag
    if len(_NAMES) < _PLACES:
        _NAMES[tag] = name
    return name


def _steps(path: str) -> tuple[str, ...]:
    found = _STEPS.get(path)
    if found is None:
        found = _STEPS[path] = tuple(path.split("/"))
    return found
