"""An element of an invoice as the rules see it, whichever way its document is kept."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Final

from schemas.rules.invoice.shape import Place, Shape

_BLANKS: Final = re.compile(r"[ \t\r\n]+")


class Undecidable(Exception):
    """The official engine gives up here: one value wanted where there are more, or no number."""


class Node(ABC):
    """One element: its text, attributes, place and shape."""

    __slots__ = ("attrs", "name", "parent", "place", "shape", "text")

    attrs: Mapping[str, str]
    name: str
    parent: Node | None
    place: Place
    shape: Shape
    text: str

    @property
    @abstractmethod
    def kids(self) -> list[Node]:
        """Return the children in order."""

    @property
    @abstractmethod
    def line(self) -> int:
        """Return the line of the source, from 1; 0 if it is not known."""

    @abstractmethod
    def all(self, path: str) -> list[Node]:
        """Return the elements at a path below (names joined by `/`; `..` goes up)."""

    @abstractmethod
    def texts(self, path: str) -> list[str]:
        """Return the texts of the elements at a path."""

    @abstractmethod
    def has(self, path: str) -> bool:
        """Tell whether there is an element at a path below."""

    def count(self, path: str) -> int:
        """Return how many elements there are at a path below."""
        return len(self.all(path))

    def one(self, path: str) -> Node | None:
        """Return the only element at a path, or the first of each (`[1]`).

        Raises Undecidable if there are more.
        """
        found = self.all(path[:-3])[:1] if path[-1] == "]" else self.all(path)
        if len(found) > 1:
            raise Undecidable(path)
        return found[0] if found else None

    def only(self, path: str) -> str | None:
        """Return the text of what `one` returns, None if there is none."""
        found = self.texts(path[:-3])[:1] if path[-1] == "]" else self.texts(path)
        if len(found) > 1:
            raise Undecidable(path)
        return found[0] if found else None

    def value(self, path: str) -> str:
        """Return the text at a path as it stands, "" if there is none."""
        return self.only(path) or ""

    def word(self, path: str) -> str:
        """Return the text at a path with its white space normalised."""
        return words(self.only(path) or "")

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

    def nth(self, kid: Node) -> int:
        """Return the number of a child among those of its name, from 0."""
        return bisect_left(self.shape[kid.name], self.kids.index(kid))

    def above(self, path: str) -> list[Node]:
        """Return the elements at a path that begins with `..`."""
        if self.parent is None:
            return []
        return self.parent.all(path[3:]) if path[2:] else [self.parent]


def words(text: str) -> str:
    """Return `normalize-space(text)`: XML's four blanks count, and no others."""
    return " ".join(text.split() if text.isascii() else filter(None, _BLANKS.split(text)))


def walk_up(node: Node) -> Iterator[Node]:
    """Yield the ancestors of a node, the nearest first."""
    above = node.parent
    while above is not None:
        yield above
        above = above.parent
