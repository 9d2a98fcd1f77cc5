"""Our contract on a chain in this process: what it costs, what it refuses, what it tells."""

from __future__ import annotations

import json
import random
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.anchors.account import Account
from ledger.anchors.secp256k1 import N
from ledger.title.errors import BadAnswer, CallReverted, NoSuchTitle
from ledger.title.evm import TitleNode, in_process
from ledger.title.machine import Move, issue
from ledger.title.slot import ACCEPTER, ADMIN, RESTORER, SlotRegister
from ledger.title.state import Kind, Location, Roles, State, Terms
from tests.ledger.title.contracts import ACCOUNTS, SlotSide, compare
from tests.ledger.title.walks import OFFICE as OFFICE_NAME
from tests.ledger.title.walks import PARTIES

CONTRACT = Path(__file__).resolve().parents[3] / "ledger" / "title" / "contract"
OFFICE = ACCOUNTS[OFFICE_NAME]
ALICE, BOB, CAROL, *_ = (ACCOUNTS[name] for name in PARTIES)
LIFE_GAS = 250_000


@pytest.fixture(scope="module")
def chain() -> TitleNode:
    """One chain in this process, every party funded."""
    return in_process(*(each.address for each in ACCOUNTS.values()))


@pytest.fixture(scope="module")
def register(chain: TitleNode) -> SlotRegister:
    """One contract, in which the office has all roles."""
    return SlotRegister.deployed(chain, OFFICE)


def held(
    register: SlotRegister,
    kind: Kind = Kind.ESCROW,
    beneficiary: Account = ALICE,
    holder: Account = ALICE,
) -> tuple[bytes, State]:
    """Issue a title; return its id and the state it should have."""
    title = random.Random(time.monotonic_ns()).randbytes(32)
    terms = Terms(roles=Roles.of(register.address), shipper=ALICE.address, consignee=BOB.address)
    move = Move("issue", register.address, (beneficiary.address, holder.address))
    state = issue(terms, kind, move)
    register.issue(OFFICE, title, state)
    return title, state


def test_a_whole_life_costs_less_than_the_target(register: SlotRegister) -> None:
    """Issue, holder, nominate, owners, surrender, accept: at most 250,000 gas."""
    title = bytes([7]) * 32
    terms = Terms(roles=Roles.of(register.address))
    move = Move("issue", register.address, (ALICE.address, ALICE.address))
    first = issue(terms, Kind.ESCROW, move, content="5a" * 32)
    gas = register.issue(OFFICE, title, first, b"CNSHA").gas_used
    life = (
        (ALICE, Move("transferHolder", ALICE.address, (BOB.address,))),
        (ALICE, Move("nominate", ALICE.address, (CAROL.address,))),
        (BOB, Move("transferOwners", BOB.address, (CAROL.address,) * 2)),
        (CAROL, Move("returnToIssuer", CAROL.address)),
        (OFFICE, Move("burn", OFFICE.address)),
    )
    for account, each in life:
        gas += register.perform(account, title, each, b"a remark").gas_used
    assert gas <= LIFE_GAS
    history = register.history(title)
    assert [link.move for link in history[1:]] == [each for _, each in life]
    assert history[-1].state.location is Location.ENDED
    assert len(history[-1].remark) == 32


def test_an_id_is_issued_once_ever(register: SlotRegister) -> None:
    """While it lives and after it has ended a second issue of the id is reverted."""
    title, state = held(register)
    with pytest.raises(CallReverted, match="id used"):
        register.issue(OFFICE, title, state)
    register.perform(ALICE, title, Move("returnToIssuer", ALICE.address))
    register.perform(OFFICE, title, Move("burn", OFFICE.address))
    with pytest.raises(CallReverted, match="id used"):
        register.issue(OFFICE, title, state)
    with pytest.raises(CallReverted, match="ended"):
        register.perform(OFFICE, title, Move("restore", OFFICE.address))


