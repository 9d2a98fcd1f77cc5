"""Sending a party's own transaction and waiting for its block."""

from __future__ import annotations

import time
from typing import Final

from ledger.anchors.chain import Receipt
from ledger.anchors.errors import AnchorUnavailable
from ledger.anchors.transaction import ChainSigner, Transaction, transaction_hash
from ledger.title.chain import TitleChain
from ledger.title.errors import CallReverted

_PATIENCE: Final = 45.0
_PAUSE: Final = 0.02
_DEPLOY_GAS: Final = 8_000_000
_SPARE: Final = 5
"""One part in five is added to the gas that the node estimates; what is not used is not paid."""


def send(chain: TitleChain, account: ChainSigner, to: str, data: bytes) -> Receipt:
    """Send a call of `account` and return its receipt.

    The call is tried first, so that a refusal costs nothing. A move that was mined already is
    refused by the state it would come from: sending it again after a crash harms nothing.
    Raises CallReverted, or AnchorUnavailable if no block comes.
    """
    gas = chain.estimate(account.address, to, data)
    return _sent(chain, account, to, data, gas + gas // _SPARE)


def deploy(chain: TitleChain, account: ChainSigner, code: bytes) -> str:
    """Deploy a contract that `account` will govern; return its address."""
    return _sent(chain, account, "", code, _DEPLOY_GAS).contract


def _sent(chain: TitleChain, account: ChainSigner, to: str, data: bytes, gas: int) -> Receipt:
    fees = chain.fees()
    raw = Transaction(
        chain_id=chain.chain_id(),
        nonce=chain.nonce(account.address),
        tip=fees.tip,
        max_fee=2 * fees.base + fees.tip,
        gas=gas,
        to=to,
        data=data,
    ).signed(account)
    chain.send(raw)
    deadline = time.monotonic() + _PATIENCE
    while (found := chain.receipt(transaction_hash(raw))) is None:
        if time.monotonic() >= deadline:
            raise AnchorUnavailable(where=chain.name, reason="the transaction is not mined")
        time.sleep(_PAUSE)
    if not found.succeeded:
        raise CallReverted(where=to, reason="another move came first")
    return found
