"""A quick test whether an XML document is flawless; the full walk explains one that is not."""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

from adapters.engine.leaf import Leaf
from adapters.engine.shapes import shape
from adapters.engine.strangers import XSI
from adapters.engine.trie import Node
from adapters.engine.walk_xml import select
from schemas.xml import Element


_DEEP: Final = 256
_SHAPES: Final = 256
_COUNT: Final = etree.XPath("count(//@*[namespace-uri() != $xsi])", smart_strings=False)


def flawless(root: Element, node: Node) -> bool:
    """Tell whether a walk over the document would find nothing at all to report."""
    if root.tag != node.tag:
        return False
    known = _Count()
    return _clean(root, node, known) and known.attributes == _COUNT(root, xsi=XSI[1:-1])


class _Count:
    """How many attributes were found where the table has them; any other is unknown."""

    __slots__ = ("attributes",)

    def __init__(self) -> None:
        self.attributes = 0


def _clean(element: Element, node: Node, known: _Count) -> bool:
    """Check a group: its shape, then each child; comments are left to the walk."""
    if node.variants:
        node = select(element, node)
    text = element.text
    if (text and not text.isspace()) or (node.attrs and not _attributes(element, node, known)):
        return False
    children: list[Any] = list(element)
    parts = shape(node, tuple([child.tag for child in children]))
    if parts is None:
        return False
    for child, (kid, _, leaf, _, _) in zip(children, parts, strict=True):
        text = child.tail
        if text and not text.isspace():
            return False
        if leaf is None or len(child):
            if not (_deep if kid.repeat else _odd)(child, kid, known):
                return False
            continue
        text = child.text
        value = text.strip() if text else ""
        if not value:
            if kid.low:
                return False
        elif value not in leaf.sure and not _fits(leaf, value):
            return False
        if kid.attrs and not _attributes(child, kid, known):
            return False
    return True


def _deep(element: Element, node: Node, known: _Count) -> bool:
    """Check a repeating group in one go, if its whole tree has been found in order before.

    Tags and numbers of children, in document order, say everything about the tree's structure.
    """
    elements: list[Any] = list(element.iter())
    key = tuple([each.tag for each in elements]), tuple([len(each) for each in elements])
    parts: tuple[Node, ...] | None = node.shapes.get(key)
    if parts is None:
        sound = _odd(element, node, known)
        if sound and len(elements) <= _DEEP and len(node.shapes) < _SHAPES:
            flat = _flat(element, node)
            if flat is not None:
                node.shapes[key] = tuple(flat)
        return sound
    for each, kid in zip(elements, parts, strict=True):
        text = each.text
        value = text.strip() if text else ""
        if kid.kids is None:
            leaf = kid.leaf
            if not value:
                if kid.low:
                    return False
            elif leaf is None or (value not in leaf.sure and not _fits(leaf, value)):
                return False
        elif value:
            return False
        text = each.tail
        if text and not text.isspace():
            return False
        if kid.attrs and not _attributes(each, kid, known):
            return False
    return True


def _flat(element: Element, node: Node) -> list[Node] | None:
    """Return the nodes of a tree in document order; None if conditions or comments play in."""
    if node.variants:
        return None
    found = [node]
    for child in element:
        kid = (node.kids or {}).get(str(child.tag))
        below = None if kid is None else _flat(child, kid)
        if below is None:
            return None
        found += below
    return found


def _odd(child: Element, kid: Node, known: _Count) -> bool:
    """Check a group, or a leaf that repeats; leave conditional leaves to the walk."""
    if kid.kids is not None:
        return _clean(child, kid, known)
    leaf = kid.leaf
    if leaf is None or kid.variants or len(child):
        return False
    value = (child.text or "").strip()
    return (_fits(leaf, value) if value else not kid.low) and _attributes(child, kid, known)


def _attributes(element: Element, node: Node, known: _Count) -> bool:
    for name, leaf in node.attrs.items():
        text = element.get(name)
        if text is not None:
            known.attributes += 1
            if not _fits(leaf, text.strip()):
                return False
    return True


def _fits(leaf: Leaf, text: str) -> bool:
    if leaf.plain:
        return leaf.sound(text)
    return text in leaf.memo or not leaf.take(text)[1]
