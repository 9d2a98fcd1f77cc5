"""What a walk does with content that the table does not know, misses or finds misplaced."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from typing import Any, Final

from adapters.engine.reading import Draft
from adapters.engine.trie import Node
from schemas.codes import Converted
from schemas.loss import LossClass
from schemas.xml import Element

XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"

Index = tuple[str, ...]


def local(tag: str) -> str:
    """Return the local name of a tag or attribute name."""
    return tag.rpartition("}")[2]


def elements(parent: Element) -> list[Any]:
    """Return the child elements, without comments and processing instructions."""
    children: list[Any] = list(parent)
    return [child for child in children if isinstance(child.tag, str)]


def line_of(element: Any) -> int:  # noqa: ANN401 - lxml's stubs have no type for the line
    """Return the line of an element, 0 if it has none."""
    return element.sourceline or 0


def numbered(path: str, name: str, seen: dict[str, int]) -> str:
    """Count one more sibling of a name and return its path."""
    seen[name] = number = seen.get(name, 0) + 1
    return f"{path}/{name}" if number == 1 else f"{path}/{name}[{number}]"


class Strangers(ABC):
    """Keeps and reports; nothing of a document is ever skipped."""

    def __init__(self, draft: Draft) -> None:
        """Keep in `draft`."""
        self.draft = draft
        self.ext = f"ext.{draft.format.ext}."

    @abstractmethod
    def enter(self, element: Element, node: Node, path: str, index: Index) -> None:
        """Walk a known element."""

    @abstractmethod
    def home(self, element: Element, node: Node) -> Node:
        """Return the variant of the root that an element is."""

    def stranger(self, element: Element, path: str, root: Node | None = None) -> None:
        """Keep an unknown element with everything below it; `root` is one to look out for."""
        for name, text in element.items():
            if not str(name).startswith(XSI):
                self.keep(f"{path}/@{local(str(name))}", str(text), line_of(element))
        children = elements(element)
        if not children:
            text = "".join(map(str, element.itertext())).strip()
            if text:
                self.keep(path, text, line_of(element))
            return
        seen: dict[str, int] = {}
        for child in children:
            place = numbered(path, local(child.tag), seen)
            if root is not None and child.tag == root.tag:
                self.enter(child, self.home(child, root), place, ())
            else:
                self.stranger(child, place, root)

    def unknown(self, child: Element, path: str, seen: dict[str, int]) -> bool:
        """Report and keep an unknown child; tell whether it was an element at all."""
        tag: object = child.tag
        if not isinstance(tag, str):
            return False
        place = numbered(path, local(tag), seen)
        self.draft.finding(
            "unknown",
            place,
            line=line_of(child),
            found=(child.text or "").strip(),
            flag=self.draft.format.unknown,
        )
        self.stranger(child, place)
        return True

    def keep(self, path: str, text: str, line: int) -> None:
        """Keep a value that the table does not know as an extension term."""
        term_id = self.ext + path.split("/", 2)[-1].replace("/", ".")
        found = Converted(text, LossClass.EXT)
        self.draft.leaves.append(self.draft.add_read(term_id, found, text, path, line))

    def mixed(self, element: Element, path: str) -> str:
        """Return the whole text of a leaf that has comments or, wrongly, elements inside."""
        seen: dict[str, int] = {}
        parts = [element.text or ""]
        for child in element:
            self.unknown(child, path, seen)
            parts.append(child.tail or "")
        return "".join(parts)

    def stray(self, element: Element, text: str, path: str) -> None:
        """Report and keep text that stands between elements, where none belongs."""
        line = line_of(element)
        self.draft.finding("shape", path, line=line, found=text.strip()[:80], expected="elements")
        self.keep(path + "/text()", text.strip(), line)

    def missing(self, node: Node, path: str, parent: Element) -> None:
        """Report a mandatory element that is missing or empty."""
        leaf = node.leaf
        self.draft.finding(
            "mandatory",
            path,
            line=line_of(parent),
            term=leaf.goals[0].pattern if leaf else "",
            expected=leaf.expected if leaf else node.name,
            flag=node.flag,
        )

    def repeated(self, child: Element, kid: Node, place: str) -> bool:
        """Report one too many; keep it aside, and say so, where the format knows but one."""
        self.draft.finding(
            "repeated", place, line=line_of(child), expected=str(kid.high), flag=kid.flag
        )
        if not kid.repeat:
            self.stranger(child, place)
        return not kid.repeat

    def misplaced(self, child: Element, kid: Node, place: str) -> None:
        """Report an element that does not stand in its place."""
        self.draft.finding(
            "sequence",
            place,
            line=line_of(child),
            expected=kid.name,
            flag=self.draft.format.sequence,
        )


def out_of_order(orders: list[int]) -> set[int]:
    """Return the fewest positions whose elements, taken away, leave the rest in sequence.

    One element moved is one finding, wherever it was moved to: what stays is the longest run of
    places that never falls (of equally long ones, the one that starts with the first elements).
    """
    ends: list[int] = []
    tops: list[int] = []
    before: list[int] = []
    for position, order in enumerate(orders):
        length = bisect_right(tops, order)
        before.append(ends[length - 1] if length else -1)
        if length == len(tops):
            tops.append(order)
            ends.append(position)
        elif order < tops[length]:
            tops[length], ends[length] = order, position
    kept = set()
    position = ends[-1] if ends else -1
    while position >= 0:
        kept.add(position)
        position = before[position]
    return set(range(len(orders))) - kept
