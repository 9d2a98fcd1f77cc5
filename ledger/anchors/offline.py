"""Checks an anchor record without node, web3 or network.

What is proven: the account signed a transaction to the contract on that chain that anchors this
very checkpoint, and the transaction is in the block with that hash. What cannot be proven
offline: that the block is part of the chain. For that, compare the block hash with a node, an
explorer, or a list of known hashes (`known_blocks`); the verdict says which of them was done.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ledger.anchors.calls import AnchorCall, log_id
from ledger.anchors.errors import AnchorRefused
from ledger.anchors.header import Header, read_header
from ledger.anchors.record import ChainRecord, FileRecord, parse_record
from ledger.anchors.transaction import Signed, read
from ledger.anchors.trie import verify_transaction
from ledger.checkpoint import Checkpoint
from schemas.text import Text

IN_KNOWN_BLOCK: Final = Text(
    "The transaction is in a block whose hash is among the known ones.",
    "该交易位于哈希已知的区块中。",
)
IN_BLOCK: Final = Text(
    "The transaction is in the block {block}; that this block is part of chain {chain_id} rests"
    " on the chain: compare its hash with a node or an explorer.",
    "该交易位于区块 {block};该区块属于链 {chain_id} 一事以链为准:请与节点或区块浏览器核对其哈希。",
)
UNPLACED: Final = Text(
    "The transaction is genuine; the record does not prove that it is in a block: look it up on"
    " chain {chain_id}.",
    "该交易真实;但记录未证明其已入块:请在链 {chain_id} 上查询。",
)
IN_FILE: Final = Text(
    "The line fits the checkpoint; that it stands in the file rests on whoever keeps {file}.",
    "该行与检查点相符;其确在文件中一事以 {file} 的保管者为准。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorPolicy:
    """What a verifier expects; None accepts any, and the verdict names what was found."""

    chain_id: int | None = None
    contract: str | None = None
    sender: str | None = None
    known_blocks: Collection[bytes] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorVerdict:
    """A record that holds: what was anchored where, and what its place in the chain rests on."""

    kind: str
    size: int
    root: bytes
    chain_id: int = 0
    contract: str = ""
    sender: str = ""
    tx_hash: bytes = b""
    block_number: int = 0
    block_hash: bytes = b""
    time: datetime | None = None
    placed: bool = False
    trust: Text

    def as_dict(self) -> dict[str, object]:
        """Return the verdict as plain JSON values."""
        return {
            "kind": self.kind,
            "size": self.size,
            "root": self.root.hex(),
            "chain_id": self.chain_id,
            "contract": self.contract,
            "sender": self.sender,
            "transaction": f"0x{self.tx_hash.hex()}" if self.tx_hash else "",
            "block_number": self.block_number,
            "block_hash": f"0x{self.block_hash.hex()}" if self.block_hash else "",
            "time": self.time.isoformat().replace("+00:00", "Z") if self.time else "",
            "in_block": self.placed,
            "trust": self.trust.as_dict(),
        }


ANY: Final = AnchorPolicy()


def verify_record(data: bytes, checkpoint: Checkpoint, policy: AnchorPolicy = ANY) -> AnchorVerdict:
    """Return what a record proves about a checkpoint; raises AnchorRefused."""
    record = parse_record(data)
    found = (record.origin, record.size, record.root)
    if found != (checkpoint.origin, checkpoint.size, checkpoint.root):
        raise AnchorRefused(reason="it anchors another checkpoint")
    if isinstance(record, FileRecord):
        return AnchorVerdict(
            kind="file", size=record.size, root=record.root, trust=IN_FILE.format(file=record.file)
        )
    return _chain(record, policy)


def _chain(record: ChainRecord, policy: AnchorPolicy) -> AnchorVerdict:
    signed = read(record.raw)
    _must_anchor(signed, record)
    _must_be_expected(signed, policy)
    header = _block(record) if record.header else None
    known = header is not None and header.hash in policy.known_blocks
    trust = IN_KNOWN_BLOCK if known else IN_BLOCK if header else UNPLACED
    if policy.known_blocks and not known:
        raise AnchorRefused(reason="its block is not among the known ones")
    return AnchorVerdict(
        kind="evm",
        size=record.size,
        root=record.root,
        chain_id=record.chain_id,
        contract=record.contract,
        sender=signed.sender,
        tx_hash=signed.hash,
        block_number=record.block_number,
        block_hash=record.block_hash,
        time=header.time if header else None,
        placed=header is not None,
        trust=trust.format(block=f"0x{record.block_hash.hex()}", chain_id=record.chain_id),
    )


def _must_anchor(signed: Signed, record: ChainRecord) -> None:
    """Check that the transaction anchors the record's checkpoint at the record's place."""
    transaction = signed.transaction
    if (transaction.chain_id, transaction.to) != (record.chain_id, record.contract):
        raise AnchorRefused(reason="the transaction is for another chain or contract")
    call = AnchorCall.decode(transaction.data)
    if (call.origin, call.size, call.root) != (log_id(record.origin), record.size, record.root):
        raise AnchorRefused(reason="the transaction anchors another checkpoint")


def _must_be_expected(signed: Signed, policy: AnchorPolicy) -> None:
    transaction = signed.transaction
    expected = (
        (policy.chain_id, transaction.chain_id, "chain"),
        (policy.contract, transaction.to, "contract"),
        (policy.sender, signed.sender, "sender"),
    )
    for wanted, found, what in expected:
        if wanted is not None and wanted != found:
            raise AnchorRefused(reason=f"the {what} is {found}, not {wanted}")


def _block(record: ChainRecord) -> Header:
    header = read_header(record.header)
    if (header.hash, header.number) != (record.block_hash, record.block_number):
        raise AnchorRefused(reason="the block header has another hash or number")
    root = header.transactions_root
    if not verify_transaction(root, record.index, record.raw, record.proof):
        raise AnchorRefused(reason="the transaction is not in the block")
    return header
