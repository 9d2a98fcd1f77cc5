"""Hash trees of evidence records (RFC 4998, 4.2 and 4.3): nodes are sorted, joined, digested."""

from __future__ import annotations

from collections.abc import Sequence

from certs.digests import Digest

Lists = tuple[tuple[bytes, ...], ...]
"""A reduced hash tree: in each list the values that a node is made of, but the one below it."""


def combined(values: Sequence[bytes], digest: Digest) -> bytes:
    """Return the node over values: their digest in ascending order; one alone stands for itself."""
    return values[0] if len(values) == 1 else digest.of(b"".join(sorted(values)))


def grow(groups: Sequence[Sequence[bytes]], digest: Digest) -> tuple[bytes, list[Lists]]:
    """Return the root over the groups of leaves, and the reduced tree of each group.

    A group's first list holds all of its leaves.
    """
    nodes = [combined(group, digest) for group in groups]
    ways: list[list[tuple[bytes, ...]]] = [[tuple(group)] for group in groups]
    places = [[place] for place in range(len(groups))]
    while len(nodes) > 1:
        nodes, places = _level(nodes, places, ways, digest)
    return nodes[0], [_reduced(way) for way in ways]


def _level(
    nodes: list[bytes],
    places: list[list[int]],
    ways: list[list[tuple[bytes, ...]]],
    digest: Digest,
) -> tuple[list[bytes], list[list[int]]]:
    """Pair the nodes, and note for the groups below each what the other one is."""
    above: list[bytes] = []
    below: list[list[int]] = []
    for at in range(0, len(nodes) - 1, 2):
        left, right = nodes[at], nodes[at + 1]
        for place in places[at]:
            ways[place].append((right,))
        for place in places[at + 1]:
            ways[place].append((left,))
        above.append(combined((left, right), digest))
        below.append(places[at] + places[at + 1])
    if len(nodes) % 2:
        above.append(nodes[-1])
        below.append(places[-1])
    return above, below


def _reduced(way: list[tuple[bytes, ...]]) -> Lists:
    """A single leaf shares its list with its neighbour: one alone would not be a node."""
    if len(way) > 1 and len(way[0]) == 1:
        way = [way[0] + way[1], *way[2:]]
    return tuple(way)


def climb(lists: Lists, digest: Digest) -> bytes:
    """Return the root that a reduced tree leads to."""
    node = combined(lists[0], digest)
    for each in lists[1:]:
        node = combined((*each, node), digest)
    return node
