"""An invoice as the official rules see it: every element with its place.

The rules are written against the syntax (existence of empty elements, repeated elements, raw
text), so that they read a light copy of the XML tree and not the canonical document.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeVar

T = TypeVar("T")

_BLANKS: Final = re.compile(r"[ \t\r\n]+")


class Undecidable(Exception):
    """The official engine gives up here: one value wanted where there are more, or no number."""


class Shape(dict[str, tuple[int, ...]]):
    """Which of the children have a name, by their positions; shared by all elements alike.

    Alike are the elements of a place with the same elements below, in the same order, all the way
    down. `plans` keeps what a rule pack has to do at such an element, by the pack's id; None for
    one that has not its like yet, or has too many children or siblings of other shapes. `routes`
    are the ways to elements further down, by path: each a position in every list of children.
    """

    __slots__ = ("kept", "plans", "routes")

    def __init__(self, places: Mapping[str, tuple[int, ...]], *, kept: bool) -> None:
        """Take the positions by name."""
        super().__init__(places)
        self.kept = kept
        self.plans: dict[str, Any] | None = None
        self.routes: dict[str, tuple[tuple[int, ...], ...]] = {}


class Place:
    """Where elements stand: the names from the root down; shared by all documents.

    `kids` are the places below by tag; `shapes` the elements that have stood here;
    `plans` keeps what a rule pack has to do here, by the pack's id.
    """

    __slots__ = ("kids", "leaf", "name", "names", "parent", "plans", "shapes")

    def __init__(self, name: str, parent: Place | None) -> None:
        """Start a place below another."""
        self.name = name
        self.parent = parent
        self.names: tuple[str, ...] = (*parent.names, name) if parent else (name,)
        self.kids: dict[str, Place] = {}
        self.leaf = Shape({}, kept=True)
        self.leaf.plans = {}
        self.shapes: dict[tuple[int, ...], Shape] = {}
        self.plans: dict[str, Any] = {}


_NONE: Final[Mapping[str, str]] = {}


class Node:
    """One element: its text, attributes, children in order, and place.

    `offset` is its line less that of its parent.
    """

    __slots__ = ("attrs", "kids", "name", "offset", "parent", "place", "shape", "text")

    def __init__(
        self,
        place: Place,
        parent: Node | None,
        text: str = "",
        offset: int = 0,
        attrs: Mapping[str, str] = _NONE,
    ) -> None:
        """Start a node without children."""
        self.name = place.name
        self.parent = parent
        self.place = place
        self.text = text
        self.offset = offset
        self.attrs = attrs
        self.kids = _EMPTY
        self.shape = place.leaf

    def hold(self, kids: list[Node]) -> None:
        """Take the children, each with its own."""
        self.kids = kids
        self.shape = _shape(self.place, kids)

    @property
    def line(self) -> int:
        """Return the line of the source, from 1; 0 if it is not known."""
        return self.offset + (self.parent.line if self.parent else 0)

    def all(self, path: str) -> list[Node]:
        """Return the elements at a path below (names joined by `/`; `..` goes up)."""
        kids, shape = self.kids, self.shape
        at = shape.get(path)
        if at is not None:
            return [kids[at[0]]] if len(at) == 1 else [kids[i] for i in at]
        if "/" not in path and path != "..":
            return []
        if path.startswith("../") and self.parent is not None:
            return self.parent.all(path[3:])
        routes = shape.routes.get(path)
        if routes is None:
            if shape.plans is None or ".." in path:
                return self._search(path)
            routes = shape.routes[path] = _routes(self, path)
        found = []
        for first, *more in routes:
            node = kids[first]
            for step in more:
                node = node.kids[step]
            found.append(node)
        return found

    def _search(self, path: str) -> list[Node]:
        found = [self]
        for name in _steps(path):
            if name == "..":
                found = [node.parent for node in found if node.parent is not None]
            else:
                found = [each.kids[i] for each in found for i in each.shape.get(name, ())]
        return found

    def nth(self, kid: Node) -> int:
        """Return the number of a child among those of its name, from 0."""
        return bisect_left(self.shape[kid.name], self.kids.index(kid))

    def has(self, path: str) -> bool:
        """Tell whether there is an element at a path below."""
        return path in self.shape or bool(self.all(path))

    def one(self, path: str) -> Node | None:
        """Return the only element at a path, or the first of each (`[1]`).

        Raises Undecidable if there are more.
        """
        at = self.shape.get(path)
        if at is not None and len(at) == 1:
            return self.kids[at[0]]
        found = self.all(path[:-3])[:1] if path[-1] == "]" else self.all(path)
        if len(found) > 1:
            raise Undecidable(path)
        return found[0] if found else None

    def value(self, path: str) -> str:
        """Return the text at a path as it stands, "" if there is none."""
        found = self.one(path)
        return "" if found is None else found.text

    def word(self, path: str) -> str:
        """Return the text at a path with its white space normalised."""
        return words(self.value(path))

    def path(self) -> str:
        """Return the path: local names, `[n]` on the second and later siblings of a name."""
        steps = []
        node: Node | None = self
        while node is not None:
            above = node.parent
            number = 1 + above.nth(node) if above else 1
            local = node.name.rpartition("}")[2].rpartition(":")[2]
            steps.append(local if number == 1 else f"{local}[{number}]")
            node = node.parent
        return "/" + "/".join(reversed(steps))


def words(text: str) -> str:
    """Return `normalize-space(text)`: XML's four blanks count, and no others."""
    return " ".join(text.split() if text.isascii() else filter(None, _BLANKS.split(text)))


