"""A chain in memory that can be made to behave badly: reorganise, forget, stall, lie, be away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ledger.anchors import calls, rlp
from ledger.anchors.chain import Block, Fees, Head, Receipt
from ledger.anchors.errors import AnchorUnavailable, SendRefused
from ledger.anchors.header import read_header
from ledger.anchors.secp256k1 import keccak256
from ledger.anchors.transaction import Signed, transaction_hash
from ledger.anchors.transaction import read as read_anew
from ledger.anchors.trie import transactions_root
from ledger.merkle import EMPTY_ROOT, verify_consistency

CHAIN_ID = 4711
CONTRACT = "0x" + "00" * 19 + "01"
_BASE = 10**9


@lru_cache
def read(raw: bytes) -> Signed:
    """Read a transaction once, however often the chain is asked."""
    return read_anew(raw)


@dataclass
class FakeChain:
    """One chain; `owner` may anchor, and the contract checks the consistency proof."""

    owner: str
    automine: bool = True
    down: bool = False
    finalized: int | None = None
    min_tip: int = 0
    blocks: list[list[bytes]] = field(default_factory=list)
    pool: dict[int, bytes] = field(default_factory=dict)
    sent: list[bytes] = field(default_factory=list)
    salt: int = 0
    name: str = "fake"

    def chain_id(self) -> int:
        """Return the chain id."""
        return CHAIN_ID

    def nonce(self, address: str) -> int:
        """Return the number of mined transactions."""
        self._must_be_up()
        assert address == self.owner
        return sum(map(len, self.blocks))

    def fees(self) -> Fees:
        """Return constant fees."""
        self._must_be_up()
        return Fees(_BASE, 10**9)

    def send(self, raw: bytes) -> None:
        """Take a transaction into the pool, replacing only for at least 10 % more fee."""
        self._must_be_up()
        self.sent.append(raw)
        signed = read(raw)
        if signed.transaction.chain_id != CHAIN_ID:
            raise SendRefused(reason="wrong chain id")
        nonce = signed.transaction.nonce
        if nonce < self.nonce(self.owner) or self.pool.get(nonce) == raw:
            return
        if nonce in self.pool:
            old = read(self.pool[nonce]).transaction
            if signed.transaction.tip < old.tip * 1.1:
                return
        self.pool[nonce] = raw
        if self.automine:
            self.mine()

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """Return the receipt of a mined transaction."""
        self._must_be_up()
        for number, transactions in enumerate(self.blocks, 1):
            for index, raw in enumerate(transactions):
                if transaction_hash(raw) == tx_hash:
                    ok = self._replay(number)[1][tx_hash]
                    block_hash = self._hash(number)
                    return Receipt(tx_hash, ok, number, block_hash, index, 50_000, "")
        return None

    def head(self) -> Head:
        """Return the latest block and, where the chain has that tag, the finalized one."""
        self._must_be_up()
        return Head(len(self.blocks), self.finalized)

    def block(self, block_hash: bytes) -> Block | None:
        """Return a block of the chain."""
        self._must_be_up()
        for number in range(1, len(self.blocks) + 1):
            if self._hash(number) == block_hash:
                return Block(self._header(number), self.blocks[number - 1])
        return None

    def call(self, to: str, data: bytes) -> bytes:
        """Answer the views of the contract."""
        self._must_be_up()
        logs, _ = self._replay(len(self.blocks))
        size, root = logs.get(data[4:], (0, EMPTY_ROOT))
        answers = {
            calls.selector(calls.OWNER): bytes.fromhex(self.owner[2:]).rjust(32, b"\x00"),
            calls.selector(calls.SIZE): size.to_bytes(32, "big"),
            calls.selector(calls.ROOT): root,
        }
        return answers[data[:4]] if to == CONTRACT else b""

    def mine(self, blocks: int = 1) -> None:
        """Mine blocks with what the pool offers in order of nonces and for enough fee."""
        used = sum(map(len, self.blocks))
        for _ in range(blocks):
            self.blocks.append([])
            while True:
                raw = self.pool.get(used)
                if raw is None or read(raw).transaction.tip < self.min_tip:
                    break
                self.blocks[-1].append(self.pool.pop(used))
                used += 1

    def reorg(self, depth: int, *, forget: bool) -> None:
        """Replace the last blocks by empty ones; their transactions go to the pool, or nowhere."""
        kept = len(self.blocks) - depth
        gone = [raw for block in self.blocks[kept:] for raw in block]
        self.blocks[kept:] = []
        self.pool = {} if forget else {read(raw).transaction.nonce: raw for raw in gone}
        self.salt += 1
        self.blocks += [[] for _ in range(depth + 1)]

    def effective(self) -> list[int]:
        """Return the sizes that were anchored with success, in order."""
        outcomes = self._replay(len(self.blocks))[1]
        raws = [raw for block in self.blocks for raw in block]
        return [
            calls.AnchorCall.decode(read(raw).transaction.data).size
            for raw in raws
            if outcomes[transaction_hash(raw)]
        ]

    def _replay(self, blocks: int) -> tuple[dict[bytes, tuple[int, bytes]], dict[bytes, bool]]:
        logs: dict[bytes, tuple[int, bytes]] = {}
        outcomes = {}
        for raw in (raw for block in self.blocks[:blocks] for raw in block):
            data = read(raw).transaction.data
            call = calls.AnchorCall.decode(data) if data else None
            held = logs.get(call.origin, (0, EMPTY_ROOT)) if call else (0, EMPTY_ROOT)
            ok = call is not None and _accepted(*held, call)
            outcomes[transaction_hash(raw)] = ok
            if call is not None and ok:
                logs[call.origin] = (call.size, call.root)
        return logs, outcomes

    def _header(self, number: int) -> bytes:
        root = transactions_root(self.blocks[number - 1])
        parent = keccak256(b"%d %d" % (self.salt, number))
        fields: Sequence[rlp.Item] = [
            parent,
            bytes(32),
            bytes(20),
            bytes(32),
            root,
            bytes(32),
            bytes(256),
            b"",
            rlp.number(number),
            b"",
            b"",
            rlp.number(1_800_000_000 + number),
            b"",
            bytes(32),
            bytes(8),
        ]
        return rlp.encode(fields)

    def _hash(self, number: int) -> bytes:
        return read_header(self._header(number)).hash

    def _must_be_up(self) -> None:
        if self.down:
            raise AnchorUnavailable(where=self.name, reason="switched off by the test")


def _accepted(size: int, root: bytes, call: calls.AnchorCall) -> bool:
    if call.size <= size:
        return False
    if size == 0:
        return not call.proof
    return verify_consistency(size, call.size, root, call.root, call.proof)
