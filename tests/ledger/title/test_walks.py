"""What holds after every step of any history: the guarantees of MLETR, as invariants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.title.errors import Guard, MoveRefused
from ledger.title.machine import ACTIONS, Move, issue, step
from ledger.title.state import Kind, Location, Roles, State, Terms
from tests.ledger.title.walks import OFFICE, PARTIES, drawn, from_bytes

STEPS = 200
TERMS = Terms(roles=Roles.of(OFFICE), shipper="P1", consignee="P2")
TRANSFERS = {"transferBeneficiary", "transferHolder", "transferOwners"}
REJECTIONS = {"rejectTransferBeneficiary", "rejectTransferHolder", "rejectTransferOwners"}


def begun(kind: Kind, pick: Callable[[int], int]) -> State:
    """Return a title of a kind, issued to a party or two."""
    first = "P1" if kind is Kind.STRAIGHT else PARTIES[pick(5)]
    second = PARTIES[pick(5)] if kind in {Kind.ESCROW, Kind.TO_ORDER} else first
    return issue(TERMS, kind, Move("issue", OFFICE, (first, second)))


def walk(
    state: State, pick: Callable[[int], int], steps: int, seen: Counter[str] | None = None
) -> int:
    """Take steps at random, checking each; return how many were taken, and count in `seen`."""
    for taken in range(steps):
        move = drawn(state, pick)
        try:
            after = step(state, move)
        except MoveRefused:
            continue
        check_step(state, move, after)
        if seen is not None:
            seen[move.action] += 1
        if not after.active:
            check_ended(after)
            return taken + 1
        state = after
    return steps


def check_step(before: State, move: Move, after: State) -> None:
    """Check what an accepted move must and must not have done."""
    check_control(after)
    assert before.active
    if before.location is Location.ISSUER:
        assert move.actor == OFFICE
        assert (before.beneficiary, before.holder) == (after.beneficiary, after.holder) or (
            after.location is Location.ENDED
        )
    else:
        assert move.actor in {before.beneficiary, before.holder}
    if move.action in TRANSFERS:
        check_transfer(before, move, after)
    if move.action in REJECTIONS:
        assert {after.beneficiary, after.holder} <= {
            before.beneficiary,
            before.holder,
            before.previous_beneficiary,
            before.previous_holder,
        }


def check_control(state: State) -> None:
    """Exactly one controller while the title lives, none afterwards; kinds keep their promise."""
    assert (state.holder is not None) is state.active
    assert (state.beneficiary is not None) is state.active
    if state.active and state.kind is Kind.BLANK:
        assert state.beneficiary == state.holder
    if state.active and state.kind is Kind.STRAIGHT:
        assert state.beneficiary in {"P1", "P2"}
    if state.location is not Location.ESCROW:
        assert (state.nominee, state.previous_holder, state.previous_beneficiary) == (None,) * 3


def check_transfer(before: State, move: Move, after: State) -> None:
    """The party that gave possession away can take nothing back; only the receiver can reject."""
    giver = move.actor
    if giver in {after.holder, after.beneficiary}:
        return
    for action in (*TRANSFERS, *REJECTIONS, "nominate", "returnToIssuer", "changeKind"):
        for args in ((), (giver,), (giver, giver)):
            assert refused(after, Move(action, giver, args)), (before, move, action)


def check_ended(state: State) -> None:
    """Nobody can do anything any more."""
    for action in ACTIONS:
        for actor in (OFFICE, *PARTIES):
            for args in ((), ("P1",), ("P1", "P2")):
                assert refused(state, Move(action, actor, args))


def refused(state: State, move: Move) -> Guard | None:
    """Return the guard on which a move fails."""
    try:
        step(state, move)
    except MoveRefused as error:
        return error.guard
    return None


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(Kind), st.binary(min_size=STEPS * 6, max_size=STEPS * 8))
def test_every_step_of_any_history_keeps_single_control(kind: Kind, data: bytes) -> None:
    """20,000 steps drawn and shrunk by hypothesis: no invariant is broken."""
    pick = from_bytes(data)
    left = STEPS
    while left > 0:
        left -= walk(begun(kind, pick), pick, left)
