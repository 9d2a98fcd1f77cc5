"""Nodes of chains, each asked about its own chain."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.anchors.errors import AnchorUnavailable
from ledger.title.chain import TitleChain


def serving(chains: Sequence[TitleChain], chain_id: int) -> TitleChain | None:
    """Return the node that serves a chain, None if every node serves another.

    Raises AnchorUnavailable if none is found and one of them did not answer.
    """
    silent: AnchorUnavailable | None = None
    for each in chains:
        try:
            if each.chain_id() == chain_id:
                return each
        except AnchorUnavailable as error:
            silent = error
    if silent is not None:
        raise silent
    return None


def connected(urls: Sequence[str]) -> tuple[TitleChain, ...]:
    """Return the nodes at JSON-RPC addresses; nothing is asked of them yet."""
    if not urls:
        return ()
    from ledger.title.evm import connect

    return tuple(map(connect, urls))
