"""Anchors checkpoints on an EVM chain, through intents that survive crashes, outages and reorgs.

One writer per chain account. The order of every step: store, then act.

    submit    plan (nonce, proof) stored -> raw transaction signed and stored -> sent
    advance   for each intent that is not settled: look for a receipt of ANY of its transactions;
              none: send the same bytes again, with more fee once it is stuck;
              mined: wait for the finalized tag or the confirmations; gone again: back to sent
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from typing import Final

from ledger.anchors import calls
from ledger.anchors.base import AnchorStatus, Consistency, status_of
from ledger.anchors.chain import Chain, Fees, Receipt
from ledger.anchors.errors import NotAContract, WrongChain
from ledger.anchors.header import read_header
from ledger.anchors.intents import Attempt, Intent, IntentStore, State
from ledger.anchors.record import ChainRecord
from ledger.anchors.transaction import ChainSigner, Transaction, transaction_hash
from ledger.anchors.trie import transaction_proof, transactions_root
from ledger.checkpoint import Checkpoint
from ledger.errors import SplitView

_GAS: Final = 250_000
_BUMP: Final = (9, 8)
"""A replacement pays 12.5 % more on both fees; nodes want at least 10 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finality:
    """When an anchor counts: by the `finalized` tag where the chain has it, else by depth."""

    confirmations: int = 12
    use_tag: bool = True

    def reached(self, block: int, latest: int, finalized: int | None) -> bool:
        """Tell whether a block is final."""
        if self.use_tag and finalized is not None:
            return block <= finalized
        return latest - block + 1 >= self.confirmations


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to anchor: contract, chain id, when it is final, when a transaction is stuck."""

    contract: str
    chain_id: int
    finality: Finality = Finality()
    stuck_seconds: float = 90.0


class ChainAnchor:
    """The anchor on one contract of one chain, for every log that the account anchors there."""

    def __init__(
        self,
        chain: Chain,
        account: ChainSigner,
        target: Target,
        intents: IntentStore,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Anchor with `account`, which must own the contract. Raises WrongChain, NotAContract."""
        self._chain = chain
        self._account = account
        self._target = target
        self._intents = intents
        self._clock = clock
        self._lock = Lock()
        found = chain.chain_id()
        if found != target.chain_id:
            raise WrongChain(found=found, expected=target.chain_id)
        owner = chain.call(target.contract, calls.selector(calls.OWNER))
        if owner[-20:] != bytes.fromhex(account.address.removeprefix("0x")):
            raise NotAContract(where=target.contract)

    @property
    def name(self) -> str:
        """Chain and contract."""
        return f"{self._chain.name}:{self._target.contract}"

    def submit(self, checkpoint: Checkpoint, consistency: Consistency) -> AnchorStatus:
        """Anchor a checkpoint; raises SplitView if a different one of its size is anchored."""
        with self._lock:
            known = self._intents.find(checkpoint.origin, checkpoint.size, self.name)
            if known is not None and known.state is not State.FAILED:
                if known.root != checkpoint.root:
                    raise SplitView(old=known.size, new=checkpoint.size)
                return status_of(known)
            return status_of(self._send(self._plan(checkpoint, consistency)))

    def advance(self) -> list[AnchorStatus]:
        """Look at every intent under way; return those that moved."""
        with self._lock:
            moved = []
            for intent in self._intents.unsettled(self.name):
                after = self._watch(intent)
                if after != intent:
                    self._intents.save(after)
                    moved.append(status_of(after))
            return moved

    def status(self, checkpoint: Checkpoint) -> AnchorStatus | None:
        """Return how far a checkpoint is."""
        known = self._intents.find(checkpoint.origin, checkpoint.size, self.name)
        return None if known is None else status_of(known)

    def anchored(self, origin: str) -> tuple[int, bytes]:
        """Return size and root that the contract holds of a log now."""
        log, contract = calls.log_id(origin), self._target.contract
        size = self._chain.call(contract, calls.selector(calls.SIZE) + log)
        root = self._chain.call(contract, calls.selector(calls.ROOT) + log)
        return int.from_bytes(size, "big"), root

    def _plan(self, checkpoint: Checkpoint, consistency: Consistency) -> Intent:
        """Store what will be done; nonce and base follow from contract and what is under way."""
        waiting = self._intents.unsettled(self.name)
        sizes = [intent.size for intent in waiting if intent.origin == checkpoint.origin]
        base = max(sizes, default=0) or self.anchored(checkpoint.origin)[0]
        nonce = self._chain.nonce(self._account.address)
        nonce = max([nonce, *(intent.nonce + 1 for intent in waiting)])
        intent = Intent(
            origin=checkpoint.origin,
            size=checkpoint.size,
            anchor=self.name,
            root=checkpoint.root,
            base=base,
            nonce=nonce,
        )
        if base >= checkpoint.size:
            intent = intent.moved(State.SUPERSEDED)
        elif base:
            intent = replace(intent, proof=tuple(consistency(base, checkpoint.size)))
        self._intents.save(intent)
        return intent

    def _send(self, intent: Intent) -> Intent:
        if intent.state.settled:
            return intent
        intent = self._signed(intent, self._chain.fees())
        self._intents.save(intent)
        self._chain.send(intent.attempts[-1].raw)
        after = self._watch(intent)
        self._intents.save(after)
        return after

    def _signed(self, intent: Intent, fees: Fees) -> Intent:
        """Return the intent with one more signed transaction, dearer than the last."""
        tip, max_fee = fees.tip, 2 * fees.base + fees.tip
        if intent.attempts:
            last = intent.attempts[-1]
            tip, max_fee = max(tip, _bumped(last.tip)), max(max_fee, _bumped(last.max_fee))
        transaction = Transaction(
            chain_id=self._target.chain_id,
            nonce=intent.nonce,
            tip=tip,
            max_fee=max_fee,
            gas=_GAS,
            to=self._target.contract,
            data=_call(intent).encode(),
        )
        raw = transaction.signed(self._account)
        attempt = Attempt(transaction_hash(raw), raw, max_fee, tip, self._clock())
        return intent.moved(State.SENT, attempts=(*intent.attempts, attempt))

    def _watch(self, intent: Intent) -> Intent:
        if intent.state is State.PLANNED:
            return self._send(intent)
        # The nonce is read first: if it is used and no receipt is ours, somebody else used it.
        used = self._chain.nonce(self._account.address) > intent.nonce
        for attempt in reversed(intent.attempts):
            receipt = self._chain.receipt(attempt.hash)
            if receipt is not None:
                return self._mined(intent, attempt, receipt)
        if used:
            return self._overtaken(intent)
        return self._again(replace(intent, record=b"", block_number=0))

    def _mined(self, intent: Intent, attempt: Attempt, receipt: Receipt) -> Intent:
        place = {"block_number": receipt.block_number, "gas_used": receipt.gas_used}
        if not receipt.succeeded:
            return intent.moved(State.FAILED, **place)
        head = self._chain.head()
        final = self._target.finality.reached(receipt.block_number, head.latest, head.finalized)
        record = bytes(self._record(intent, attempt, receipt))
        return intent.moved(State.FINAL if final else State.MINED, record=record, **place)

    def _overtaken(self, intent: Intent) -> Intent:
        """The nonce went to a transaction that is not ours: plan anew, unless it is covered."""
        size, root = self.anchored(intent.origin)
        if size == intent.size and root == intent.root:
            return intent  # ours is in: the node behind the next call will show its receipt
        if size != intent.base:
            return intent.moved(State.SUPERSEDED if size > intent.size else State.FAILED)
        return self._send(replace(intent, nonce=self._chain.nonce(self._account.address)))

    def _again(self, intent: Intent) -> Intent:
        """Send the same bytes again, or, once they are stuck, the same call for more fee."""
        stuck = self._clock() - intent.attempts[-1].at >= self._target.stuck_seconds
        if stuck:
            intent = self._signed(intent, self._chain.fees())
            self._intents.save(intent)
        self._chain.send(intent.attempts[-1].raw)
        return intent.moved(State.SENT)

    def _record(self, intent: Intent, attempt: Attempt, receipt: Receipt) -> ChainRecord:
        """Return the record, with header and proof if the node's answers fit each other."""
        record = ChainRecord(
            origin=intent.origin,
            size=intent.size,
            root=intent.root,
            chain_id=self._target.chain_id,
            contract=self._target.contract,
            raw=attempt.raw,
            block_number=receipt.block_number,
            block_hash=receipt.block_hash,
            index=receipt.index,
        )
        block = self._chain.block(receipt.block_hash)
        if block is None or block.transactions is None:
            return record
        header, raw = read_header(block.header), block.transactions
        fits = header.hash == receipt.block_hash and (
            transactions_root(raw) == header.transactions_root
        )
        if not fits:
            return record
        proof = tuple(transaction_proof(raw, receipt.index))
        return replace(record, header=block.header, proof=proof)


def _call(intent: Intent) -> calls.AnchorCall:
    return calls.AnchorCall(calls.log_id(intent.origin), intent.size, intent.root, intent.proof)


def _bumped(fee: int) -> int:
    numerator, denominator = _BUMP
    return -(-fee * numerator // denominator)
