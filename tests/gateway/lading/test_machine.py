from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.lading.errors import (
    NeverSurrendered,
    NotInThisState,
    NotReadyToIssue,
    NotThisRole,
    ReferenceUsed,
)
from gateway.lading.machine import Action, Kind, Life, Role, Status, allowed, kind_of, roles
from schemas.errors import SilkgateError

DRAFT = Life(reference="SGTD1", kind=Kind.TO_ORDER)
ISSUED = DRAFT.after(Action.APPROVE, Role.SHIPPER).after(Action.ISSUE, Role.CARRIER)


def test_a_bill_goes_from_draft_to_delivery():
    """Draft, approved, issued, surrender asked and accepted: the end, and nothing follows."""
    asked = ISSUED.after(Action.REQUEST_DELIVERY, Role.POSSESSOR, reference="R1")
    assert asked.status is Status.PENDING_SURRENDER_FOR_DELIVERY
    assert not asked.live
    done = asked.after(Action.ACCEPT_SURRENDER, Role.CARRIER)
    assert done.status is Status.SURRENDERED_FOR_DELIVERY
    assert done.ended


def test_a_refused_surrender_leads_back():
    """After the carrier's no the bill is live again, and the request's reference stays used."""
    asked = ISSUED.after(Action.REQUEST_AMENDMENT, Role.POSSESSOR, reference="R1")
    back = asked.after(Action.REJECT_SURRENDER, Role.CARRIER)
    assert back.live
    with pytest.raises(ReferenceUsed):
        back.after(Action.REQUEST_DELIVERY, Role.POSSESSOR, reference="R1")


def test_a_changed_draft_needs_approval_again():
    """An update of an approved draft is a draft of the next version."""
    changed = DRAFT.after(Action.APPROVE, Role.SHIPPER).after(Action.UPDATE, Role.CARRIER)
    assert (changed.status, changed.version) == (Status.DRAFT, 2)


def test_an_amended_bill_names_the_one_it_replaces():
    """Only a voided bill is replaced, and the new one is a draft that names the old one."""
    surrendered = ISSUED.after(Action.REQUEST_AMENDMENT, Role.POSSESSOR, reference="R1").after(
        Action.ACCEPT_SURRENDER, Role.CARRIER
    )
    with pytest.raises(NotInThisState):
        surrendered.amended("SGTD2")
    amended = surrendered.after(Action.VOID, Role.CARRIER).amended("SGTD2")
    assert (amended.status, amended.replaces) == (Status.DRAFT, "SGTD1")


def test_a_switch_to_paper_is_the_end_of_the_electronic_record():
    """A bill that became paper is never amended electronically: no two live media."""
    surrendered = ISSUED.after(Action.REQUEST_AMENDMENT, Role.POSSESSOR, reference="R1").after(
        Action.ACCEPT_SURRENDER, Role.CARRIER
    )
    paper = surrendered.after(Action.VOID, Role.CARRIER, paper="P-0001")
    assert paper.ended
    with pytest.raises(NotInThisState):
        paper.amended("SGTD2")


def test_a_sea_waybill_is_never_surrendered():
    """A sea waybill is no title: it is voided, and a surrender is refused with that reason."""
    waybill = Life(reference="SWB1", kind=Kind.SEA_WAYBILL, status=Status.ISSUED)
    with pytest.raises(NeverSurrendered):
        waybill.after(Action.REQUEST_DELIVERY, Role.POSSESSOR, reference="R1")
    assert waybill.after(Action.VOID, Role.CARRIER).status is Status.VOIDED


def test_an_issued_bill_of_title_is_not_voided_behind_its_holder():
    """The carrier cannot void what somebody holds: it must be surrendered first."""
    with pytest.raises(NotInThisState):
        ISSUED.after(Action.VOID, Role.CARRIER)


def test_nothing_invalid_is_issued():
    """What a validation found keeps the document a draft."""
    with pytest.raises(NotReadyToIssue):
        DRAFT.after(Action.ISSUE, Role.CARRIER, problems=("no consignee",))


@pytest.mark.parametrize(
    ("type_code", "to_order", "endorsee", "kind"),
    [
        ("BOL", False, False, Kind.STRAIGHT),
        ("BOL", True, True, Kind.TO_ORDER),
        ("BOL", True, False, Kind.BLANK),
        ("SWB", False, False, Kind.SEA_WAYBILL),
    ],
)
def test_the_kind_follows_from_the_marks(type_code, to_order, endorsee, kind):
    """DCSA has no field for the kind; its three marks say it."""
    assert kind_of(type_code=type_code, to_order=to_order, endorsee=endorsee) is kind


@given(
    kind=st.sampled_from(Kind),
    steps=st.lists(st.tuples(st.sampled_from(Action), st.sampled_from(Role)), max_size=30),
)
@settings(max_examples=200, deadline=None)
def test_no_walk_escapes_the_guards(kind, steps):
    """Whatever is tried: a refusal changes nothing, only the right role moves, ends are final."""
    life = Life(reference="X", kind=kind)
    for number, (action, role) in enumerate(steps):
        was_ended = life.ended
        try:
            after = life.after(action, role, reference=f"R{number}")
        except SilkgateError:
            assert action not in allowed(life) or role not in roles(action)
            continue
        assert not was_ended
        assert role in roles(action)
        assert action in allowed(life)
        assert kind.of_title or "SURRENDER" not in after.status
        life = after


def test_the_wrong_role_is_refused():
    """A shipper cannot issue, a carrier cannot approve its own draft."""
    with pytest.raises(NotThisRole):
        DRAFT.after(Action.ISSUE, Role.SHIPPER)
    with pytest.raises(NotThisRole):
        DRAFT.after(Action.APPROVE, Role.CARRIER)
