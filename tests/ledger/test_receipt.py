"""COSE receipts are written byte for byte as others read them, and checked strictly."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cbor2
import pytest

from ledger.errors import ProofRefused
from ledger.receipt import verify_receipt, write_receipt
from ledger.signature import verifier_for
from tests.ledger.trees import cosigner, digests, log_of, signer

LOG = log_of(300)
VERIFIER = verifier_for(signer().key)
(ENTRY,) = digests(77, 78)
RECEIPT = write_receipt(LOG.prove(77), signer())


def test_a_receipt_proves_inclusion() -> None:
    """Index, size and root come back once path and signature hold."""
    found = verify_receipt(RECEIPT, ENTRY, VERIFIER)
    assert (found.index, found.size, found.root) == (77, 300, LOG.root())


def test_the_published_receipt(shared: Path) -> None:
    """The published receipt is made byte for byte, and verifies."""
    folder = shared / "data/ledger/example"
    published = (folder / "doc-077.receipt.cbor").read_bytes()
    entry = hashlib.sha256((folder / "doc-077.xml").read_bytes()).digest()
    assert verify_receipt(published, entry, VERIFIER).size == 300
    assert published == RECEIPT


def _changed(change: Callable[[list[Any]], object]) -> bytes:
    message = cbor2.loads(RECEIPT).value
    change(message)
    return cbor2.dumps(cbor2.CBORTag(18, message))


def _path(change: Callable[[list[Any]], object]) -> bytes:
    def within(message: list[Any]) -> None:
        proof = cbor2.loads(message[1][396][-1][0])
        change(proof)
        message[1][396][-1][0] = cbor2.dumps(proof)

    return _changed(within)


def _protected(value: dict[int, Any]) -> bytes:
    return _changed(lambda message: message.__setitem__(0, cbor2.dumps(value)))


MUTATIONS: dict[str, bytes] = {
    "empty": b"",
    "cut": RECEIPT[:-1],
    "longer": RECEIPT + b"\x00",
    "no tag": cbor2.dumps(cbor2.loads(RECEIPT).value),
    "other tag": cbor2.dumps(cbor2.CBORTag(98, cbor2.loads(RECEIPT).value)),
    "payload": _changed(lambda m: m.__setitem__(2, LOG.root())),
    "signature flipped": RECEIPT[:-1] + bytes([RECEIPT[-1] ^ 1]),
    "signature cut": _changed(lambda m: m.__setitem__(3, m[3][:-1])),
    "algorithm": _protected({1: -7, 395: 1}),
    "tree": _protected({1: -8, 395: 2}),
    "tree left out": _protected({1: -8}),
    "critical header": _protected({1: -8, 2: [395], 395: 1}),
    "tree in the unprotected header": _changed(
        lambda m: (m.__setitem__(0, cbor2.dumps({1: -8})), m[1].__setitem__(395, 1))
    ),
    "no proofs": _changed(lambda m: m[1].pop(396)),
    "two proofs": _changed(lambda m: m[1][396][-1].append(m[1][396][-1][0])),
    "index": _path(lambda p: p.__setitem__(1, 78)),
    "index beyond": _path(lambda p: p.__setitem__(1, 300)),
    "negative index": _path(lambda p: p.__setitem__(1, -1)),
    "size of another shape": _path(lambda p: p.__setitem__(0, 128)),
    "size as text": _path(lambda p: p.__setitem__(0, "300")),
    "node flipped": _path(lambda p: p[2].__setitem__(0, bytes(32))),
    "node left out": _path(lambda p: p[2].pop(0)),
    "node added": _path(lambda p: p[2].append(bytes(32))),
    "node cut": _path(lambda p: p[2].__setitem__(0, p[2][0][:31])),
    "node as number": _path(lambda p: p[2].__setitem__(0, 7)),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_mutations_are_refused(name: str) -> None:
    """Every class of change to a receipt is refused."""
    assert MUTATIONS[name] != RECEIPT
    with pytest.raises(ProofRefused):
        verify_receipt(MUTATIONS[name], ENTRY, VERIFIER)


def test_another_entry_or_key_is_refused() -> None:
    """A receipt is for one entry of one log; a witness's key is no log's key."""
    with pytest.raises(ProofRefused):
        verify_receipt(RECEIPT, bytes(32), VERIFIER)
    with pytest.raises(ProofRefused):
        verify_receipt(RECEIPT, ENTRY, verifier_for(signer(seed=9).key))
    with pytest.raises(ProofRefused):
        verify_receipt(RECEIPT, ENTRY, verifier_for(cosigner(seed=1).key))
