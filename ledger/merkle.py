"""Merkle trees of transparency logs, SHA-256 (RFC 9162, section 2.1).

Trees are read through `get(level, number)`: the root of the complete subtree of 2**level leaves
that starts at leaf number * 2**level; `get(0, i)` is the hash of leaf i. The builders raise
NotInTree; the verifiers answer True or False and never raise, whatever they are given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from ledger.errors import NotInTree

Nodes = Callable[[int, int], bytes]
"""Gives the root of the complete subtree (level, number), 32 bytes."""

HASH_SIZE: Final = 32
MAX_PATH: Final = 63
"""A longer proof is refused: no log has 2**63 leaves."""

EMPTY_ROOT: Final = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(00 || entry), 32 bytes. RFC 9162, 2.1.1."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(01 || left || right), 32 bytes. RFC 9162, 2.1.1."""
    return sha256(b"\x01" + left + right).digest()


def parents(hashes: bytes) -> bytes:
    """Return the level above a run of an even number of hashes, both as joined 32-byte hashes."""
    return b"".join(
        sha256(b"\x01" + hashes[at : at + 64]).digest() for at in range(0, len(hashes), 64)
    )


def top(hashes: bytes) -> bytes:
    """Return the root over a run of hashes whose number is a power of two."""
    while len(hashes) > HASH_SIZE:
        hashes = parents(hashes)
    return hashes


def root(get: Nodes, size: int) -> bytes:
    """Return the root hash of the first `size` leaves; SHA-256 of nothing for size 0."""
    return _range_root(get, 0, size) if size else EMPTY_ROOT


def inclusion_path(get: Nodes, index: int, size: int) -> list[bytes]:
    """Return the audit path for leaf `index` in the tree of `size` leaves.

    Each node is 32 bytes, leaf side first; at most ceil(log2(size)) nodes.
    Raises NotInTree unless 0 <= index < size. RFC 9162, 2.1.3.1.
    """
    if not 0 <= index < size:
        raise NotInTree(asked=index, size=size)
    path, low, high = [], 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    return [_range_root(get, *span) for span in reversed(path)]


def consistency_path(get: Nodes, old: int, new: int) -> list[bytes]:
    """Return the proof that the tree of `new` leaves extends the tree of `old` leaves.

    Empty if old is 0 or equals new. Raises NotInTree unless 0 <= old <= new. RFC 9162, 2.1.4.1.
    """
    if not 0 <= old <= new:
        raise NotInTree(asked=old, size=new)
    if old in (0, new):
        return []
    path, low, high, whole = [], 0, new, True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low, whole = middle, False
    if not whole:
        path.append((low, high))
    return [_range_root(get, *span) for span in reversed(path)]


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root_hash: bytes
) -> bool:
    """Tell whether `path` leads from the leaf hash at `index` to the root of `size` leaves.

    RFC 9162, 2.1.3.2.
    """
    return _is_hash(root_hash) and root_from_inclusion(leaf, index, size, path) == root_hash


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that `path` leads to, or None if no tree of `size` has such a path."""
    if not (0 <= index < size and len(path) <= MAX_PATH and all(map(_is_hash, (leaf, *path)))):
        return None
    first, last, found = index, size - 1, leaf
    for node in path:
        if last == 0:
            return None
        if first & 1 or first == last:
            found = node_hash(node, found)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            found = node_hash(found, node)
        first, last = first >> 1, last >> 1
    return found if last == 0 else None


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Tell whether the tree (new, new_root) extends the tree (old, old_root).

    RFC 9162, 2.1.4.2; old = 0 is consistent with everything if its root is the empty root.
    """
    hashes = (old_root, new_root, *path)
    if not (0 <= old <= new and len(path) <= MAX_PATH and all(map(_is_hash, hashes))):
        return False
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    return _roots_from_consistency(old, new, old_root, path) == (old_root, new_root)


def _roots_from_consistency(
    old: int, new: int, old_root: bytes, path: Sequence[bytes]
) -> tuple[bytes, bytes] | None:
    nodes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not path or len(nodes) < 2:  # noqa: PLR2004 - a start and at least one step
        return None
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    before = after = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return None
        if first & 1 or first == last:
            before, after = node_hash(node, before), node_hash(node, after)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            after = node_hash(after, node)
        first, last = first >> 1, last >> 1
    return (before, after) if last == 0 else None


def _range_root(get: Nodes, low: int, high: int) -> bytes:
    """Return the root over leaves [low, high), a range that the tree's own splits produce."""
    width = high - low
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return get(level, low >> level)
    middle = low + _split(width)
    return node_hash(_range_root(get, low, middle), _range_root(get, middle, high))


def _split(width: int) -> int:
    """Return the largest power of two below `width`."""
    return 1 << ((width - 1).bit_length() - 1)


def _is_hash(value: object) -> bool:
    return isinstance(value, bytes) and len(value) == HASH_SIZE
