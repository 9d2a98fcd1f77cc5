"""Trees and proofs follow RFC 9162, and the verifiers refuse everything else."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import merkle
from ledger.errors import NotInTree
from tests.ledger.trees import definition_root, digests, nodes

ENTRIES = digests(0, 200)
LEAVES = [merkle.leaf_hash(entry) for entry in ENTRIES]
GET = nodes(LEAVES)
sizes = st.integers(1, 200)


def _hashes(values: list[str]) -> list[bytes]:
    return [bytes.fromhex(value) for value in values]


@pytest.mark.parametrize("family", ["single", "zeros"])
def test_published_trees(shared: Path, family: str) -> None:
    """Roots and all 1,122 proofs of each family of vectors are made equal, byte for byte."""
    vectors = json.loads((shared / f"data/ledger/rfc9162-small-{family}.json").read_text())
    leaves = [merkle.leaf_hash(bytes.fromhex(data)) for data in vectors["leaf_data_hex"]]
    assert [leaf.hex() for leaf in leaves] == vectors["leaf_hash"]
    get = nodes(leaves)
    roots = {tree["size"]: bytes.fromhex(tree["root"]) for tree in vectors["trees"]}
    for size, root in roots.items():
        tree = vectors["trees"][size - 1]
        assert merkle.root(get, size) == root
        for index in range(size):
            path = merkle.inclusion_path(get, index, size)
            assert path == _hashes(tree["inclusion"][index])
            assert merkle.verify_inclusion(leaves[index], index, size, path, root)
        for old in range(1, size + 1):
            path = merkle.consistency_path(get, old, size)
            assert path == _hashes(tree["consistency"][old - 1])
            assert merkle.verify_consistency(old, size, roots[old], root, path)


def test_published_forgeries(shared: Path) -> None:
    """Each of the 111 published forgeries is refused, without an exception."""
    cases = json.loads((shared / "data/ledger/rfc9162-negative.json").read_text())
    assert len(cases) == 111
    assert [case["kind"] for case in cases if _accepted(case)] == []


def _accepted(case: dict[str, Any]) -> bool:
    proof = _hashes(case["proof"])
    if case["kind"].startswith("inclusion"):
        leaf, root = _hashes([case["leaf_hash"], case["root"]])
        return merkle.verify_inclusion(leaf, case["index"], case["size"], proof, root)
    old_root, new_root = _hashes([case["old_root"], case["new_root"]])
    return merkle.verify_consistency(case["old_size"], case["new_size"], old_root, new_root, proof)


def test_the_empty_tree() -> None:
    """The root of no leaves is SHA-256 of nothing; it is consistent with every tree."""
    assert merkle.root(GET, 0) == hashlib.sha256(b"").digest()
    assert merkle.consistency_path(GET, 0, 7) == []
    assert merkle.verify_consistency(0, 7, merkle.EMPTY_ROOT, merkle.root(GET, 7), [])
    assert not merkle.verify_consistency(0, 7, bytes(32), merkle.root(GET, 7), [])


@settings(deadline=None)
@given(sizes)
def test_roots_follow_the_definition(size: int) -> None:
    """The root over complete subtrees equals the recursive definition over entries."""
    assert merkle.root(GET, size) == definition_root(ENTRIES[:size])


@settings(deadline=None)
@given(st.data())
def test_every_leaf_has_a_short_proof(data: st.DataObject) -> None:
    """Inclusion proofs verify and have at most ceil(log2(size)) nodes."""
    size = data.draw(sizes)
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_path(GET, index, size)
    assert len(path) <= (size - 1).bit_length()
    assert merkle.verify_inclusion(LEAVES[index], index, size, path, merkle.root(GET, size))


@settings(deadline=None)
@given(st.data())
def test_every_tree_extends_its_past(data: st.DataObject) -> None:
    """Consistency proofs verify for every pair of sizes."""
    new = data.draw(sizes)
    old = data.draw(st.integers(0, new))
    path = merkle.consistency_path(GET, old, new)
    roots = merkle.root(GET, old), merkle.root(GET, new)
    assert merkle.verify_consistency(old, new, *roots, path)


@settings(deadline=None)
@given(st.data())
def test_a_proof_of_another_tree_is_refused(data: st.DataObject) -> None:
    """Change one leaf of the past: no consistency proof of the real tree covers it up."""
    new = data.draw(st.integers(2, 200))
    old = data.draw(st.integers(1, new - 1))
    changed = list(LEAVES)
    changed[data.draw(st.integers(0, old - 1))] = bytes(32)
    fork = nodes(changed)
    old_root, new_root = merkle.root(GET, old), merkle.root(fork, new)
    for path in (merkle.consistency_path(GET, old, new), merkle.consistency_path(fork, old, new)):
        assert not merkle.verify_consistency(old, new, old_root, new_root, path)


@settings(deadline=None)
@given(
    st.binary(max_size=40),
    st.integers(-(2**70), 2**70),
    st.integers(-(2**70), 2**70),
    st.lists(st.binary(max_size=40), max_size=70),
    st.binary(max_size=40),
)
def test_verifiers_never_crash(
    leaf: bytes, first: int, second: int, path: list[bytes], root: bytes
) -> None:
    """Nonsense is refused with False, never with an exception."""
    assert not merkle.verify_inclusion(leaf, first, second, path, root)
    refused = not merkle.verify_consistency(first, second, leaf, root, path)
    assert refused or (first == second and leaf == root and not path)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_no_proof_beyond_the_tree(index: int, size: int) -> None:
    """A leaf that is not in the tree has no proof."""
    with pytest.raises(NotInTree):
        merkle.inclusion_path(GET, index, size)


def test_no_consistency_backwards() -> None:
    """A smaller tree extends nothing."""
    with pytest.raises(NotInTree):
        merkle.consistency_path(GET, 6, 5)
