"""The light tree of a document, gathered in one pass: of a parsed one, or line by line."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, Final

from lxml import etree

from schemas.rules.invoice.tree import Node, Place, Tree
from schemas.xml import DEFAULT_LIMITS, Element, XmlTooLarge

RAM: Final = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
PREFIXES: Final = {
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2": "ubl",
    "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2": "cn",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2": "cac",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2": "cbc",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2": "ext",
    "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100": "rsm",
    RAM: "ram",
    "urn:un:unece:uncefact:data:standard:QualifiedDataType:100": "qdt",
    "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100": "udt",
}
_KNOWN: Final = 10_000
"""Different places that documents share, and that one document may add; invoices have hundreds."""
_DEEPEST: Final = DEFAULT_LIMITS.depth
_ALIKE: Final = 4096
_BLANKS: Final = " \t\r\n"
_STRING: Final = etree.XPath("string()")
_NONE: Final[Mapping[str, str]] = {}


class _World:
    """What documents share: their places by name; forgotten at once when there are too many."""

    roots: dict[str, Place]
    count: int

    def __init__(self) -> None:
        self.roots, self.count = {}, 0

    def place(self, tag: str, above: Place | None) -> Place:
        """Return a place, new there. Raises XmlTooLarge where a document has too many."""
        self.count += 1
        if self.count > 2 * _KNOWN:
            raise XmlTooLarge(reason=f"more than {_KNOWN} different places of elements")
        space, _, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
        prefix = PREFIXES.get(space)
        found = Place(f"{prefix}:{local}" if prefix else tag, above)
        (self.roots if above is None else above.kids)[tag] = found
        return found


class _Now:
    """The world in use."""

    world = _World()


class Gathering:
    """A tree in the making; texts and attributes that a document repeats are kept once."""

    def __init__(self) -> None:
        """Start with nothing."""
        if _Now.world.count > _KNOWN:
            _Now.world = _World()
        self._world = _Now.world
        self._texts: dict[str, str] = {}
        self._attrs: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}
        self._names: set[str] = set()
        self._pieces: dict[Node, tuple[str, ...]] = {}
        self._blank: list[Node] = []
        self._early: deque[tuple[Node, list[Node]]] = deque()
        self._level = 0

    def early(self, element: Any, level: int) -> None:  # noqa: ANN401 - an lxml element
        """Take an element so many levels below the root, whole, before the document has ended.

        The element may be emptied then; all such elements have the same tag and level.
        """
        above = None
        for ancestor in reversed([*element.iterancestors()]):
            above = self._place(ancestor.tag, above)
        node = self._node(element, self._place(element.tag, above))
        self._level = level
        nodes = [node]
        self._fill(element, node, nodes, level + 1)
        self._early.append((node, nodes))

    def tree(self, root: Any) -> Tree:  # noqa: ANN401 - an lxml element
        """Return the tree of a document; comments and processing instructions are left out."""
        node = self._node(root, self._place(root.tag, None))
        nodes = [node]
        self._fill(root, node, nodes, 1)
        return Tree(nodes, self._names, self._pieces, self._blank, dict(root.nsmap))

    def _place(self, tag: str, above: Place | None) -> Place:
        places = self._world.roots if above is None else above.kids
        return places.get(tag) or self._world.place(tag, above)

    def _node(self, element: Any, place: Place) -> Node:  # noqa: ANN401 - an lxml element
        """Return a node without parent and children."""
        items = tuple(element.items())
        attrs = self._attributes(items) if items else _NONE
        return Node(place, None, element.text or "", element.sourceline or 0, attrs)

    def _fill(self, element: Any, node: Node, nodes: list[Node], level: int) -> None:  # noqa: ANN401 - an lxml element
        """Give a node its children, each with its own; this is where the time goes."""
        if level > _DEEPEST:
            raise XmlTooLarge(reason=f"more than {_DEEPEST} nested elements")
        places, texts, attributes = node.place.kids, self._texts, self._attrs
        line = element.sourceline or 0
        early = self._early if level == self._level else None
        kids: list[Node] = []
        for child in element:
            tag = child.tag
            place = places.get(tag)
            if place is None:
                if type(tag) is not str:
                    continue
                place = self._world.place(tag, node.place)
            if early and place is early[0][0].place:
                kid, below = early.popleft()
                kid.parent, kid.offset = node, kid.offset - line
                nodes += below
                kids.append(kid)
                continue
            text = child.text
            if text:
                text = texts.get(text) or self._text(text)
            attrs: Mapping[str, str] = _NONE
            if items := child.items():
                attrs = attributes.get(tuple(items)) or self._attributes(tuple(items))
            kid = Node(place, node, text or "", (child.sourceline or 0) - line, attrs)
            kids.append(kid)
            nodes.append(kid)
            if len(child):
                self._fill(child, kid, nodes, level + 1)
            elif not text or not text.strip(_BLANKS):
                self._blank.append(kid)
        self._complete(element, node, kids)

    def _complete(self, element: Any, node: Node, kids: list[Node]) -> None:  # noqa: ANN401 - an lxml element
        """Give a node its children, and the text that stands between them or comments."""
        mixed = kids and (node.text.strip(_BLANKS) or node.name.startswith("cbc:"))
        if len(kids) != len(element) or mixed:
            self._pieces[node] = _pieces(element)
        if not kids or mixed:
            node.text = str(_STRING(element))
        if kids:
            node.hold(kids)
        elif not node.text.strip(_BLANKS):
            self._blank.append(node)

    def _text(self, text: str) -> str:
        if len(self._texts) < _ALIKE:
            self._texts[text] = text
        return text

    def _attributes(self, items: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
        found = self._attrs.get(items) or dict(items)
        self._names.update(found)
        if len(self._attrs) < _ALIKE:
            self._attrs[items] = found
        return found


def gather(root: Element) -> Tree:
    """Return the tree of a parsed document. Raises XmlTooLarge."""
    return Gathering().tree(root)


def _pieces(element: Any) -> tuple[str, ...]:  # noqa: ANN401 - an lxml element
    """Return the text nodes of an element that holds comments or other elements."""
    found = (element.text, *(child.tail for child in element))
    return tuple(text for text in found if text)
