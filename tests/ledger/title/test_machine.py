"""The title machine against the published histories and its own rules."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.title.errors import BadHistory, Guard, MoveRefused
from ledger.title.history import replay
from ledger.title.machine import ACTIONS, Move, issue, step
from ledger.title.state import Kind, Location, Roles, State, Terms

TERMS = Terms(
    roles=Roles(minter="MINT", restorer="BACK", accepter="TAKE", pauser="HALT"),
    shipper="S",
    consignee="C",
)


def held(kind: Kind = Kind.ESCROW, beneficiary: str = "S", holder: str = "S") -> State:
    """Return a title just issued."""
    return issue(TERMS, kind, Move("issue", "MINT", (beneficiary, holder)))


def run(state: State, *moves: tuple[str, str, tuple[str | None, ...]]) -> State:
    """Return the state after moves given as (actor, action, args)."""
    for actor, action, args in moves:
        state = step(state, Move(action, actor, args))
    return state


def refusal(state: State, actor: str, action: str, *args: str | None) -> Guard:
    """Return the guard on which an action fails."""
    with pytest.raises(MoveRefused) as refused:
        step(state, Move(action, actor, args))
    return refused.value.guard


def returned() -> State:
    """Return a title that its holder gave back."""
    return run(held(), ("S", "returnToIssuer", ()))


def test_every_published_history_is_replayed_as_expected(shared: Path) -> None:
    """Verdict and state after every action equal those recorded for the histories."""
    folder = shared / "data" / "ebl" / "title-histories"
    expected = {
        each["history"]: each["expected"]
        for each in map(json.loads, (folder / "expected.jsonl").read_text().splitlines())
    }
    assert expected
    for name, outcomes in expected.items():
        lines = (folder / f"{name}.jsonl").read_text().splitlines()
        found = [each.as_dict() for each in replay(lines)]
        assert [{key: each[key] for key in ("n", "result", "state")} for each in found] == outcomes
        assert all((each["reason"] is None) is (each["result"] == "accepted") for each in found)


def test_only_the_minter_issues_and_to_somebody() -> None:
    """Issue is refused to others, to nobody, and for a straight bill to strangers."""
    for actor, args, kind, guard in (
        ("S", ("S", "S"), Kind.ESCROW, Guard.NO_ROLE),
        ("MINT", ("S", None), Kind.ESCROW, Guard.NOBODY),
        ("MINT", ("S",), Kind.ESCROW, Guard.ARGUMENTS),
        ("MINT", ("X", "X"), Kind.STRAIGHT, Guard.NOT_NAMED),
        ("MINT", ("S", "C"), Kind.BLANK, Guard.TITLE_FOLLOWS_POSSESSION),
    ):
        with pytest.raises(MoveRefused) as refused:
            issue(TERMS, kind, Move("issue", actor, args))
        assert refused.value.guard is guard


def test_roles_are_not_one_another() -> None:
    """Restore, burn, amend, switch to paper and pause ask for their own role each."""
    for action, args, role in (
        ("restore", (), "BACK"),
        ("burn", (), "TAKE"),
        ("amend", ("ab" * 32,), "TAKE"),
        ("switchToPaper", ("P-1",), "TAKE"),
        ("pause", (), "HALT"),
    ):
        for actor in {"MINT", "BACK", "TAKE", "HALT", "S"} - {role}:
            assert refusal(returned(), actor, action, *args) is Guard.NO_ROLE
        step(returned(), Move(action, role, args))


@pytest.mark.parametrize("last", ["burn", "switchToPaper"])
def test_final_states_absorb(last: str) -> None:
    """After shred and after the switch to paper no action of anybody is accepted."""
    args = ("P-1",) if last == "switchToPaper" else ()
    ended = run(returned(), ("TAKE", last, args))
    assert (ended.beneficiary, ended.holder, ended.active) == (None, None, False)
    assert ended.paper == ("P-1" if last == "switchToPaper" else "")
    for action in ACTIONS:
        for actor in ("S", "C", "MINT", "BACK", "TAKE", "HALT"):
            for count in range(3):
                assert refusal(ended, actor, action, *["C"] * count) in {
                    Guard.ENDED,
                    Guard.ID_USED,
                    Guard.ARGUMENTS,
                }


def test_a_paused_title_does_nothing_but_resume() -> None:
    """While paused every action is refused; afterwards the title is as it was."""
    paused = run(held(), ("HALT", "pause", ()))
    assert refusal(paused, "S", "transferHolder", "C") is Guard.PAUSED
    assert refusal(paused, "HALT", "pause") is Guard.PAUSED
    assert run(paused, ("HALT", "unpause", ())) == held()
    assert refusal(held(), "HALT", "unpause") is Guard.NOT_PAUSED


def test_kind_changes_between_order_and_blank_alone() -> None:
    """Blank endorsement and back, by whoever holds both; a straight bill stays straight."""
    order = run(held(Kind.TO_ORDER), ("S", "transferOwners", ("C", "C")))
    blank = run(order, ("C", "changeKind", ("blank",)))
    assert blank.kind is Kind.BLANK
    assert refusal(blank, "C", "rejectTransferOwners") is Guard.NOTHING_TO_REJECT
    assert refusal(blank, "C", "transferHolder", "S") is Guard.TITLE_FOLLOWS_POSSESSION
    assert run(blank, ("C", "changeKind", ("to-order",))).kind is Kind.TO_ORDER
    apart = run(held(Kind.TO_ORDER), ("S", "transferHolder", ("C",)))
    assert refusal(apart, "C", "changeKind", "blank") is Guard.NOT_BOTH
    for kind in (Kind.STRAIGHT, Kind.ESCROW):
        assert refusal(held(kind), "S", "changeKind", "blank") is Guard.KIND_FIXED
    assert refusal(held(Kind.TO_ORDER), "S", "changeKind", "no such") is Guard.KIND_FIXED


def test_an_amendment_needs_the_bill_back_and_changes_it() -> None:
    """Only a returned title is amended; the content in force is then the new one."""
    new = "ab" * 32
    assert refusal(held(), "TAKE", "amend", new) is Guard.NOT_AT_ISSUER
    amended = run(returned(), ("TAKE", "amend", (new,)))
    assert amended == replace(returned(), content=new)
    assert refusal(amended, "TAKE", "amend", new) is Guard.SAME_CONTENT
    assert refusal(amended, "TAKE", "amend", None) is Guard.ARGUMENTS
    assert run(amended, ("BACK", "restore", ())).location is Location.ESCROW


def test_paper_needs_its_serial() -> None:
    """A switch to paper that names no paper is refused."""
    assert refusal(returned(), "TAKE", "switchToPaper", None) is Guard.ARGUMENTS


def test_a_refusal_says_why_in_two_languages() -> None:
    """The error carries action, guard and reason; unknown actions are refused as such."""
    with pytest.raises(MoveRefused) as refused:
        step(held(), Move("sell", "S"))
    assert refused.value.guard is Guard.UNKNOWN_ACTION
    assert "sell" in refused.value.message.en
    assert "没有该动作" in refused.value.message.zh


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["not json"],
        ["[]"],
        ['{"kind":"escrow","issuer":"I"}'],
        ['{"kind":"other","issuer":"I","issue":{"beneficiary":"A","holder":"A"}}'],
        ['{"kind":"escrow","issuer":"","issue":{"beneficiary":"A","holder":"A"}}'],
        ['{"kind":"blank","issuer":"I","issue":{"beneficiary":"A","holder":"B"}}'],
        ['{"kind":"escrow","issuer":"I","issue":{"beneficiary":"A","holder":"A"}}', '{"n":1}'],
        [
            '{"kind":"escrow","issuer":"I","issue":{"beneficiary":"A","holder":"A"}}',
            '{"n":1,"action":"nominate","actor":"A","args":[5]}',
        ],
    ],
)
def test_a_history_that_cannot_be_read_is_an_error(lines: list[str]) -> None:
    """A broken header or line is BadHistory, never a verdict."""
    with pytest.raises(BadHistory):
        list(replay(lines))
