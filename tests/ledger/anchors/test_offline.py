"""Anchor records are checked without node or network, and refused when anything is changed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.anchors import rlp
from ledger.anchors.account import Account
from ledger.anchors.calls import AnchorCall, log_id
from ledger.anchors.errors import AnchorRefused, BadChainKey
from ledger.anchors.offline import IN_KNOWN_BLOCK, AnchorPolicy, verify_record
from ledger.anchors.outbox import ChainAnchor, Finality, Target
from ledger.anchors.record import ChainRecord, parse_record
from ledger.anchors.secp256k1 import N, checksummed, keccak256, recover
from ledger.anchors.transaction import Transaction, read
from ledger.anchors.trie import (
    EMPTY_ROOT,
    transaction_proof,
    transactions_root,
    verify_transaction,
)
from ledger.checkpoint import Checkpoint
from schemas.jcs import canonical_json
from tests.ledger.anchors.fake_chain import CHAIN_ID, CONTRACT, FakeChain
from tests.ledger.memory import MemoryIntents
from tests.ledger.trees import ORIGIN, log_of

ACCOUNT, OTHER = Account.generate(), Account.generate()
LOG = log_of(300)
LOG_ID = log_id(ORIGIN)
CHECKPOINT = Checkpoint(ORIGIN, 300, LOG.root())


def _record() -> ChainRecord:
    chain = FakeChain(ACCOUNT.address)
    target = Target(contract=CONTRACT, chain_id=CHAIN_ID, finality=Finality(confirmations=1))
    anchor = ChainAnchor(chain, ACCOUNT, target, MemoryIntents())
    status = anchor.submit(CHECKPOINT, lambda old, new: LOG.consistency(old, new).path)
    record = parse_record(status.record)
    assert isinstance(record, ChainRecord)
    return record


RECORD = _record()


def test_a_record_proves_who_anchored_what_where() -> None:
    """The verdict names account, contract, chain, block and time, and says what it rests on."""
    verdict = verify_record(bytes(RECORD), CHECKPOINT)
    assert (verdict.sender, verdict.contract, verdict.chain_id) == (
        ACCOUNT.address,
        CONTRACT,
        CHAIN_ID,
    )
    assert verdict.placed
    assert verdict.time is not None
    assert verdict.block_hash.hex() in verdict.trust.en
    json.dumps(verdict.as_dict())


def test_a_known_block_settles_it() -> None:
    """With a list of known block hashes the verdict rests on the list; another block is refused."""
    known = AnchorPolicy(known_blocks={RECORD.block_hash})
    assert verify_record(bytes(RECORD), CHECKPOINT, known).trust == IN_KNOWN_BLOCK
    with pytest.raises(AnchorRefused):
        verify_record(bytes(RECORD), CHECKPOINT, AnchorPolicy(known_blocks={bytes(32)}))


def test_a_record_without_block_says_so() -> None:
    """Where the node gave no header, the verdict does not claim a block."""
    bare = replace(RECORD, header=b"", proof=())
    verdict = verify_record(bytes(bare), CHECKPOINT)
    assert not verdict.placed
    assert verdict.time is None


@pytest.mark.parametrize(
    "policy",
    [
        AnchorPolicy(chain_id=1),
        AnchorPolicy(contract="0x" + "22" * 20),
        AnchorPolicy(sender=OTHER.address),
    ],
)
def test_another_chain_contract_or_sender_is_refused(policy: AnchorPolicy) -> None:
    """What the verifier expects must be what was found."""
    with pytest.raises(AnchorRefused):
        verify_record(bytes(RECORD), CHECKPOINT, policy)


def _resigned(**changes: Any) -> ChainRecord:
    """Return the record with a transaction that the right account signed, but of other content."""
    transaction = replace(read(RECORD.raw).transaction, **changes)
    return replace(RECORD, raw=transaction.signed(ACCOUNT))


def _mutations() -> dict[str, bytes]:
    raw, header = RECORD.raw, RECORD.header
    other = read(raw).transaction.signed(OTHER)
    data = read(raw).transaction.data
    records = {
        "another size": replace(RECORD, size=299),
        "another root": replace(RECORD, root=bytes(32)),
        "another origin": replace(RECORD, origin="other.example"),
        "another chain": replace(RECORD, chain_id=1),
        "another contract": replace(RECORD, contract="0x" + "22" * 20),
        "another block number": replace(RECORD, block_number=2),
        "another block hash": replace(RECORD, block_hash=bytes(32)),
        "another index": replace(RECORD, index=1),
        "no proof": replace(RECORD, proof=()),
        "a proof node more": replace(RECORD, proof=(*RECORD.proof, RECORD.proof[0])),
        "a proof node flipped": replace(RECORD, proof=(_flip(RECORD.proof[0]),)),
        "header flipped": replace(RECORD, header=_flip(header)),
        "header cut": replace(RECORD, header=header[:-1]),
        "transaction flipped": replace(RECORD, raw=_flip(raw)),
        "transaction cut": replace(RECORD, raw=raw[:-1]),
        "transaction longer": replace(RECORD, raw=raw + b"\x00"),
        "transaction of another account": replace(RECORD, raw=other),
        "another call": _resigned(data=bytes(4) + data[4:]),
        "call with bytes behind": _resigned(data=data + bytes(32)),
        "call cut": _resigned(data=data[:-1]),
        "call for another log": _resigned(data=AnchorCall(bytes(32), 300, LOG.root(), ()).encode()),
        "call of another root": _resigned(data=AnchorCall(LOG_ID, 300, bytes(32), ()).encode()),
        "deployment": _resigned(to=""),
    }
    texts = {name: bytes(record) for name, record in records.items()}
    value = json.loads(bytes(RECORD))
    return texts | {
        "no JSON": b"{",
        "a list": b"[]",
        "unknown kind": canonical_json({**value, "kind": "other"}),
        "unknown member": canonical_json({**value, "more": 1}),
        "member left out": canonical_json({k: v for k, v in value.items() if k != "proof"}),
        "not canonical": json.dumps(value).encode(),
        "capital hex": bytes(RECORD).replace(b'"0x02f', b'"0x02F'),
    }


def _flip(data: bytes) -> bytes:
    return data[:40] + bytes([data[40] ^ 1]) + data[41:]


@pytest.mark.parametrize("name", _mutations())
def test_mutations_are_refused(name: str) -> None:
    """Every class of change to a record is refused."""
    mutated = _mutations()[name]
    assert mutated != bytes(RECORD)
    with pytest.raises(AnchorRefused):
        verify_record(mutated, CHECKPOINT)


def test_known_hashes_and_addresses() -> None:
    """Keccak-256 of nothing, and the addresses that EIP-55 gives as examples."""
    assert keccak256(b"").hex() == (
        "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    )
    for address in (
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ):
        assert checksummed(bytes.fromhex(address[2:])) == address


@settings(max_examples=20, deadline=None)
@given(st.binary(min_size=32, max_size=32))
def test_signatures_recover_the_account(digest: bytes) -> None:
    """Signing is repeatable, s is low, and the key comes back; the other parity is another key."""
    r, s, parity = ACCOUNT.sign_digest(digest)
    assert (r, s, parity) == ACCOUNT.sign_digest(digest)
    assert s <= N // 2
    assert recover(digest, r, s, parity) == ACCOUNT.public
    assert recover(digest, r, s, 1 - parity) != ACCOUNT.public


@pytest.mark.parametrize(
    ("r", "s", "parity"), [(0, 1, 0), (1, 0, 0), (N, 1, 0), (1, N - 1, 0), (1, 1, 2)]
)
def test_signatures_out_of_range_are_refused(r: int, s: int, parity: int) -> None:
    """Zero, too large, high s, no parity."""
    with pytest.raises(AnchorRefused):
        recover(bytes(32), r, s, parity)


@settings(deadline=None)
@given(st.recursive(st.binary(max_size=70), lambda inner: st.lists(inner, max_size=5)))
def test_rlp_has_one_form(item: Any) -> None:
    """What is encoded decodes to itself."""
    assert rlp.decode(rlp.encode(item)) == item


@settings(deadline=None)
@given(st.binary(max_size=80))
def test_rlp_decodes_only_what_it_would_encode(data: bytes) -> None:
    """Bytes either decode to something with exactly this encoding, or are refused."""
    try:
        item = rlp.decode(data)
    except AnchorRefused:
        return
    assert rlp.encode(item) == data


@pytest.mark.parametrize("count", [1, 2, 3, 17, 127, 128, 129, 300])
def test_transaction_tries(count: int) -> None:
    """Root and proofs of blocks of many sizes are those of an independent trie."""
    trie = pytest.importorskip("trie", reason="comes with the in-process chain")
    dice = random.Random(count)
    raw = [dice.randbytes(dice.choice([3, 31, 32, 200])) for _ in range(count)]
    other = trie.HexaryTrie(db={})
    for index, each in enumerate(raw):
        other.set(rlp.encode(rlp.number(index)), each)
    root = transactions_root(raw)
    assert root == other.root_hash
    for index in {0, count // 2, count - 1}:
        proof = transaction_proof(raw, index)
        assert verify_transaction(root, index, raw[index], proof)
        assert not verify_transaction(root, index + 1, raw[index], proof)
        assert not verify_transaction(root, index, raw[index] + b"\x00", proof)
        assert not verify_transaction(root, index, raw[index], proof[:-1])
    assert transactions_root([]) == EMPTY_ROOT


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: b"\x01" + raw[1:],
        lambda raw: raw[:0],
        lambda raw: raw[:1],
        lambda raw: raw[:1] + rlp.encode([b""] * 11),
        lambda raw: raw[:1] + rlp.encode([b"\x00"] * 12),
    ],
)
def test_other_transactions_are_refused(change: Callable[[bytes], bytes]) -> None:
    """Only well-formed transactions of type 2 are read."""
    with pytest.raises(AnchorRefused):
        read(change(RECORD.raw))


def test_a_transaction_says_what_was_put_in() -> None:
    """Sign and read back: every field, and the sender."""
    transaction = Transaction(
        chain_id=5, nonce=0, tip=1, max_fee=2, gas=3, to=CONTRACT, data=b"abc", value=4
    )
    signed = read(transaction.signed(ACCOUNT))
    assert (signed.transaction, signed.sender) == (transaction, ACCOUNT.address)


def test_account_keys_are_kept_encrypted(tmp_path: Path) -> None:
    """A key file comes back with its passphrase, and only as a key of the chain's curve."""
    path = tmp_path / "chain.key"
    ACCOUNT.save(path, b"secret")
    assert Account.load(path, b"secret").address == ACCOUNT.address
    assert path.stat().st_mode & 0o077 == 0
    for passphrase in (None, b"wrong"):
        with pytest.raises(BadChainKey):
            Account.load(path, passphrase)
    with pytest.raises(BadChainKey):
        Account.load(tmp_path / "nothing")
