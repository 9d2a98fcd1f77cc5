"""The state of a clearance follows from the set of receipts, not from their order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clearance import status
from gateway.clearance.machine import Clearance, Observation, Side, Trigger
from schemas import codes

START = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
RELEASE = Trigger("cn-channel", frozenset("PIF"), frozenset("BK"))
SOURCE = {Side.EXPORT: status.CN_CHANNEL, Side.IMPORT: status.CDS_NOTIFICATION}
CODES = {
    Side.EXPORT: ["7", "L", "J", "W", "C", "T", "P", "I", "B", "R", "E", "Z", "D", "H", "M", "Sp1"],
    Side.IMPORT: ["01", "02", "03", "05", "06", "07", "08", "09", "10", "11", "13"],
}


def seen(code: str, minute: int = 0, side: Side = Side.EXPORT, digest: str = "") -> Observation:
    """One receipt of a side, `minute` minutes after the start."""
    source = SOURCE[side]
    return Observation(
        side=side,
        source=source,
        code=code,
        status=status.meaning(source, code),
        at=START + timedelta(minutes=minute),
        digest=digest or f"{side}{code}{minute}",
    )


def clearance(*observations: Observation) -> Clearance:
    """A clearance that has seen these receipts, in this order."""
    return Clearance("c1", "cn-gb").seen(*observations)


def name_of(state: Clearance, side: Side = Side.EXPORT) -> str:
    """The name of a side's status."""
    current = state.side(side).status
    return "" if current is None else current.name


@st.composite
def receipts(draw: st.DrawFn) -> list[Observation]:
    """Any receipts of both sides, in any order of the authority's time."""
    found = []
    for _ in range(draw(st.integers(0, 12))):
        side = draw(st.sampled_from(list(Side)))
        found.append(seen(draw(st.sampled_from(CODES[side])), draw(st.integers(0, 6)), side))
    return found


def summary(state: Clearance) -> tuple[object, ...]:
    """Everything the board shows of a clearance."""
    return (
        *((s.current, s.status, s.ended, s.reference, s.timeline, s.events, s.notices) for s in (
            state.export, state.import_)),
        state.due(RELEASE), state.release(RELEASE), state.ended, state.cleared,
    )  # fmt: skip


@given(receipts(), st.randoms(use_true_random=False), st.data())
def test_permuted_and_repeated_receipts_converge(
    found: list[Observation], random: Random, data: st.DataObject
) -> None:
    """Any order and any repetition of the same receipts gives the same state, field by field."""
    again = found + data.draw(st.lists(st.sampled_from(found))) if found else found
    random.shuffle(again)
    one_by_one = Clearance("c1", "cn-gb")
    for receipt in again:
        one_by_one = one_by_one.seen(receipt)
    assert summary(one_by_one) == summary(clearance(*found))
    assert one_by_one == clearance(*found)


@given(receipts(), receipts(), receipts())
def test_two_gateways_converge_whatever_each_saw_first(
    here: list[Observation], there: list[Observation], both: list[Observation]
) -> None:
    """Joining is commutative, associative and idempotent, so mirrors end in one state."""
    a, b, c = clearance(*here), clearance(*there), clearance(*both)
    assert a.joined(b) == b.joined(a) == clearance(*here, *there)
    assert a.joined(b).joined(c) == a.joined(b.joined(c))
    assert a.joined(a) == a


@given(receipts(), receipts())
def test_a_terminal_status_is_never_left_for_a_lower_one(
    first: list[Observation], later: list[Observation]
) -> None:
    """After cleared, rejected or deleted, further receipts only matter if they rank higher."""
    before, after = clearance(*first), clearance(*first, *later)
    for side in Side:
        was, now = before.side(side).status, after.side(side).status
        if was is not None and was.terminal and was.rank >= 90:
            assert now is not None
            assert now.rank >= was.rank


def test_what_was_closed_is_not_opened_again_by_a_late_return() -> None:
    """A return after the closing, and what follows it, does not make an early status current."""
    state = clearance(seen("R", 10), seen("Z", 20), seen("7", 30))
    assert state.export.status is not None
    assert state.export.status.name == "RETURNED_FOR_CORRECTION"


