"""5,000 random steps: machine, our contract and TradeTrust's agree on each, and what it costs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from ledger.anchors.account import Account
from ledger.title.evm import TitleNode, connect, in_process
from ledger.title.machine import Move
from ledger.title.slot import SlotRegister
from ledger.title.slotcall import Head
from ledger.title.state import Kind, Location, State
from ledger.title.tradetrust import TradeTrustRegistry
from tests.bench.bench_title import ours, theirs
from tests.interop.node import anvil
from tests.interop.tradetrust import deployed, installed
from tests.ledger.title.contracts import ACCOUNTS, SlotSide, compare
from tests.ledger.title.walks import CONTRACT, OFFICE

pytestmark = [pytest.mark.interop, pytest.mark.timeout(900)]

STEPS = 5_000
ISSUER = ACCOUNTS[OFFICE]
OURS_ALONE = {"changeKind", "amend", "switchToPaper"}


@dataclass
class TradeTrustSide:
    """TradeTrust's registry and escrows, version 5."""

    registry: TradeTrustRegistry
    actions = tuple(action for action in CONTRACT if action not in OURS_ALONE)

    @property
    def office(self) -> str:
        """Who stands for the roles."""
        return self.registry.address

    def issue(self, title: bytes, state: State) -> None:
        """Mint a title."""
        move = Move("issue", self.office, (state.beneficiary, state.holder))
        self.registry.perform(ISSUER, title, move)

    def perform(self, actor: Account, title: bytes, move: Move, head: Head) -> None:  # noqa: ARG002 - it knows
        """Move a title."""
        self.registry.perform(actor, title, move)

    def agrees(self, title: bytes, head: Head) -> bool:
        """Tell whether the escrow's state is the machine's."""
        found, ours = self.registry.state(title), head.state
        same = found.as_dict() == ours.as_dict()
        return same or (ours.location is Location.ENDED and not found.active)


@pytest.fixture(scope="module")
def chain() -> Iterator[TitleNode]:
    """A node with every party funded."""
    installed()
    with anvil() as running:
        for account in ACCOUNTS.values():
            running.fund(account.address)
        yield connect(running.url)


def test_tradetrust_agrees_with_the_machine(chain: TitleNode) -> None:
    """On each of 5,000 steps v5 accepts what the machine accepts and is then in its state."""
    side = TradeTrustSide(deployed(chain, ISSUER))
    accepted = compare(side, Kind.ESCROW, random.Random("v5"), STEPS)
    assert accepted > STEPS // 10


def test_our_contract_agrees_with_the_machine(chain: TitleNode) -> None:
    """On each of 5,000 steps over all kinds our contract's slot is the machine's state."""
    side = SlotSide(SlotRegister.deployed(chain, ISSUER), ISSUER)
    for kind in Kind:
        assert compare(side, kind, random.Random(f"slot {kind}"), STEPS // 4) > STEPS // 40


def test_a_life_costs_a_third_of_theirs() -> None:
    """The same six actions in one run: at most 250,000 gas, and at most 40 in 100 of theirs."""
    chain = in_process(*(account.address for account in ACCOUNTS.values()))
    mine = sum(ours(chain, ACCOUNTS).values())
    other = sum(theirs(deployed(chain, ISSUER), ACCOUNTS).values())
    assert mine <= 250_000
    assert mine <= 0.4 * other
