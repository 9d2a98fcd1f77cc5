"""What an anchor asks of a chain: the calls of a node, as a Protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Fees:
    """What the node thinks inclusion costs now: base fee and tip, wei per gas."""

    base: int
    tip: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a transaction was mined, and whether it did what it should."""

    tx_hash: bytes
    succeeded: bool
    block_number: int
    block_hash: bytes
    index: int
    gas_used: int
    contract: str


@dataclass(frozen=True, slots=True)
class Head:
    """Number of the latest block, and of the latest finalized one where the chain has that tag."""

    latest: int
    finalized: int | None


@dataclass(frozen=True, slots=True)
class Block:
    """A block's header (RLP) and its raw transactions; None if the node does not give them."""

    header: bytes
    transactions: Sequence[bytes] | None


class Chain(Protocol):
    """A node of one chain; raises AnchorUnavailable when it does not answer."""

    @property
    def name(self) -> str:
        """A short stable name, the same for every connection to the same chain."""
        ...

    def chain_id(self) -> int:
        """Return the chain id (EIP-155)."""
        ...

    def nonce(self, address: str) -> int:
        """Return how many transactions of the address are in the latest block and before."""
        ...

    def fees(self) -> Fees:
        """Return what inclusion costs now."""
        ...

    def send(self, raw: bytes) -> None:
        """Hand over a raw transaction.

        One that the node has already, or whose nonce is used, is no error: the receipt tells.
        Raises SendRefused for everything else the node does not like.
        """
        ...

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """Return the receipt of a mined transaction, None while it is not in the chain."""
        ...

    def head(self) -> Head:
        """Return latest and finalized block number."""
        ...

    def block(self, block_hash: bytes) -> Block | None:
        """Return a block that is in the chain."""
        ...

    def call(self, to: str, data: bytes) -> bytes:
        """Return what a contract answers, b"" where there is none."""
        ...
