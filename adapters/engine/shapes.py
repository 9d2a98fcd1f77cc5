"""The shapes in which a group's children come: judged once, remembered by their tags.

Lines of a declaration come in a handful of shapes. A shape that is in order, complete and known
throughout needs no further look at its structure; everything else goes the long way.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from adapters.engine.leaf import Leaf
from adapters.engine.trie import Node

_SHAPES: Final = 128
_LONGEST: Final = 256

Tags = tuple[object, ...]


class Part(NamedTuple):
    """One child of a shape: its node, the end of its path, and for a plain leaf its row.

    `head` and `tail` make the term id of a leaf that goes to one term of one running index, as
    its value or as its attribute `attr`; other leaves have an empty `head`.
    """

    node: Node
    suffix: str
    leaf: Leaf | None
    head: str
    tail: str
    attr: str


Shape = tuple[Part, ...]


def shape(node: Node, tags: Tags) -> Shape | None:
    """Return the shape of children with these tags, or None if anything is out of order."""
    try:
        known: Shape | None = node.shapes[tags]
    except KeyError:
        known = _judge(node, tags)
        if len(tags) <= _LONGEST and len(node.shapes) < _SHAPES:
            node.shapes[tags] = known
    return known


def _judge(node: Node, tags: Tags) -> Shape | None:
    kids = node.kids or {}
    parts: list[Part] = []
    seen: dict[str, int] = {}
    last = -1
    for tag in tags:
        kid = kids.get(tag) if isinstance(tag, str) else None
        if kid is None or kid.order < last:
            return None
        last = kid.order
        seen[kid.name] = number = seen.get(kid.name, 0) + 1
        if number > kid.high:
            return None
        suffix = kid.slash if number == 1 else f"{kid.slash}[{number}]"
        goal = kid.fast
        if goal is None or goal.depth != 1 or kid.quick is None or kid.quick.others:
            parts.append(Part(kid, suffix, kid.quick, "", "", ""))
        else:
            parts.append(Part(kid, suffix, kid.quick, goal.head, goal.tail, goal.attr))
    if any(kid.name not in seen for kid in node.required):
        return None
    return tuple(parts)
