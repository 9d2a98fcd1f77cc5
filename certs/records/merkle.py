"""The tree of OpenAttestation: pairs are sorted before they are hashed, with Keccak-256."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.keccak import keccak256


def root_of(leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """Return the root that a leaf and its path (32 bytes each) lead to."""
    return steps_of(leaf, proof)[-1]


def steps_of(leaf: bytes, proof: Sequence[bytes]) -> list[bytes]:
    """Return a leaf and every node on its path, the root last."""
    found = [leaf]
    for other in proof:
        found.append(_parent(found[-1], other))
    return found


def prove(leaves: Sequence[bytes]) -> tuple[bytes, list[list[bytes]]]:
    """Return the root over at least one leaf, and each leaf's path; an odd node moves up."""
    level = list(leaves)
    places = list(range(len(level)))
    paths: list[list[bytes]] = [[] for _ in level]
    while len(level) > 1:
        for path, place in zip(paths, places, strict=True):
            other = place ^ 1
            if other < len(level):
                path.append(level[other])
        places = [place // 2 for place in places]
        level = [
            _parent(*level[at : at + 2]) if at + 1 < len(level) else level[at]
            for at in range(0, len(level), 2)
        ]
    return level[0], paths


def _parent(left: bytes, right: bytes) -> bytes:
    return keccak256(min(left, right) + max(left, right))
