"""An invoice as the official rules see it: every element with its place.

The rules are written against the syntax (existence of empty elements, repeated elements, raw
text), so that they read a light copy of the XML tree and not the canonical document.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final, TypeVar

from schemas.rules.invoice.branch import Branch, Twig
from schemas.rules.invoice.node import Node, Undecidable, walk_up, words
from schemas.rules.invoice.shape import Place, Shape

__all__ = ["Limb", "Node", "Tree", "Undecidable", "walk_up", "words"]

T = TypeVar("T")

_NO_SHAPE: Final = Shape((), (), kept=False)


class Limb(Node):
    """An element that stands by itself; below it are others, and branches."""

    __slots__ = ("_line", "_numbers", "below")

    def __init__(self, place: Place, parent: Node | None, element: Any) -> None:  # noqa: ANN401 - an lxml element
        """Start an element without children."""
        self.name = place.name
        self.place = place
        self.parent = parent
        self.shape = _NO_SHAPE
        self.text = element.text or ""
        self.attrs = dict(element.items())
        self._line: int = element.sourceline or 0
        self._numbers: dict[int, int] | None = None
        self.below: list[Limb | Branch] = []

    @property
    def kids(self) -> list[Node]:
        """Return the children in order."""
        return [self._kid(each) for each in self.below]

    @property
    def line(self) -> int:
        """Return the line of the source."""
        return self._line

    def all(self, path: str) -> list[Node]:
        """Return the elements at a path below."""
        name, slash, rest = path.partition("/")
        if name == "..":
            return self.above(path)
        kids = [self._kid(self.below[i]) for i in self.shape.get(name, ())]
        return [found for kid in kids for found in kid.all(rest)] if slash else kids

    def texts(self, path: str) -> list[str]:
        """Return the texts of the elements at a path."""
        name, slash, rest = path.partition("/")
        if not slash or name == "..":
            return [node.text for node in self.all(path)]
        kids = [self._kid(self.below[i]) for i in self.shape.get(name, ())]
        return [text for kid in kids for text in kid.texts(rest)]

    def has(self, path: str) -> bool:
        """Tell whether there is an element at a path below."""
        return path in self.shape or bool(self.all(path))

    def nth(self, kid: Node) -> int:
        """Return the number of a child among those of its name, from 0."""
        if self._numbers is None:
            self._numbers = {
                id(self.below[at]): number
                for positions in self.shape.values()
                for number, at in enumerate(positions)
            }
        return self._numbers[id(kid.branch if isinstance(kid, Twig) else kid)]

    def _kid(self, each: Limb | Branch) -> Node:
        return each.node(0) if isinstance(each, Branch) else each


class Tree:
    """A whole document: its limbs and branches in document order.

    `pieces` has the text nodes of elements whose text is cut by comments or other elements;
    `blank` are the elements without children and without text; `prefixes` the namespaces that the
    root declares. `noted` counts what a check passed for want of an answer.
    """

    def __init__(
        self,
        limbs: list[Limb | Branch],
        pieces: dict[Node, tuple[str, ...]],
        blank: list[tuple[Branch, int] | Limb],
        prefixes: Mapping[str | None, str],
    ) -> None:
        """Keep what `gather` found."""
        first = limbs[0]
        self.root: Node = first.node(0) if isinstance(first, Branch) else first
        self.limbs = limbs
        self.pieces = pieces
        self.prefixes = prefixes
        self._blank = blank
        self._forms = {each.form: None for each in limbs if isinstance(each, Branch)}
        self._memo: dict[str, Any] = {}
        self.noted = 0

    @property
    def attributes(self) -> AbstractSet[str]:
        """The names of all attributes there are."""
        return self.once("attributes", self._attributes)

    @property
    def blank(self) -> list[Node]:
        """The elements without children and without text."""
        return [each[0].node(each[1]) if isinstance(each, tuple) else each for each in self._blank]

    def named(self, name: str) -> list[Node]:
        """Return every element of a name, anywhere."""
        return self.once(f"named {name}", lambda: list(self.each(name)))

    def each(self, name: str) -> Iterator[Node]:
        """Yield every element of a name, made when its turn comes."""
        if name not in self._places():
            return
        for each in self.limbs:
            if isinstance(each, Branch):
                for number in each.form.named.get(name, ()):
                    yield each.node(number)
            elif each.name == name:
                yield each

    def below(self, name: str, path: str) -> Iterator[list[str]]:
        """Yield the texts at a path below each element of a name, without making any."""
        if name not in self._places():
            return
        for each in self.limbs:
            if isinstance(each, Branch):
                for number in each.form.named.get(name, ()):
                    yield [each.texts[at] for at in each.form.columns(number, path) or ()]
            elif each.name == name:
                yield each.texts(path)

    def most(self, name: str, path: str) -> int:
        """Return how many elements there are at most at a path below one of a name."""
        limbs = (each for each in self.limbs if not isinstance(each, Branch))
        own = (each.count(path) for each in limbs if each.name == name)
        counts = (
            len(form.parts[number].shape.offsets(path))
            for form in self._forms
            for number in form.named.get(name, ())
        )
        return max((*own, *counts), default=0)

    def places(self, name: str) -> AbstractSet[Place]:
        """Return where elements of a name stand."""
        return self._places().get(name, frozenset())

    def places_with(self, attribute: str) -> AbstractSet[Place]:
        """Return where elements with an attribute stand."""
        return self.once(f"with {attribute}", lambda: set(self._with(attribute)))

    def release(self) -> None:
        """Take the tree apart, so that it is gone before the next."""
        for each in self.limbs:
            if isinstance(each, Branch):
                each.forget()
            else:
                each.parent = None
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

    def _attributes(self) -> set[str]:
        limbs = (each for each in self.limbs if not isinstance(each, Branch))
        own = {name for each in limbs for name in each.attrs}
        return own.union(*(form.attributes for form in self._forms))

    def _places(self) -> Mapping[str, set[Place]]:
        """Return where elements stand, by name."""
        return self.once("places", self._by_name)

    def _by_name(self) -> Mapping[str, set[Place]]:
        found: defaultdict[str, set[Place]] = defaultdict(set)
        for each in self.limbs:
            if not isinstance(each, Branch):
                found[each.name].add(each.place)
        for form in self._forms:
            for part in form.parts:
                found[part.place.name].add(part.place)
        return found

    def _with(self, attribute: str) -> Iterator[Place]:
        for each in self.limbs:
            if not isinstance(each, Branch) and attribute in each.attrs:
                yield each.place
        for form in self._forms:
            if attribute in form.attributes:
                yield from (part.place for part in form.parts if attribute in part.attributes)
