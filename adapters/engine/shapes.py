"""The shapes in which a group's children come: judged once, remembered by their tags.

Lines of a declaration come in a handful of shapes. A shape that is in order, complete and known
throughout needs no further look at its structure; everything else goes the long way.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from adapters.engine.leaf import Goal, Leaf
from adapters.engine.trie import Node

_SHAPES: Final = 128
_LONGEST: Final = 256
_PLACES_KEPT: Final = 1024
_PLACES_LONGEST: Final = 64

Tags = tuple[object, ...]
Index = tuple[str, ...]


class Part(NamedTuple):
    """One child of a shape: its node, the end of its path, and for a plain leaf its row.

    `goal` is the first of a leaf that goes to one term as its value, or to attributes only.
    """

    node: Node
    suffix: str
    leaf: Leaf | None
    goal: Goal | None


class Place(NamedTuple):
    """One child of a shape where it stands in a document: its path and the term it goes to.

    `attr` is the attribute of that term which the leaf gives, `others` are further (term,
    attribute) pairs. Without `term` the leaf goes the long way.
    """

    node: Node
    path: str
    leaf: Leaf | None
    term: str
    attr: str
    others: tuple[tuple[str, str], ...]


Places = tuple[Place, ...]


class Shape:
    """Children that are in order, by the parts of their group; equal only to itself."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Part, ...]) -> None:
        """Keep the parts."""
        self.parts = parts


def places(shape: Shape, path: str, index: Index) -> Places:
    """Return a shape as it stands at a path, under the running indices.

    The seventh line of a declaration has the same paths and term ids in every document: made
    once, they are neither joined nor hashed again, and whatever looks terms up later finds the
    very same strings.
    """
    placed = _places if len(shape.parts) <= _PLACES_LONGEST else _places.__wrapped__
    return placed(shape, path, index)


@lru_cache(maxsize=_PLACES_KEPT)
def _places(shape: Shape, path: str, index: Index) -> Places:
    return tuple([_place(part, path, index) for part in shape.parts])


def _place(part: Part, path: str, index: Index) -> Place:
    here, goal, leaf = path + part.suffix, part.goal, part.leaf
    if goal is None or leaf is None:
        return Place(part.node, here, leaf, "", "", ())
    others = tuple([(other.id(index), other.attr) for other in leaf.others])
    return Place(part.node, here, leaf, goal.id(index), goal.attr, others)


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
        parts.append(Part(kid, suffix, kid.quick, kid.fast))
    if any(kid.name not in seen for kid in node.required):
        return None
    return Shape(tuple(parts))
