"""A quick test whether an XML document is flawless; the full walk explains one that is not."""

from __future__ import annotations

from adapters.engine.leaf import Leaf
from adapters.engine.trie import UNLIMITED, Node
from adapters.engine.walk_xml import select, stray
from schemas.xml import Element

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def flawless(root: Element, node: Node) -> bool:
    """Tell whether a walk over the document would find nothing at all to report."""
    return root.tag == node.tag and not stray(root) and _clean(root, node)


def _clean(element: Element, node: Node) -> bool:
    """Check the order, number and values of a group's children, quick tests first."""
    if node.variants:
        node = select(element, node)
    kids = node.kids
    if kids is None or not _attributes(element, node):
        return False
    find = kids.get
    owed = len(node.required)
    last = -1
    for child in element:
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
        if kid.kids is not None:
            if not _clean(child, kid):
                return False
        elif not _leaf(child, kid):
            return False
    return owed == 0


def _leaf(element: Element, node: Node) -> bool:
    text = element.text
    value = text.strip() if text else ""
    if len(element) or node.variants:
        return False
    if value:
        leaf = node.leaf
        if leaf is None or (value not in leaf.memo and not _fits(leaf, value)):
            return False
    elif node.low:
        return False
    return not element.keys() or _attributes(element, node)


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
    return text in leaf.memo or not leaf.take(text)[1]
