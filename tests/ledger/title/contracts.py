"""Machine and contract side by side: the same random moves asked of both."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Protocol

import pytest

from ledger.anchors.account import Account
from ledger.title import abi
from ledger.title.errors import CallReverted, MoveRefused
from ledger.title.machine import Move, issue, step
from ledger.title.slot import SlotRegister
from ledger.title.slotcall import Head
from ledger.title.state import Kind, Roles, State, Terms
from tests.ledger.title.walks import CONTRACT, OFFICE, PARTIES, drawn

ACCOUNTS = {name: Account.generate() for name in (OFFICE, *PARTIES)}


class Side(Protocol):
    """A contract that titles are issued and moved in."""

    actions: tuple[str, ...]

    @property
    def office(self) -> str:
        """Who stands for the roles."""
        ...

    def issue(self, title: bytes, state: State) -> None:
        """Issue a title."""

    def perform(self, actor: Account, title: bytes, move: Move, head: Head) -> None:
        """Move a title; raises CallReverted."""

    def agrees(self, title: bytes, head: Head) -> bool:
        """Tell whether the contract's state is the machine's."""


@dataclass
class SlotSide:
    """Our contract."""

    register: SlotRegister
    account: Account
    actions = (*CONTRACT, "pause", "unpause")

    @property
    def office(self) -> str:
        """Who stands for the roles."""
        return self.register.address

    def issue(self, title: bytes, state: State) -> None:
        """Issue a title."""
        self.register.issue(self.account, title, state)

    def perform(self, actor: Account, title: bytes, move: Move, head: Head) -> None:
        """Move a title from a head."""
        self.register.perform(actor, title, move, head=head)

    def agrees(self, title: bytes, head: Head) -> bool:
        """Tell whether the slot is the hash of the machine's state."""
        call = abi.encode("head(bytes32)", title)
        return self.register.chain.view(self.register.address, call) == head.digest()


def compare(side: Side, kind: Kind, chance: random.Random, steps: int) -> int:
    """Ask machine and contract the same; return how many moves both accepted.

    Raises AssertionError where one accepts what the other refuses, or the states differ.
    """
    accepted, title, head = 0, b"", _begun(side, kind, chance)
    for _ in range(steps):
        if not title or not head.state.active:
            title, head = chance.randbytes(32), _begun(side, kind, chance)
            side.issue(title, head.state)
            assert side.agrees(title, head)
        move = _addressed(drawn(_named(head.state), chance.randrange, side.actions))
        actor = next(each for each in ACCOUNTS.values() if each.address == move.actor)
        try:
            after = step(head.state, _officially(move, side.office))
        except MoveRefused:
            with pytest.raises(CallReverted):
                side.perform(actor, title, move, head)
            continue
        side.perform(actor, title, move, head)
        head = Head(after, head.sequence + 1)
        assert side.agrees(title, head), move
        accepted += 1
    return accepted


def _begun(side: Side, kind: Kind, chance: random.Random) -> Head:
    parties = [ACCOUNTS[name].address for name in PARTIES]
    first = parties[0] if kind is Kind.STRAIGHT else chance.choice(parties)
    second = chance.choice(parties) if kind in {Kind.ESCROW, Kind.TO_ORDER} else first
    terms = Terms(roles=Roles.of(side.office), shipper=parties[0], consignee=parties[1])
    return Head(issue(terms, kind, Move("issue", side.office, (first, second))), 0)


def _named(state: State) -> State:
    """Return a state with party names for addresses, as walks draw from it."""
    names = {account.address: name for name, account in ACCOUNTS.items()}

    def name(address: str | None) -> str | None:
        return address and names.get(address, OFFICE)

    return replace(
        state,
        beneficiary=name(state.beneficiary),
        holder=name(state.holder),
        nominee=name(state.nominee),
        terms=replace(state.terms, shipper="P1", consignee="P2"),
    )


def _addressed(move: Move) -> Move:
    """Return a move with addresses for party names."""
    args = tuple(ACCOUNTS[arg].address if arg in ACCOUNTS else arg for arg in move.args)
    return Move(move.action, ACCOUNTS[move.actor].address, args)


def _officially(move: Move, office: str) -> Move:
    """Return a move with the contract in place of its office, as the machine knows it."""
    return replace(move, actor=office) if move.actor == ACCOUNTS[OFFICE].address else move
