"""The trie of a block's transactions: its root, proofs that one is in it, and their check.

Hexary Merkle-Patricia trie over RLP(index) -> raw transaction (Ethereum Yellow Paper,
appendix D). A proof is the list of nodes from the root down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ledger.anchors import rlp
from ledger.anchors.errors import AnchorRefused
from ledger.anchors.secp256k1 import keccak256

_HASH: Final = 32
_WIDTH: Final = 16
_BRANCH: Final = _WIDTH + 1
_SHORT: Final = 2
_LEAF: Final = 2
_MAX_INDEX: Final = 2**32

EMPTY_ROOT: Final = bytes.fromhex(
    "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
)


def transactions_root(raw: Sequence[bytes]) -> bytes:
    """Return the transactions root of a block with these raw transactions, 32 bytes."""
    return _build(_items(raw), {}) if raw else EMPTY_ROOT


def transaction_proof(raw: Sequence[bytes], index: int) -> list[bytes]:
    """Return the trie nodes that lead from the root to the transaction at `index`."""
    nodes: dict[bytes, bytes] = {}
    root = _build(_items(raw), nodes)
    return _lookup(nodes, root, _key(index))[1]


def verify_transaction(root: bytes, index: int, raw: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether `proof` shows the raw transaction at `index` under `root`; never raises."""
    if not 0 <= index < _MAX_INDEX:
        return False
    try:
        found, used = _lookup({keccak256(node): node for node in proof}, root, _key(index))
    except AnchorRefused:
        return False
    return found == raw and used == list(proof)


def _items(raw: Sequence[bytes]) -> dict[bytes, bytes]:
    return {_key(index): each for index, each in enumerate(raw)}


def _key(index: int) -> bytes:
    """Return the path of a transaction, one nibble in each byte."""
    return bytes(
        nibble for byte in rlp.encode(rlp.number(index)) for nibble in (byte >> 4, byte & 15)
    )


def _build(items: Mapping[bytes, bytes], nodes: dict[bytes, bytes]) -> bytes:
    """Return the root hash of a trie, and its nodes by their hash in `nodes`."""
    encoded = rlp.encode(_node(items, nodes))
    nodes[keccak256(encoded)] = encoded
    return keccak256(encoded)


def _node(items: Mapping[bytes, bytes], nodes: dict[bytes, bytes]) -> list[rlp.Item]:
    if len(items) == 1:
        ((path, value),) = items.items()
        return [_packed(path, leaf=True), value]
    shared = _common_prefix(items)
    if shared:
        below = {path[len(shared) :]: value for path, value in items.items()}
        return [_packed(shared, leaf=False), _reference(below, nodes)]
    children: list[rlp.Item] = []
    for nibble in range(_WIDTH):
        below = {path[1:]: value for path, value in items.items() if path[:1] == bytes([nibble])}
        children.append(_reference(below, nodes) if below else b"")
    return [*children, items.get(b"", b"")]


def _reference(items: Mapping[bytes, bytes], nodes: dict[bytes, bytes]) -> rlp.Item:
    """Return a node by its hash, or the node itself where that is shorter."""
    node = _node(items, nodes)
    encoded = rlp.encode(node)
    if len(encoded) < _HASH:
        return node
    nodes[keccak256(encoded)] = encoded
    return keccak256(encoded)


def _lookup(nodes: Mapping[bytes, bytes], root: bytes, key: bytes) -> tuple[rlp.Item, list[bytes]]:
    """Return the value at `key` and the encoded nodes on the way; raises AnchorRefused."""
    used: list[bytes] = []
    reference: rlp.Item = root
    while True:
        if isinstance(reference, bytes):
            if reference not in nodes:
                raise AnchorRefused(reason="a node of the transaction proof is missing")
            used.append(nodes[reference])
            reference = rlp.decode(nodes[reference])
        if len(reference) == _BRANCH and not isinstance(reference, bytes):
            if not key:
                return reference[_WIDTH], used
            reference, key = reference[key[0]], key[1:]
            continue
        path, leaf, child = _unpacked(reference)
        if key[: len(path)] != path or (leaf and key != path) or not (leaf or path):
            raise AnchorRefused(reason="the transaction proof leads elsewhere")
        if leaf:
            return child, used
        reference, key = child, key[len(path) :]


def _packed(path: bytes, *, leaf: bool) -> bytes:
    """Return a path as bytes: a flag nibble (2 leaf, 1 odd), then the nibbles."""
    odd = len(path) % 2
    flag = (_LEAF if leaf else 0) | odd
    nibbles = bytes([flag]) + path if odd else bytes([flag, 0]) + path
    return bytes(a << 4 | b for a, b in zip(nibbles[::2], nibbles[1::2], strict=True))


def _unpacked(node: rlp.Item) -> tuple[bytes, bool, rlp.Item]:
    """Return path, whether it is a leaf, and child or value of a short node."""
    if isinstance(node, bytes) or len(node) != _SHORT or not isinstance(node[0], bytes):
        raise AnchorRefused(reason="a node of the transaction proof is malformed")
    nibbles = bytes(nibble for byte in node[0] for nibble in (byte >> 4, byte & 15))
    if not nibbles or nibbles[0] > (_LEAF | 1) or (not nibbles[0] & 1 and nibbles[1]):
        raise AnchorRefused(reason="a path of the transaction proof is malformed")
    start = 1 if nibbles[0] & 1 else 2
    return nibbles[start:], bool(nibbles[0] & _LEAF), node[1]


def _common_prefix(items: Mapping[bytes, bytes]) -> bytes:
    first, last = min(items), max(items)
    length = 0
    while length < len(first) and first[length] == last[length]:
        length += 1
    return first[:length]
