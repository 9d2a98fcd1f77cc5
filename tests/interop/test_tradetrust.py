"""Titles in TradeTrust's own contracts: our driver beside their client, and what both leave."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.anchors.account import Account
from ledger.title.chaintitles import ChainTitles, SlotTitles, TradeTrustTitles
from ledger.title.entry import MAX_REMARK
from ledger.title.errors import BadAnswer, CallReverted
from ledger.title.evm import TitleNode, connect, title_status
from ledger.title.machine import Move, issue
from ledger.title.slot import SlotRegister
from ledger.title.state import Kind, Location, Roles, Terms
from ledger.title.tradetrust import BURNT, Status, TradeTrustRegistry
from ledger.title.tradetrust_events import endorsement_chain
from tests.interop.node import Node, anvil
from tests.interop.tradetrust import deployed, installed, their_client

pytestmark = [pytest.mark.interop, pytest.mark.timeout(180)]

PARTIES = {name: Account.generate() for name in ("ISSUER", "A", "B", "C")}
TOKEN = bytes(range(32))
REMARK = b"endorsed at CNSHA"
LIFE = [
    Move("issue", "ISSUER", ("A", "A")),
    Move("transferHolder", "A", ("B",)),
    Move("nominate", "A", ("C",)),
    Move("nominate", "A", (None,)),
    Move("nominate", "A", ("C",)),
    Move("transferBeneficiary", "B", ("C",)),
    Move("rejectTransferBeneficiary", "C"),
    Move("transferHolder", "B", ("C",)),
    Move("rejectTransferHolder", "C"),
    Move("nominate", "A", ("C",)),
    Move("transferOwners", "B", ("C", "C")),
    Move("transferBeneficiary", "C", ("C",)),
    Move("transferOwners", "C", ("A", "A")),
    Move("rejectTransferOwners", "A"),
    Move("nominate", "C", ("B",)),
    Move("returnToIssuer", "C"),
    Move("restore", "ISSUER"),
    Move("returnToIssuer", "C"),
    Move("burn", "ISSUER"),
]
OLD_LIFE = [
    *LIFE[:6],
    Move("nominate", "C", ("A",)),
    Move("transferOwners", "B", ("A", "A")),
    Move("transferBeneficiary", "A", ("A",)),
    Move("transferOwners", "A", ("C", "C")),
    *LIFE[15:],
]


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A node with every party funded."""
    installed()
    with anvil() as running:
        for account in PARTIES.values():
            running.fund(account.address)
        yield running


@pytest.fixture(scope="module")
def chain(node: Node) -> TitleNode:
    """The node as title drivers see it."""
    return connect(node.url)


def addressed(move: Move) -> Move:
    """Return a move with addresses for party names."""
    args = tuple(PARTIES[each].address if each else None for each in move.args)
    return replace(move, actor=PARTIES[move.actor].address, args=args)


def play(registry: TradeTrustRegistry, life: list[Move], remark: bytes = REMARK) -> list[int]:
    """Play moves with our driver; return the gas of each."""
    return [
        registry.perform(PARTIES[move.actor], TOKEN, addressed(move), remark).gas_used
        for move in life
    ]


@pytest.mark.parametrize("remark", [b"", REMARK, b"\xff" * MAX_REMARK])
def test_our_driver_leaves_their_state_and_gas(node: Node, chain: TitleNode, remark: bytes) -> None:
    """Each of 19 actions costs the same gas as with their client, and the end is the same."""
    theirs = their_client(node.url, PARTIES, TOKEN, LIFE, remark)
    registry = deployed(chain, PARTIES["ISSUER"])
    assert play(registry, LIFE, remark) == theirs["gas"]
    other = TradeTrustRegistry(chain, theirs["registry"])
    assert registry.state(TOKEN) == replace(other.state(TOKEN), terms=registry.state(TOKEN).terms)
    assert theirs["state"]["owner"] == BURNT
    assert other.status(TOKEN).status is registry.status(TOKEN).status is Status.ENDED


def test_events_tell_the_history_that_was_played(chain: TitleNode) -> None:
    """The endorsement chain has each action once, its actor, its remark, the state after it."""
    registry = deployed(chain, PARTIES["ISSUER"])
    for count, move in enumerate(LIFE, 1):
        play(registry, [move])
        links = endorsement_chain(registry, TOKEN)
        assert links[-1].state == registry.state(TOKEN)
        assert len(links) == count
    for link, move in zip(links, LIFE, strict=True):
        expected = addressed(move)
        actor = registry.address if move.actor == "ISSUER" else expected.actor
        assert link.move == replace(expected, actor=actor)
        assert link.remark == REMARK


