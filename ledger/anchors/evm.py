"""A node of an EVM chain through web3: in this process (eth-tester), or over JSON-RPC.

The in-process chain is for demonstration, development and tests. Its blocks live in the memory of
ONE process and end with it; its name contains its genesis block, so that what an earlier process
left under way is never mistaken for its own. Anchor records made on it stay verifiable offline.

web3 takes seconds to import: everything of it is imported inside functions, and `warm_up` does it
ahead of time in a thread of its own.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, cast

from ledger.anchors import calls, rlp
from ledger.anchors.account import Account
from ledger.anchors.blocktx import raw_transaction
from ledger.anchors.chain import Block, Fees, Head, Receipt
from ledger.anchors.errors import AnchorUnavailable, NotAContract, SendRefused
from ledger.anchors.header import encode_header
from ledger.anchors.intents import IntentStore
from ledger.anchors.outbox import ChainAnchor, Finality, Target
from ledger.anchors.secp256k1 import checksummed
from ledger.anchors.transaction import ChainSigner, Transaction, transaction_hash

if TYPE_CHECKING:
    from web3 import Web3
    from web3.types import RPCEndpoint, TxData

_TIMEOUT_SECONDS: Final = 10
_DEPLOY_GAS: Final = 2_000_000
_DEFAULT_TIP: Final = 10**9
_ALLOWANCE: Final = 10**21
# What nodes say to a transaction they have, or had: no error, the receipt will tell.
_HAD: Final = re.compile(
    r"already known|known transaction|already imported|already exists|nonce too low"
    r"|nonce is too low|underpriced|invalid transaction nonce",
    re.IGNORECASE,
)


class Web3Chain:
    """One node, as `ledger.anchors.chain.Chain`."""

    def __init__(self, web3: Web3, name: str = "") -> None:
        """Speak through `web3`; the name is `evm-CHAINID` unless given."""
        self._web3 = web3
        self._name = name

    @property
    def name(self) -> str:
        """A short stable name of the chain."""
        self._name = self._name or f"evm-{self.chain_id()}"
        return self._name

    def chain_id(self) -> int:
        """Return the chain id."""
        with self._node():
            return int(self._web3.eth.chain_id)

    def nonce(self, address: str) -> int:
        """Return how many transactions of the address are mined."""
        with self._node():
            return int(self._web3.eth.get_transaction_count(cast("Any", address), "latest"))

    def fees(self) -> Fees:
        """Return base fee of the latest block and the node's advice for the tip."""
        with self._node():
            base = self._web3.eth.get_block("latest").get("baseFeePerGas") or 0
            try:
                tip = int(self._web3.eth.max_priority_fee)
            except (ValueError, KeyError, NotImplementedError):
                tip = _DEFAULT_TIP
        return Fees(int(base), tip)

    def send(self, raw: bytes) -> None:
        """Hand over a raw transaction; one the node has or had is no error. Raises SendRefused."""
        try:
            with self._node():
                self._web3.eth.send_raw_transaction(raw)
        except Exception as refused:
            if isinstance(refused, AnchorUnavailable):
                raise
            if not _HAD.search(str(refused)):
                raise SendRefused(reason=str(refused)[:300]) from refused

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """Return the receipt of a mined transaction."""
        from web3.exceptions import TransactionNotFound

        try:
            with self._node():
                found = self._web3.eth.get_transaction_receipt(cast("Any", tx_hash))
        except TransactionNotFound:
            return None
        if found.get("blockHash") is None:
            return None
        return Receipt(
            tx_hash,
            found["status"] == 1,
            int(found["blockNumber"]),
            bytes(found["blockHash"]),
            int(found["transactionIndex"]),
            int(found["gasUsed"]),
            str(found.get("contractAddress") or ""),
        )

    def head(self) -> Head:
        """Return latest and finalized block number; None where the chain has no such tag."""
        from web3.exceptions import Web3Exception

        with self._node():
            latest = int(self._web3.eth.block_number)
            try:
                finalized = int(self._web3.eth.get_block("finalized")["number"])
            except (Web3Exception, ValueError, KeyError, TypeError):
                return Head(latest, None)
        return Head(latest, finalized)

    def block(self, block_hash: bytes) -> Block | None:
        """Return header and raw transactions of a block."""
        from web3.exceptions import BlockNotFound

        try:
            with self._node():
                found = self._web3.eth.get_block(cast("Any", block_hash), full_transactions=True)
        except (BlockNotFound, ValueError):
            return None
        raw = [self._raw(cast("TxData", each)) for each in found["transactions"]]
        complete = [each for each in raw if each is not None]
        fields = {"extraData": found.get("proofOfAuthorityData"), **found}
        return Block(encode_header(fields), complete if len(complete) == len(raw) else None)

    def call(self, to: str, data: bytes) -> bytes:
        """Return what a contract answers; its address may be in any case."""
        place = checksummed(bytes.fromhex(to.removeprefix("0x")))
        with self._node():
            answer = self._web3.eth.call(cast("Any", {"to": place, "data": f"0x{data.hex()}"}))
        return bytes(answer)

    def _raw(self, fields: TxData) -> bytes | None:
        """Return a transaction of a block as it was sent, asking the node where need be."""
        raw = raw_transaction({"chainId": self.chain_id(), **fields})
        if raw is not None:
            return raw
        method = cast("RPCEndpoint", "eth_getRawTransactionByHash")
        with self._node():
            answer = self._web3.provider.make_request(method, [f"0x{fields['hash'].hex()}"])
        found = bytes.fromhex(str(answer.get("result") or "").removeprefix("0x"))
        return found if found and transaction_hash(found) == bytes(fields["hash"]) else None

    @contextmanager
    def _node(self) -> Iterator[None]:
        """Turn what goes wrong on the way to the node into AnchorUnavailable."""
        import requests

        try:
            yield
        except (requests.RequestException, OSError) as lost:
            raise AnchorUnavailable(where=self._name or "evm", reason=str(lost)[:200]) from lost


