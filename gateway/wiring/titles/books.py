"""The title registers that the settings name, as the lading room asks them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final

from gateway.lading.desk import Peers
from gateway.lading.refusals import PeerSilent
from gateway.lading.titlebook import TitleBook
from gateway.settings import Settings
from gateway.settings.lading import TitleRegister
from gateway.wiring.log.chainaccount import chain_account
from gateway.wiring.titles.chain import ChainBook
from gateway.wiring.titles.entries import Entries, OwnEntries, PeerEntries
from gateway.wiring.titles.log import LogBook
from gateway.wiring.titles.titling import TitleDesk
from ledger.anchors.secp256k1 import checksummed
from ledger.title.chain import TitleChain
from schemas.clock import Clock
from schemas.text import Text

_ADDRESS: Final = "0x"
_NONE: Final = "00" * 32
"""The id of no title."""


def of(
    settings: Settings, titles: Callable[[], TitleDesk], peers: Peers, clock: Clock
) -> Mapping[str, TitleBook]:
    """Return the registers by their URIs; no chain and no peer is asked yet."""
    found: dict[str, TitleBook] = {}
    for one in settings.lading.registers:
        if one.kind == "log":
            found[one.uri] = _log(settings, one, titles(), peers, clock)
        else:
            found[one.uri] = _chain(settings, one)
    return found


def examined(settings: Settings) -> Iterator[tuple[str, Text | None]]:
    """Yield each contract that bills may name with our account, and what is wrong with it."""
    for one in settings.lading.registers:
        if one.kind == "log":
            continue
        book = _chain(settings, one)
        place = f"{one.uri} {book.own}"
        try:
            book.read(_NONE)
        except PeerSilent as error:
            yield place, error.reason
        else:
            yield place, None


def _log(
    settings: Settings, one: TitleRegister, titles: TitleDesk, peers: Peers, clock: Clock
) -> LogBook:
    entries: Entries = OwnEntries(titles)
    if one.peer:
        entries = PeerEntries(one.name, partial(peers.call, one.peer))
    return LogBook(entries, titles.agent, clock, _accounts(settings, chain=False))


def _chain(settings: Settings, one: TitleRegister) -> ChainBook:
    chain_id, contract = one.on_chain
    return ChainBook(
        connect=partial(_connected, one.rpc_url),
        chain_id=chain_id,
        contract=_spelt(contract),
        sender=chain_account(settings, one.key),
        tradetrust=one.kind == "tradetrust",
        confirmations=one.confirmations,
        since=one.since,
        platforms=_accounts(settings, chain=True),
    )


def _connected(url: str) -> TitleChain:
    from ledger.title.evm import connect

    return connect(url)


def _accounts(settings: Settings, *, chain: bool) -> Mapping[str, str]:
    """Return the account of each peer on chains, or on logs."""
    return {
        peer.code: _spelt(account) if chain else account
        for peer in settings.lading.peers
        for account in reversed(peer.accounts)
        if account.startswith(_ADDRESS) is chain
    }


def _spelt(address: str) -> str:
    """Return an address with the capitals of its checksum (EIP-55), as chains give it back."""
    return checksummed(bytes.fromhex(address.removeprefix(_ADDRESS)))
