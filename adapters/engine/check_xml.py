"""A quick test whether an XML document is flawless; the full walk explains one that is not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adapters.engine.leaf import Leaf
from adapters.engine.shapes import shape
from adapters.engine.strangers import XSI
from adapters.engine.trie import Node
from adapters.engine.walk_xml import select
from schemas.xml import Element


def flawless(root: Element, node: Node) -> bool:
    """Tell whether a walk over the document would find nothing at all to report."""
    return root.tag == node.tag and _clean(root, node)


def _clean(element: Element, node: Node) -> bool:
    """Check a group: its shape, then each child; comments are left to the walk."""
    if node.variants:
        node = select(element, node)
    text = element.text
    if (text and not text.isspace()) or not _attributes(element, node):
        return False
    children: list[Any] = list(element)
    parts = shape(node, tuple([child.tag for child in children]))
    if parts is None:
        return False
    for child, (kid, _, leaf, _) in zip(children, parts, strict=True):
        text = child.tail
        if text and not text.isspace():
            return False
        if leaf is None or len(child):
            if not _odd(child, kid):
                return False
            continue
        text = child.text
        value = text.strip() if text else ""
        if not (_fits(leaf, value) if value else not kid.low):
            return False
        if child.keys() and not _attributes(child, kid):
            return False
    return True


def _odd(child: Element, kid: Node) -> bool:
    """Check a group, or a leaf that repeats; leave conditional leaves to the walk."""
    if kid.kids is not None:
        return _clean(child, kid)
    leaf = kid.leaf
    if leaf is None or kid.variants or len(child):
        return False
    value = (child.text or "").strip()
    return (_fits(leaf, value) if value else not kid.low) and _attributes(child, kid)


def _attributes(element: Element, node: Node) -> bool:
    items: Iterable[tuple[Any, Any]] = element.items()
    for name, text in items:
        leaf = node.attrs.get(name)
        if leaf is None:
            if not name.startswith(XSI):
                return False
        elif not _fits(leaf, text.strip()):
            return False
    return True


def _fits(leaf: Leaf, text: str) -> bool:
    if leaf.plain:
        return leaf.sound(text)
    return text in leaf.memo or not leaf.take(text)[1]
