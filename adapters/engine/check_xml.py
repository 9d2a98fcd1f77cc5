"""A quick test whether an XML document is flawless; the full walk explains one that is not."""

from __future__ import annotations

from adapters.engine.leaf import Leaf
from adapters.engine.trie import UNLIMITED, Node
from adapters.engine.walk_xml import select
from schemas.xml import Element

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def flawless(root: Element, node: Node) -> bool:
    """Tell whether a walk over the document would find nothing at all to report."""
    return root.tag == node.tag and _clean(root, node)


def _clean(element: Element, node: Node) -> bool:
    """Check the order, number and values of a group's children, quick tests first."""
    if node.variants:
        node = select(element, node)
    kids = node.kids
    text = element.text
    if kids is None or (text and not text.isspace()) or not _attributes(element, node):
        return False
    find = kids.get
    owed = len(node.required)
    last = -1
    for child in element:
        text = child.tail
        if text and not text.isspace():
            return False
        kid = find(child.tag)
        if kid is None:
            if isinstance(child.tag, str):
                return False
            continue
        if kid.order > last:
            last = kid.order
            owed -= kid.low > 0
        elif kid.order < last or not kid.repeat or kid.high != UNLIMITED:
            if kid.order < last or not kid.repeat or len(element) > kid.high:
                return False
        if kid.kids is None:
            text = child.text
            value = text.strip() if text else ""
            leaf = kid.leaf
            if not value or leaf is None or len(child) or kid.variants:
                if value or kid.low:
                    return False
            elif not (leaf.sound(value) if leaf.plain else _fits(leaf, value)):
                return False
            if child.keys() and not _attributes(child, kid):
                return False
        elif not _clean(child, kid):
            return False
    return owed == 0


def _attributes(element: Element, node: Node) -> bool:
    for name, text in element.items():
        leaf = node.attrs.get(name)
        if leaf is None:
            if name.startswith(_XSI):
                continue
            return False
        if not _fits(leaf, text.strip()):
            return False
    return True


def _fits(leaf: Leaf, text: str) -> bool:
    if leaf.plain:
        return leaf.sound(text)
    return text in leaf.memo or not leaf.take(text)[1]