_EMPTY: Final[list[Node]] = []
_LARGE: Final = 1_000
_MANY: Final = 64
_SHAPES: Final = 256


class Tree:
    """A whole document: nodes in document order, and by name.

    `pieces` has the text nodes of elements whose text is cut by comments or other elements;
    `blank` are the elements without children and without text; `prefixes` the namespaces that the
    root declares.
    """

    def __init__(
        self,
        nodes: list[Node],
        attributes: set[str],
        pieces: dict[Node, tuple[str, ...]],
        blank: list[Node],
        prefixes: Mapping[str | None, str],
    ) -> None:
        """Keep what `gather` found."""
        self.root = nodes[0]
        self.nodes = nodes
        self.attributes = attributes
        self.pieces = pieces
        self.blank = blank
        self.prefixes = prefixes
        self._named: dict[str, list[Node]] | None = None
        self._memo: dict[str, Any] = {}

    def named(self, name: str) -> list[Node]:
        """Return every element of a name, anywhere."""
        if self._named is None:
            found: defaultdict[str, list[Node]] = defaultdict(list)
            for node in self.nodes:
                found[node.name].append(node)
            self._named = found
        return self._named.get(name, _EMPTY)

    def release(self) -> None:
        """Take a large tree apart, so that it is gone before the next; the collector has others."""
        if len(self.nodes) >= _LARGE:
            for node in self.nodes:
                node.parent = None
            self._memo.clear()

    def texts(self, nodes: Iterable[Node]) -> list[str]:
        """Return the text nodes (`text()`): none of an empty element, each of a cut one."""
        found: list[str] = []
        for each in nodes:
            found.extend(self.pieces.get(each) or ((each.text,) if each.text else ()))
        return found

    def text(self, nodes: Iterable[Node]) -> str:
        """Return `normalize-space(text())`; raises Undecidable for several text nodes."""
        found = self.texts(nodes)
        if len(found) > 1:
            raise Undecidable(found[0])
        return words(found[0]) if found else ""

    def once(self, key: str, make: Callable[[], T]) -> T:
        """Return a value that several rules need, made once per document."""
        if key not in self._memo:
            self._memo[key] = make()
        found: T = self._memo[key]
        return found


def walk_up(node: Node) -> Iterator[Node]:
    """Yield the ancestors of a node, the nearest first."""
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def _shape(place: Place, kids: Sequence[Node]) -> Shape:
    """Return the shape of a node with these children, that of its likes if there are any."""
    key = tuple([id(kid.shape) for kid in kids])
    shapes = place.shapes
    found = shapes.get(key)
    if found is not None:
        if found.plans is None:
            found.plans = {}
        return found
    at: dict[str, list[int]] = {}
    for number, kid in enumerate(kids):
        at.setdefault(kid.name, []).append(number)
    kept = len(kids) <= _MANY and len(shapes) < _SHAPES and all(kid.shape.kept for kid in kids)
    found = Shape({name: tuple(numbers) for name, numbers in at.items()}, kept=kept)
    if kept:
        shapes[key] = found
    return found


def _routes(node: Node, path: str) -> tuple[tuple[int, ...], ...]:
    """Return the ways to the elements at a path below a node."""
    found: list[tuple[tuple[int, ...], Node]] = [((), node)]
    for name in _steps(path):
        found = [((*way, i), each.kids[i]) for way, each in found for i in each.shape.get(name, ())]
    return tuple([way for way, _ in found])


@cache
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("/"))
