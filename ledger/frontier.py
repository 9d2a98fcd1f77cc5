"""The right edge of a tree: the roots of its complete subtrees, enough to go on appending.

A tree of n leaves has one such root for each bit that is set in n, largest first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.merkle import EMPTY_ROOT, node_hash


@dataclass(frozen=True, slots=True)
class Frontier:
    """Number of leaves and the subtree roots (32 bytes each), largest subtree first."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def extended(self, leaves: Iterable[bytes]) -> Frontier:
        """Return the frontier after appending leaf hashes."""
        size, hashes = self.size, list(self.hashes)
        for leaf in leaves:
            node, merged = leaf, size
            while merged & 1:
                node = node_hash(hashes.pop(), node)
                merged >>= 1
            hashes.append(node)
            size += 1
        return Frontier(size, tuple(hashes))

    def root(self) -> bytes:
        """Return the root hash of the tree. RFC 9162, 2.1.1."""
        if not self.hashes:
            return EMPTY_ROOT
        *rest, found = self.hashes
        for left in reversed(rest):
            found = node_hash(left, found)
        return found