def test_the_highest_rank_counts_even_when_it_came_first() -> None:
    """A release received before the acceptance is still a release."""
    assert name_of(clearance(seen("P", 45), seen("7", 0), seen("L", 5))) == "RELEASED"


def test_codes_are_case_sensitive() -> None:
    """B is released on guarantee, b is under review by inspection; c and C differ too."""
    assert seen("B").status.name == "RELEASED_ON_GUARANTEE"
    assert seen("b").status.name == "CIQ_UNDER_REVIEW"
    assert (seen("C").status.name, seen("c").status.name) == ("INSPECTION_ORDERED", "CIQ_CANCELLED")


def test_a_returned_declaration_starts_again_when_the_authority_speaks_later() -> None:
    """Returned for correction is left by what comes after it, not by what came before."""
    returned = clearance(seen("L", 5), seen("Z", 10))
    assert name_of(returned) == "RETURNED_FOR_CORRECTION"
    assert name_of(returned.seen(seen("7", 20))) == "ACCEPTED_BY_SW"
    assert name_of(returned.seen(seen("7", 20), seen("P", 30))) == "RELEASED"


def test_side_events_do_not_move_the_status() -> None:
    """An amendment result is shown, but the declaration stays where it is."""
    state = clearance(seen("08", 1, Side.IMPORT), seen("07", 2, Side.IMPORT))
    assert name_of(state, Side.IMPORT) == "RELEASED"
    assert [event.status.name for event in state.import_.events] == ["AMENDED"]


def test_a_lower_status_of_a_later_time_is_a_notice() -> None:
    """A re-review ordered after the assessment is not lost: it is listed beside the status."""
    state = clearance(seen("J", 1), seen("M", 2))
    assert name_of(state) == "ASSESSED"
    assert [notice.code for notice in state.export.notices] == ["M"]


@pytest.mark.parametrize("code", ["P", "I", "F"])
def test_the_release_receipt_opens_the_other_side(code: str) -> None:
    """Entry, acceptance and assessment open nothing; each of the three releases does."""
    before = clearance(seen("7"), seen("L", 1), seen("J", 2), seen("C", 3), seen("T", 4))
    assert not before.due(RELEASE)
    assert before.seen(seen(code, 5)).due(RELEASE)


def test_the_other_side_is_opened_exactly_once() -> None:
    """After the opening no release, repeated or of another code, opens it again."""
    opened = clearance(seen("P", 5)).open("x1")
    assert not opened.seen(seen("P", 5), seen("I", 6)).due(RELEASE)
    assert opened.open("x2").opened == "x1"


def test_a_deleted_declaration_opens_nothing() -> None:
    """A release that the authority took back does not reach the other side."""
    assert not clearance(seen("P", 5), seen("D", 6)).due(RELEASE)


def test_release_on_guarantee_opens_only_where_the_corridor_says_so() -> None:
    """B and K count when on_guarantee is set, and not otherwise."""
    allowed = Trigger("cn-channel", RELEASE.codes, RELEASE.guarantee_codes, on_guarantee=True)
    state = clearance(seen("K", 5))
    assert not state.due(RELEASE)
    assert state.due(allowed)


def test_an_import_release_opens_nothing() -> None:
    """Only the export side's customs opens the other side."""
    assert not clearance(seen("08", 1, Side.IMPORT)).due(RELEASE)


def test_both_sides_cleared_means_both_closed() -> None:
    """A clearance is cleared when both customs have closed it, and only then."""
    half = clearance(seen("P", 1), seen("R", 9))
    assert not half.cleared
    assert half.seen(seen("09", 10, Side.IMPORT)).cleared
    assert not half.seen(seen("03", 10, Side.IMPORT)).cleared
    assert half.seen(seen("03", 10, Side.IMPORT)).ended


def test_every_code_of_every_authority_has_a_meaning() -> None:
    """No code of the three tables is without a canonical status of the status table."""
    for source in status.SOURCES:
        for code in codes.table(source).rows:
            assert status.meaning(source, code).name in status.statuses()


def test_an_unknown_code_is_refused_with_a_hint() -> None:
    """A code in no table raises SG-5301 in two languages instead of guessing."""
    with pytest.raises(status.UnknownStatusCode) as refusal:
        status.meaning(status.CN_CHANNEL, "p")
    assert "p" in refusal.value.message.zh
