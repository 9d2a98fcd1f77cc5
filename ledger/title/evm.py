"""Titles on an EVM chain through web3: over JSON-RPC, or in this process (eth-tester).

web3 takes seconds to import: everything of it is imported inside functions.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast

from ledger.anchors.errors import WrongChain
from ledger.anchors.evm import Web3Chain
from ledger.anchors.transaction import ChainSigner
from ledger.title.chain import Event
from ledger.title.chaintitles import ChainTitles, SlotTitles, TradeTrustTitles
from ledger.title.errors import CallReverted
from ledger.title.reverts import reason
from ledger.title.slot import SlotRegister
from ledger.title.tradetrust import TitleStatus, TradeTrustRegistry, status_on

if TYPE_CHECKING:
    from web3 import Web3

_TIMEOUT_SECONDS: Final = 10
_ALLOWANCE: Final = 10**20
_REVERTS: Final = ("ContractLogicError", "ContractCustomError", "TransactionFailed")
"""How web3 and eth-tester call a revert; eth-tester is not loaded to ask for its class."""


class TitleNode(Web3Chain):
    """One node, as `ledger.title.chain.TitleChain`."""

    def view(self, to: str, data: bytes) -> bytes | None:
        """Return what a contract answers, None if the call reverts."""
        try:
            return self.call(to, data)
        except Exception as error:
            if _reverted(to, error) is None:
                raise
            return None

    def events(self, contract: str, since: int, *topics: bytes | None) -> list[Event]:
        """Return a contract's events from block `since` on, with these topics (None: any)."""
        asked = {
            "address": contract,
            "fromBlock": since,
            "toBlock": "latest",
            "topics": [each and f"0x{each.hex()}" for each in topics],
        }
        with self._node():
            found = self._web3.eth.get_logs(cast("Any", asked))
        return [
            Event(
                str(each["address"]),
                tuple(bytes(topic) for topic in each["topics"]),
                bytes(each["data"]),
                int(each["blockNumber"]),
                bytes(each["transactionHash"]),
                int(each["transactionIndex"]),
            )
            for each in sorted(found, key=lambda each: (each["blockNumber"], each["logIndex"]))
        ]

    def mined_at(self, block_number: int) -> datetime:
        """Return the time of a block."""
        with self._node():
            found = self._web3.eth.get_block(cast("Any", block_number))
        return datetime.fromtimestamp(int(found["timestamp"]), UTC)

    def estimate(self, sender: str, to: str, data: bytes) -> int:
        """Return the gas a call would take; raises CallReverted with what the contract said."""
        asked = {"from": sender, "to": to, "data": f"0x{data.hex()}"}
        try:
            with self._node():
                return int(self._web3.eth.estimate_gas(cast("Any", asked)))
        except Exception as error:
            refused = _reverted(to, error)
            if refused is None:
                raise
            raise refused from error


def connect(url: str) -> TitleNode:
    """Return the chain behind a JSON-RPC address; nothing is asked of it yet."""
    from web3 import HTTPProvider, Web3

    return TitleNode(Web3(HTTPProvider(url, request_kwargs={"timeout": _TIMEOUT_SECONDS})))


def in_process(*addresses: str) -> TitleNode:
    """Start a chain in this process, for tests and demonstration, and give each address ether."""
    from web3 import EthereumTesterProvider, Web3

    web3 = Web3(EthereumTesterProvider())
    for address in addresses:
        _give(web3, address)
    return TitleNode(web3, "evm-in-process")


def title_status(url: str, registry: str, token_id: bytes, chain_id: int) -> TitleStatus:
    """Return what a TradeTrust registry says of a title, honestly: live only when it is.

    `token_id` has 32 bytes. A node that does not answer, another chain, or a contract that is no
    registry give `unknown` with the reason.
    """
    return TradeTrustRegistry(connect(url), registry).checked_status(token_id, chain_id)


def slot_status(url: str, contract: str, title: bytes, chain_id: int) -> TitleStatus:
    """Return what a contract of ours says of a title, as `title_status` of a registry."""
    chain = connect(url)
    titles = SlotTitles(SlotRegister(chain, contract))
    return status_on(chain, chain_id, lambda: titles.status(title))


def deploy_register(url: str, account: ChainSigner, chain_id: int) -> str:
    """Deploy our contract, in which `account` has all roles; return its address.

    Raises WrongChain, AnchorUnavailable, CallReverted.
    """
    chain = connect(url)
    if chain.chain_id() != chain_id:
        raise WrongChain(found=chain.chain_id(), expected=chain_id)
    return SlotRegister.deployed(chain, account).address


def give_roles(
    url: str, chain_id: int, contract: str, account: ChainSigner, given: tuple[str, int]
) -> None:
    """Set what a party may do in our contract: its address, and the sum of its roles.

    Raises WrongChain, AnchorUnavailable, CallReverted.
    """
    slots_at(url, contract, chain_id).give_roles(account, *given)


def titles_at(url: str, contract: str, chain_id: int, *, ours: bool) -> ChainTitles:
    """Return the titles of a contract of ours, or of a TradeTrust registry; raises WrongChain."""
    slots = slots_at(url, contract, chain_id)
    if ours:
        return SlotTitles(slots)
    return TradeTrustTitles(TradeTrustRegistry(slots.chain, contract))


def slots_at(url: str, contract: str, chain_id: int) -> SlotRegister:
    """Return a contract of ours behind a JSON-RPC address; raises WrongChain."""
    chain = connect(url)
    if chain.chain_id() != chain_id:
        raise WrongChain(found=chain.chain_id(), expected=chain_id)
    return SlotRegister(chain, contract)


def _give(web3: Web3, address: str) -> None:
    web3.eth.send_transaction(
        {
            "from": web3.eth.accounts[0],
            "to": cast("Any", address),
            "value": cast("Any", _ALLOWANCE),
        }
    )


def _reverted(to: str, error: Exception) -> CallReverted | None:
    """Return what a contract said when it reverted, None for any other trouble."""
    if type(error).__name__ not in _REVERTS:
        return None
    said = _said(error)
    if isinstance(said, str):
        return CallReverted(where=to, reason=said)
    return CallReverted(where=to, reason=reason(said), data=said)


def _said(error: Exception) -> bytes | str:
    """Return the revert data; of eth-tester it may be the reason in words instead."""
    found = getattr(error, "data", None) or (error.args[0] if error.args else b"")
    if isinstance(found, bytes):
        return found
    if isinstance(found, str) and found.startswith("0x"):
        return bytes.fromhex(found[2:])
    return str(found).removeprefix("execution reverted: ")[:200]