class InProcessChain(Web3Chain):
    """A chain in this process; its blocks are read from the chain itself.

    What eth-tester tells of a block leaves things out, so that neither header nor transactions
    could be made again from it.
    """

    def block(self, block_hash: bytes) -> Block | None:
        """Return header and raw transactions of a block."""
        from eth.exceptions import HeaderNotFound

        provider = cast("Any", self._web3.provider)
        try:
            found = provider.ethereum_tester.backend.chain.get_block_by_hash(block_hash)
        except HeaderNotFound:
            return None
        header = type(found.header).serialize(found.header)
        return Block(rlp.encode(header), [each.encode() for each in found.transactions])


def connect(url: str) -> Web3Chain:
    """Return the chain behind a JSON-RPC address; nothing is asked of it yet."""
    from web3 import HTTPProvider, Web3
    from web3.middleware import ExtraDataToPOAMiddleware

    web3 = Web3(HTTPProvider(url, request_kwargs={"timeout": _TIMEOUT_SECONDS}))
    # Chains of a consortium put seals into extraData, which web3 otherwise refuses as too long.
    web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    return Web3Chain(web3)


def in_process(account: ChainSigner) -> InProcessChain:
    """Start a chain in this process and give `account` 1,000 ether of its own making."""
    from web3 import EthereumTesterProvider, Web3

    web3 = Web3(EthereumTesterProvider())
    genesis = web3.eth.get_block(0)["hash"].hex()
    faucet = web3.eth.accounts[0]
    web3.eth.send_transaction(
        {"from": faucet, "to": cast("Any", account.address), "value": cast("Any", _ALLOWANCE)}
    )
    return InProcessChain(web3, f"evm-in-process-{genesis[:8]}")


def deploy(chain: Web3Chain, account: ChainSigner, patience: float = 120.0) -> str:
    """Deploy an anchor contract that `account` will own; return its address.

    Waits up to `patience` seconds for the block. Raises NotAContract if it does not appear.
    """
    fees = chain.fees()
    raw = Transaction(
        chain_id=chain.chain_id(),
        nonce=chain.nonce(account.address),
        tip=fees.tip,
        max_fee=2 * fees.base + fees.tip,
        gas=_DEPLOY_GAS,
        to="",
        data=calls.bytecode(),
    ).signed(account)
    chain.send(raw)
    deadline = time.monotonic() + patience
    while (found := chain.receipt(transaction_hash(raw))) is None:
        if time.monotonic() >= deadline:
            raise NotAContract(where=f"0x{transaction_hash(raw).hex()}")
        time.sleep(0.2)
    if not found.succeeded:
        raise NotAContract(where=found.contract)
    return found.contract


def in_process_anchor(intents: IntentStore, account: ChainSigner | None = None) -> ChainAnchor:
    """Return an anchor on a new chain in this process, contract deployed, final at once."""
    owner = account or Account.generate()
    chain = in_process(owner)
    target = Target(
        contract=deploy(chain, owner),
        chain_id=chain.chain_id(),
        finality=Finality(confirmations=1, use_tag=False),
    )
    return ChainAnchor(chain, owner, target, intents)


def rpc_anchor(url: str, account: ChainSigner, target: Target, intents: IntentStore) -> ChainAnchor:
    """Return an anchor on the contract of `target`, through a node.

    Raises AnchorUnavailable, WrongChain, or NotAContract if `account` does not own the contract.
    """
    return ChainAnchor(connect(url), account, target, intents)


def warm_up() -> Thread:
    """Import web3 and the in-process chain in the background; return the started thread."""
    thread = Thread(target=_import_all, name="evm-warm-up", daemon=True)
    thread.start()
    return thread


def _import_all() -> None:
    from eth_tester import EthereumTester
    from web3 import EthereumTesterProvider

    EthereumTesterProvider(EthereumTester())
