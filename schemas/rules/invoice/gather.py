"""The light tree of a parsed document, gathered in one pass."""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

from schemas.rules.invoice.tree import Node, Place, Tree
from schemas.xml import Element

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
_KNOWN: Final = 20_000
_ALIKE: Final = 4096
_STRING: Final = etree.XPath("string()")


class _World:
    """What documents share: their places by name; forgotten at once when there are too many."""

    def __init__(self) -> None:
        self.roots: dict[str, Place] = {}
        self.names: dict[str, str] = {}
        self.count = 0

    def name(self, tag: str) -> str:
        """Return the name that rules use for a tag, by the prefix of its namespace."""
        space, _, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
        prefix = PREFIXES.get(space)
        return f"{prefix}:{local}" if prefix else tag

    def place(self, tag: str, above: Place | None) -> Place:
        """Return the place of a tag below another place."""
        name = self.names.get(tag) or self.names.setdefault(tag, self.name(tag))
        places = self.roots if above is None else above.kids
        found = places.get(name)
        if found is None:
            found = places[name] = Place(name, above)
            self.count += 1
        return found


class _Now:
    """The world in use."""

    world = _World()


class _Alike:
    """Texts and attributes that a document repeats, kept once."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.attrs: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
        self.names: set[str] = set()

    def text(self, text: str) -> str:
        """Return the text, one object for all that are equal while there are not too many."""
        found = self.texts.get(text)
        if found is None:
            found = text
            if len(self.texts) < _ALIKE:
                self.texts[text] = text
        return found

    def attributes(self, element: Any) -> dict[str, str]:  # noqa: ANN401 - an lxml element
        """Return the attributes of an element; nobody changes them, so that they are shared."""
        items = tuple(element.items())
        found = self.attrs.get(items)
        if found is None:
            found = dict(items)
            self.names.update(found)
            if len(self.attrs) < _ALIKE:
                self.attrs[items] = found
        return found


def gather(root: Element) -> Tree:
    """Return the tree of a parsed document; comments and processing instructions are left out."""
    if _Now.world.count > _KNOWN:
        _Now.world = _World()
    world, alike = _Now.world, _Alike()
    nodes: list[Node] = []
    pieces: dict[Node, tuple[str, ...]] = {}
    stack: list[tuple[Any, Node | None]] = [(root, None)]
    while stack:
        element, parent = stack.pop()
        node = Node(world.place(element.tag, parent.place if parent else None), parent)
        node.line = element.sourceline or 0
        text = element.text
        if text:
            node.text = alike.text(text)
        if element.keys():
            node.attrs = alike.attributes(element)
        nodes.append(node)
        if parent is not None:
            parent.add(node)
        if len(element):
            below = [child for child in element if type(child.tag) is str]
            stack.extend((child, node) for child in reversed(below))
            if (
                len(below) != len(element)
                or node.name.startswith("cbc:")
                or (text and text.strip())
            ):
                node.text = str(_STRING(element))
                pieces[node] = _pieces(element)
    return Tree(nodes, alike.names, pieces, dict(root.nsmap))


def _pieces(element: Any) -> tuple[str, ...]:  # noqa: ANN401 - an lxml element
    """Return the text nodes of an element that holds comments or other elements."""
    found = (element.text, *(child.tail for child in element))
    return tuple(text for text in found if text)