def test_status_is_never_live_when_it_is_not(node: Node, chain: TitleNode) -> None:
    """Live, surrendered, restored, paused, ended, never issued, no registry, other chain."""
    registry = deployed(chain, PARTIES["ISSUER"])
    at, chain_id = registry.address, chain.chain_id()

    def status() -> Status:
        return title_status(node.url, at, TOKEN, chain_id).status

    assert status() is Status.UNKNOWN
    play(registry, LIFE[:2])
    found = title_status(node.url, at, TOKEN, chain_id)
    assert (found.status, found.version, found.paused) == (Status.LIVE, 5, False)
    assert found.holder == PARTIES["B"].address
    assert title_status(node.url, at, TOKEN, chain_id + 1).status is Status.UNKNOWN
    assert title_status("http://127.0.0.1:9", at, TOKEN, chain_id).status is Status.UNKNOWN
    for foreign in (PARTIES["A"].address, registry.factory, registry.escrow(TOKEN)):
        assert title_status(node.url, foreign, TOKEN, chain_id).status is Status.UNKNOWN
    play(registry, [Move("transferHolder", "B", ("A",)), Move("returnToIssuer", "A")])
    assert status() is Status.SURRENDERED
    play(registry, [Move("restore", "ISSUER")])
    assert status() is Status.LIVE
    play(registry, [Move("pause", "ISSUER")])
    assert registry.status(TOKEN).paused
    play(registry, [Move("unpause", "ISSUER"), Move("returnToIssuer", "A"), Move("burn", "ISSUER")])
    assert status() is Status.ENDED


def test_refusals_are_said_and_cost_nothing(chain: TitleNode) -> None:
    """Another actor, a used id, a remark that is too long: CallReverted, the state as before."""
    registry = deployed(chain, PARTIES["ISSUER"])
    play(registry, LIFE[:1])
    before = registry.state(TOKEN)
    for move, remark, word in (
        (Move("transferHolder", "B", ("C",)), b"", "CallerNotHolder"),
        (Move("issue", "ISSUER", ("B", "B")), b"", "TokenExists"),
        (Move("transferHolder", "A", ("B",)), bytes(MAX_REMARK + 1), "RemarkLengthExceeded"),
        (Move("burn", "ISSUER"), b"", "TokenNotReturnedToIssuer"),
        (Move("restore", "A"), b"", "AccessControlUnauthorizedAccount"),
    ):
        with pytest.raises(CallReverted, match=word):
            play(registry, [move], remark)
    assert registry.state(TOKEN) == before


def test_version_4_is_read(chain: TitleNode) -> None:
    """A registry of version 4: its life is played without remarks, and told by its events."""
    registry = deployed(chain, PARTIES["ISSUER"], version=4)
    assert registry.version == 4
    for count, move in enumerate(OLD_LIFE, 1):
        play(registry, [move])
        links = endorsement_chain(registry, TOKEN)
        assert (len(links), links[-1].state) == (count, registry.state(TOKEN))
    assert registry.status(TOKEN).status is Status.ENDED
    assert registry.state(TOKEN).location is Location.ENDED


def test_what_is_no_registry_is_not_read(chain: TitleNode) -> None:
    """An address without registry has no version, no state."""
    nothing = TradeTrustRegistry(chain, PARTIES["A"].address)
    with pytest.raises(BadAnswer):
        _ = nothing.version
    with pytest.raises(BadAnswer):
        nothing.state(TOKEN)


def test_both_drivers_tell_one_life_alike(chain: TitleNode) -> None:
    """Through one Protocol, our contract and TradeTrust's: the same states, links and statuses."""
    both: list[ChainTitles] = [
        TradeTrustTitles(deployed(chain, PARTIES["ISSUER"])),
        SlotTitles(SlotRegister.deployed(chain, PARTIES["ISSUER"])),
    ]
    told = []
    for titles in both:
        first = issue(
            Terms(roles=Roles.of(titles.office)),
            Kind.ESCROW,
            replace(addressed(LIFE[0]), actor=titles.office),
        )
        titles.issue(PARTIES["ISSUER"], TOKEN, first, REMARK)
        seen = [(titles.status(TOKEN).status, titles.state(TOKEN).as_dict())]
        for move in LIFE[1:]:
            titles.perform(PARTIES[move.actor], TOKEN, addressed(move), REMARK)
            seen.append((titles.status(TOKEN).status, titles.state(TOKEN).as_dict()))
        links = titles.history(TOKEN)
        assert [link.state.as_dict() for link in links] == [state for _, state in seen]
        assert [link.move.action for link in links] == [move.action for move in LIFE]
        assert titles.status(bytes(32)).status is Status.UNKNOWN
        told.append(seen)
    assert told[0] == told[1]


def test_our_contract_is_deployed_and_asked_by_command(node: Node, tmp_path: Path) -> None:
    """`title deploy`, an issue, `title status --ours`: live, and unknown on another chain."""
    PARTIES["ISSUER"].save(tmp_path / "chain.pem")
    chain_id = str(node.chain.chain_id())
    at = ("--rpc", node.url, "--chain-id", chain_id)
    made = _silkgate("deploy", *at, "--key", str(tmp_path / "chain.pem"))
    register = SlotRegister(connect(node.url), made["contract"])
    first = issue(
        register.genesis, Kind.ESCROW, replace(addressed(LIFE[0]), actor=register.address)
    )
    register.issue(PARTIES["ISSUER"], TOKEN, first)
    asked = ("status", TOKEN.hex(), "--registry", made["contract"], "--ours")
    found = _silkgate(*asked, *at)
    assert (found["title"], found["holder"]) == ("live", PARTIES["A"].address)
    other = _silkgate(*asked, "--rpc", node.url, "--chain-id", "1")
    assert other["title"] == "unknown"


def _silkgate(*args: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "gateway.cli", "title", *args, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return dict(json.loads(done.stdout))
