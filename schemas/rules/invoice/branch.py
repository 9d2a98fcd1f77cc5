"""An element with all below it as a record: texts in document order, the rest shared by its likes.

A line of an invoice has twenty elements, of which the rules ask a few by name. Those few are made
nodes when they are asked for; what a check reads by path needs none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple

from schemas.rules.invoice.node import Node
from schemas.rules.invoice.shape import Place, Shape

BLANKS: Final = " \t\r\n"
_NO_ATTRS: Final[Mapping[str, str]] = {}


class Part(NamedTuple):
    """One element of a form: its place and shape, and what number it stands below.

    The values of its `attributes` are recorded from the number `at` on.
    """

    place: Place
    shape: Shape
    above: int
    attributes: tuple[str, ...]
    at: int


class Key(NamedTuple):
    """What makes elements alike: tags, numbers of children, names of attributes."""

    tags: tuple[object, ...]
    sizes: tuple[int, ...]
    attributes: tuple[tuple[str, ...], ...]


class Form:
    """What branches alike share: their elements and attributes; the first part is the top.

    `named` are the numbers of the parts by name, `leaves` those of parts without children and
    `attributed` of parts with attributes; `wholes` gets the texts of the parts with children;
    `plans` keeps what a rule pack has to do, by its id.
    """

    __slots__ = ("attributed", "attributes", "leaves", "named", "new", "parts", "plans", "wholes")

    def __init__(self, parts: Sequence[Part]) -> None:
        """Take the parts in document order."""
        self.parts = tuple(parts)
        self.attributes = frozenset(name for part in parts for name in part.attributes)
        self.attributed = [number for number, part in enumerate(parts) if part.attributes]
        named: defaultdict[str, list[int]] = defaultdict(list)
        for number, part in enumerate(parts):
            named[part.place.name].append(number)
        self.named = dict(named)
        self.wholes = itemgetter(*[n for n, part in enumerate(parts) if part.shape.kids])
        self.leaves = [number for number, part in enumerate(parts) if not part.shape.kids]
        self.plans: dict[str, Any] = {}
        self.new = True

    def met_again(self) -> None:
        """Note that a branch has its like: now plans are worth to be made."""
        if self.new:
            self.new = False
            for part in self.parts:
                if part.shape.plans is None:
                    part.shape.plans = {}

    @classmethod
    def of(
        cls, places: Sequence[Place], above: Sequence[int], attributes: Sequence[tuple[str, ...]]
    ) -> Form:
        """Return the form of elements, each with the number of the one that it stands in."""
        below: list[list[int]] = [[] for _ in places]
        shapes: dict[int, Shape] = {}
        for number in range(len(places) - 1, -1, -1):
            kids = below[number][::-1]
            names = [places[kid].name for kid in kids]
            own = [shapes[kid] for kid in kids]
            shapes[number] = places[number].shape(attributes[number], names, own)
            if number:
                below[above[number]].append(number)
        parts = []
        at = len(places)
        for number, place in enumerate(places):
            own_attributes = attributes[number]
            parts.append(Part(place, shapes[number], above[number], own_attributes, at))
            at += len(own_attributes)
        return cls(parts)

    def columns(self, number: int, path: str) -> tuple[int, ...] | None:
        """Return where the texts at a path from a part are recorded; None if not in such a branch.

        `.` is the part itself; `@name` at the end is an attribute; `..` goes up.
        """
        path, mark, attribute = path.partition("@")
        path = path.removesuffix("/") or "."
        while path.startswith(".."):
            if not number:
                return None
            number, path = self.parts[number].above, path[3:] or "."
        offsets = (0,) if path == "." else self.parts[number].shape.offsets(path)
        found = tuple([number + offset for offset in offsets])
        if not mark:
            return found
        parts = (self.parts[each] for each in found)
        return tuple(
            [p.at + p.attributes.index(attribute) for p in parts if attribute in p.attributes]
        )


class Branch:
    """A recorded element: texts and lines of its form's parts; its nodes as they are made.

    After the texts come the values of the attributes.
    """

    __slots__ = ("_nodes", "form", "lines", "parent", "texts")

    def __init__(
        self, form: Form, parent: Node | None, texts: list[str], lines: Sequence[int]
    ) -> None:
        """Keep a record."""
        self.form = form
        self.parent = parent
        self.texts = texts
        self.lines = lines
        self._nodes: dict[int, Node] = {}

    @property
    def place(self) -> Place:
        """The place of the top."""
        return self.form.parts[0].place

    @property
    def shape(self) -> Shape:
        """The shape of the top."""
        return self.form.parts[0].shape

    def node(self, number: int) -> Node:
        """Return an element by its number in document order, always the same."""
        found = self._nodes.get(number)
        if found is None:
            found = self._nodes[number] = Twig(self, number)
        return found

    def nodes(self) -> Iterator[Node]:
        """Yield all elements, in document order."""
        return map(self.node, range(len(self.form.parts)))

    def forget(self) -> None:
        """Let go of what was made."""
        self.parent = None
        self._nodes.clear()


class Twig(Node):
    """An element of a branch."""

    __slots__ = ("branch", "number")

    def __init__(self, branch: Branch, number: int) -> None:
        """Make the element of a number."""
        self.place, self.shape, above, names, at = branch.form.parts[number]
        texts = branch.texts
        self.name = self.place.name
        self.parent = branch.node(above) if number else branch.parent
        self.text = texts[number]
        self.attrs = dict(zip(names, texts[at:], strict=False)) if names else _NO_ATTRS
        self.branch = branch
        self.number = number

    @property
    def kids(self) -> list[Node]:
        """Return the children in order."""
        node, number = self.branch.node, self.number
        return [node(number + start) for start in self.shape.starts]

    @property
    def line(self) -> int:
        """Return the line of the source."""
        return self.branch.lines[self.number]

    def all(self, path: str) -> list[Node]:
        """Return the elements at a path below."""
        if ".." in path:
            return self._roundabout(path)
        node, number = self.branch.node, self.number
        return [node(number + offset) for offset in self.shape.offsets(path)]

    def texts(self, path: str) -> list[str]:
        """Return the texts of the elements at a path."""
        if ".." in path:
            return [node.text for node in self._roundabout(path)]
        texts, number = self.branch.texts, self.number
        return [texts[number + offset] for offset in self.shape.offsets(path)]

    def only(self, path: str) -> str | None:
        """Return the text of the only element at a path, None if there is none."""
        at = self.shape.offsets(path)
        if len(at) == 1:
            return self.branch.texts[self.number + at[0]]
        return super().only(path) if at or ".." in path or path[-1] == "]" else None

    def count(self, path: str) -> int:
        """Return how many elements there are at a path below."""
        return len(self.shape.offsets(path))

    def has(self, path: str) -> bool:
        """Tell whether there is an element at a path below."""
        return bool(self._roundabout(path) if ".." in path else self.shape.offsets(path))

    def _roundabout(self, path: str) -> list[Node]:
        if path.startswith(".."):
            return self.above(path)
        below, _, rest = path.partition("/..")
        return [found for node in self.all(below) for found in node.above(".." + rest)]
