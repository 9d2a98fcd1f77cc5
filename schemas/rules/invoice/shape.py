"""Where elements stand and what is below them, worked out once and shared by all documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

_MANY: Final = 64
_SHAPES: Final = 256


class Shape(dict[str, tuple[int, ...]]):
    """Which of the children have a name, by their positions; shared by all elements alike.

    Alike are the elements of a place with the same attributes, whatever they say, and the same
    elements below, in the same order, with theirs, all the way down. `kids` are the shapes of the
    children, `starts` their places in document order, counted from the element, and `size` is the
    number of elements with all below. `plans` keeps what a rule pack has to do at such an element,
    by the pack's id; None for one that has not its like yet, or has too many children or siblings
    of other shapes.
    """

    __slots__ = ("_offsets", "kept", "kids", "plans", "size", "starts")

    size: int

    def __init__(self, names: Sequence[str], kids: Sequence[Shape], *, kept: bool) -> None:
        """Take the names and shapes of the children."""
        at: dict[str, list[int]] = {}
        starts: list[int] = []
        size = 1
        for number, (name, kid) in enumerate(zip(names, kids, strict=True)):
            at.setdefault(name, []).append(number)
            starts.append(size)
            size += kid.size
        super().__init__({name: tuple(numbers) for name, numbers in at.items()})
        self.kept = kept
        self.kids = tuple(kids)
        self.starts = tuple(starts)
        self.size = size
        self.plans: dict[str, Any] | None = None if kids else {}
        self._offsets: dict[str, tuple[int, ...]] = {}

    def offsets(self, path: str) -> tuple[int, ...]:
        """Return where the elements at a path below stand, in document order from the element."""
        found = self._offsets.get(path)
        if found is None:
            found = self._offsets[path] = tuple(self._below(path))
        return found

    def _below(self, path: str) -> list[int]:
        name, slash, rest = path.partition("/")
        if not slash:
            return [self.starts[i] for i in self.get(name, ())]
        return [
            self.starts[i] + offset
            for i in self.get(name, ())
            for offset in self.kids[i].offsets(rest)
        ]


class Place:
    """Where elements stand: the names from the root down; shared by all documents.

    `kids` are the places below by tag; `shapes` the elements that have stood here, `forms` those
    that were recorded whole (`branch.Form`); `plans` keeps what a rule pack has to do here, by
    the pack's id.
    """

    __slots__ = ("forms", "kids", "name", "names", "parent", "plans", "shapes")

    def __init__(self, name: str, parent: Place | None) -> None:
        """Start a place below another."""
        self.name = name
        self.parent = parent
        self.names: tuple[str, ...] = (*parent.names, name) if parent else (name,)
        self.kids: dict[str, Place] = {}
        self.forms: dict[Any, Any] = {}
        self.shapes: dict[tuple[tuple[str, ...], tuple[int, ...]], Shape] = {}
        self.plans: dict[str, Any] = {}

    def shape(
        self, attributes: tuple[str, ...], names: Sequence[str], kids: Sequence[Shape]
    ) -> Shape:
        """Return the shape of an element with such children, that of its likes if there are any."""
        key = attributes, tuple(map(id, kids))
        found = self.shapes.get(key)
        if found is not None:
            if found.plans is None:
                found.plans = {}
            return found
        kept = len(self.shapes) < _SHAPES and len(kids) <= _MANY and all(kid.kept for kid in kids)
        found = Shape(names, kids, kept=kept)
        if kept:
            self.shapes[key] = found
        return found
