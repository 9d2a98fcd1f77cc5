"""A quick test whether a rendered document is in order; the full walk explains one that is not.

Rendering writes no value that its leaf refuses. What is left to test on the bytes is structure:
the table as XSD, compiled once, tells libxml2 all of it. Compiling costs as much as many walks,
so that it waits until a process has written a few documents of the format.
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from adapters.engine.format import Format
from adapters.engine.shapes import shape
from adapters.engine.trie import Node
from adapters.engine.xsd import main_node, xsd
from schemas.xml import Element, parse

PAYS_AFTER: Final = 8


class Checker:
    """Checks the documents of one format by its schema."""

    def __init__(self, fmt: Format) -> None:
        """Check documents of `fmt`."""
        self.format = fmt
        self.asked = 0
        self.main: Node | None = None
        self.schema: etree.XMLSchema | None = None

    def in_order(self, root: Element) -> bool:
        """Tell whether a walk over a rendered document would certainly find nothing.

        False means that only the walk can tell.
        """
        self.asked += 1
        if self.asked == PAYS_AFTER:
            self.main = main_node(self.format)
            self.schema = etree.XMLSchema(parse(xsd(self.format)))
        if self.schema is None or self.main is None:
            return False
        found = _down(root, self.format.trie, self.main)
        return found is not None and self.schema.validate(found)


def _down(element: Element, node: Node, main: Node) -> Element | None:
    """Return the element of the main namespace; None unless all above it is in order."""
    if node is main:
        return element if element.tag == main.tag else None
    children = list(element)
    known = shape(node, tuple([child.tag for child in children]))
    if known is None or element.tag != node.tag or element.keys():
        return None
    found = None
    for child, part in zip(children, known.parts, strict=True):
        if part.node.kids is not None:
            found = _down(child, part.node, main)
        elif len(child) or child.keys() or not child.text:
            return None
    return found