def test_a_signed_order_moves_once_and_for_its_signer_alone(register: SlotRegister) -> None:
    """A party signs, another pays; changed, late, twin or repeated orders are reverted."""
    title, _ = held(register)
    until = int(time.time()) + 86_400
    move = Move("transferHolder", ALICE.address, (BOB.address,))
    order = register.order(ALICE, title, move, until=until, remark=b"signed")
    r, s, parity = order.signature
    for wrong, reason in (
        (replace(order, move=replace(move, args=(CAROL.address,))), "not the holder"),
        (replace(order, remark=b"other"), "not the holder"),
        (replace(order, until=until + 1), "not the holder"),
        (replace(order, signature=(r, N - s, 1 - parity)), "^.*: s"),
        (register.order(BOB, title, move, until=until), "not the holder"),
        (register.order(ALICE, title, move, until=1), "too late"),
        (replace(order, signature=(1, 0, 0)), "signature"),
    ):
        with pytest.raises(CallReverted, match=reason):
            register.relay(OFFICE, wrong)
    register.relay(OFFICE, order)
    found = register.history(title)[-1]
    assert (found.move, found.state.holder) == (move, BOB.address)
    with pytest.raises(CallReverted, match="not the head"):
        register.relay(OFFICE, order)
    back = register.order(BOB, title, Move("rejectTransferHolder", BOB.address), until=until)
    register.relay(CAROL, back)
    with pytest.raises(CallReverted, match="not the head"):
        register.relay(OFFICE, order)


def test_of_two_moves_from_one_state_one_is_mined(register: SlotRegister) -> None:
    """Both racing transfers name the same head: the second is reverted."""
    title, _ = held(register)
    head = register.head(title)
    for to in (BOB, CAROL):
        move = Move("transferOwners", ALICE.address, (to.address, to.address))
        if to is BOB:
            register.perform(ALICE, title, move, head=head)
        else:
            with pytest.raises(CallReverted, match="not the head"):
                register.perform(ALICE, title, move, head=head)
    assert register.head(title).state.holder == BOB.address


def test_roles_are_given_by_the_office_alone(register: SlotRegister) -> None:
    """Who has no role neither issues nor gives any; a role serves its action alone."""
    title, state = held(register)
    with pytest.raises(CallReverted, match="no role"):
        register.issue(ALICE, bytes(31) + b"\x01", state)
    with pytest.raises(CallReverted, match="no role"):
        register.give_roles(ALICE, ALICE.address, ADMIN)
    with pytest.raises(CallReverted, match="own roles"):
        register.give_roles(OFFICE, OFFICE.address, ADMIN)
    register.perform(ALICE, title, Move("returnToIssuer", ALICE.address))
    register.give_roles(OFFICE, CAROL.address, RESTORER)
    with pytest.raises(CallReverted, match="no role"):
        register.perform(CAROL, title, Move("burn", CAROL.address))
    register.perform(CAROL, title, Move("restore", CAROL.address))
    register.give_roles(OFFICE, CAROL.address, ACCEPTER)
    register.perform(ALICE, title, Move("returnToIssuer", ALICE.address))
    with pytest.raises(CallReverted, match="no role"):
        register.perform(CAROL, title, Move("restore", CAROL.address))
    register.perform(CAROL, title, Move("burn", CAROL.address))
    register.give_roles(OFFICE, CAROL.address, 0)


@pytest.mark.parametrize("kind", list(Kind))
def test_machine_and_contract_agree_step_by_step(register: SlotRegister, kind: Kind) -> None:
    """Both accept the same random moves, and the slot is the hash of the machine's state."""
    assert compare(SlotSide(register, OFFICE), kind, random.Random(f"contract {kind}"), 25) > 3


def test_what_is_not_there_is_said(register: SlotRegister, chain: TitleNode) -> None:
    """An id never issued, an address without contract."""
    with pytest.raises(NoSuchTitle):
        register.head(bytes(32))
    with pytest.raises(BadAnswer):
        SlotRegister(chain, ALICE.address).head(bytes(32))


def test_the_artefact_is_the_source() -> None:
    """Compiling the contract again gives the ABI and the bytecode of the repository."""
    vyper = pytest.importorskip("vyper", reason="the compiler is a development dependency")
    source = (CONTRACT / "Title.vy").read_text()
    artefact = json.loads((CONTRACT / "Title.json").read_text())
    compiled = vyper.compile_code(source, output_formats=["abi", "bytecode"])
    assert compiled["bytecode"] == artefact["bytecode"]
    assert compiled["abi"] == artefact["abi"]
