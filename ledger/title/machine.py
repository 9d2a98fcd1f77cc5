"""The title machine: which action, by whom, in which state, and what it does.

A pure function over frozen states. The rules of transfer, nomination, rejection, return, restore
and burn are those of TradeTrust's title escrow (token registry v5); the kinds of bill add theirs
on top. MLETR: one controller in every state that has not ended (article 11), final states absorb
(articles 10, 18), endorsement and amendment are actions of their own (articles 15, 16).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from ledger.title.errors import Guard, MoveRefused
from ledger.title.state import Kind, Location, State, Terms


@dataclass(frozen=True, slots=True)
class Move:
    """One action as asked for: who, what, and its arguments (party ids, None for nobody)."""

    action: str
    actor: str
    args: tuple[str | None, ...] = ()


def issue(terms: Terms, kind: Kind, move: Move, *, content: str = "") -> State:
    """Return the first state of a title; raises MoveRefused.

    That the id was never used is the register's to know.
    """
    beneficiary, holder = _two(move)
    if move.actor != terms.roles.minter:
        raise MoveRefused(Guard.NO_ROLE, action=move.action)
    if beneficiary is None or holder is None:
        raise MoveRefused(Guard.NOBODY, action=move.action)
    state = State(terms=terms, kind=kind, beneficiary=beneficiary, holder=holder, content=content)
    _named(state, beneficiary, move)
    if kind is Kind.BLANK and beneficiary != holder:
        raise MoveRefused(Guard.TITLE_FOLLOWS_POSSESSION, action=move.action)
    return state


def step(state: State, move: Move) -> State:
    """Return the state after `move`; raises MoveRefused, and then nothing has happened."""
    rule = _RULES.get(move.action)
    if rule is None:
        raise MoveRefused(_unknown(move), action=move.action)
    if len(move.args) != rule.arguments:
        raise MoveRefused(Guard.ARGUMENTS, action=move.action)
    _require(state.active, Guard.ENDED, move)
    _require(state.paused is (move.action == "unpause"), _halted(state), move)
    if rule.location is not None:
        _require(state.location is rule.location, _misplaced(rule.location), move)
    if state.kind is Kind.BLANK:
        _require(rule.blank, Guard.TITLE_FOLLOWS_POSSESSION, move)
    return rule.apply(state, move)


def _nominate(state: State, move: Move) -> State:
    (to,) = move.args
    _require(move.actor == state.beneficiary, Guard.NOT_BENEFICIARY, move)
    _require(to != state.beneficiary, Guard.SAME_BENEFICIARY, move)
    _require(to != state.nominee, Guard.SAME_NOMINEE, move)
    if to is not None:
        _named(state, to, move)
    joined = state.beneficiary == state.holder
    return replace(
        state,
        nominee=to,
        previous_beneficiary=None,
        previous_holder=None if joined else state.previous_holder,
    )


def _transfer_beneficiary(state: State, move: Move) -> State:
    to = move.args[0]
    _require(move.actor == state.holder, Guard.NOT_HOLDER, move)
    _require(to is not None, Guard.NOBODY, move)
    joined = state.beneficiary == state.holder
    _require(joined or to == state.nominee, Guard.NOT_NOMINATED, move)
    _named(state, to, move)
    return replace(
        state,
        beneficiary=to,
        previous_beneficiary=state.beneficiary,
        previous_holder=None,
        nominee=None,
    )


def _transfer_holder(state: State, move: Move) -> State:
    to = move.args[-1]
    _require(move.actor == state.holder, Guard.NOT_HOLDER, move)
    _require(to is not None, Guard.NOBODY, move)
    _require(to != state.holder, Guard.SAME_HOLDER, move)
    joined = state.beneficiary == state.holder
    return replace(
        state,
        holder=to,
        previous_holder=state.holder,
        previous_beneficiary=None if joined else state.previous_beneficiary,
    )


def _transfer_owners(state: State, move: Move) -> State:
    beneficiary, holder = move.args
    if state.kind is Kind.BLANK:
        _require(beneficiary == holder, Guard.TITLE_FOLLOWS_POSSESSION, move)
    return _transfer_holder(_transfer_beneficiary(state, move), move)


def _reject_beneficiary(state: State, move: Move) -> State:
    _require(move.actor == state.beneficiary, Guard.NOT_BENEFICIARY, move)
    _require(state.previous_beneficiary is not None, Guard.NOTHING_TO_REJECT, move)
    _require(state.beneficiary != state.holder, Guard.REJECT_BOTH, move)
    return replace(
        state, beneficiary=state.previous_beneficiary, previous_beneficiary=None, nominee=None
    )


def _reject_holder(state: State, move: Move) -> State:
    _require(move.actor == state.holder, Guard.NOT_HOLDER, move)
    _require(state.previous_holder is not None, Guard.NOTHING_TO_REJECT, move)
    _require(state.beneficiary != state.holder, Guard.REJECT_BOTH, move)
    return replace(state, holder=state.previous_holder, previous_holder=None)


def _reject_owners(state: State, move: Move) -> State:
    _both(state, move)
    back = (state.previous_beneficiary, state.previous_holder)
    _require(None not in back, Guard.NOTHING_TO_REJECT, move)
    return replace(_settled(state), beneficiary=back[0], holder=back[1])


def _return(state: State, move: Move) -> State:
    _both(state, move)
    return replace(_settled(state), location=Location.ISSUER)


def _restore(state: State, move: Move) -> State:
    _require(move.actor == state.terms.roles.restorer, Guard.NO_ROLE, move)
    return replace(state, location=Location.ESCROW)


def _burn(state: State, move: Move) -> State:
    _require(move.actor == state.terms.roles.accepter, Guard.NO_ROLE, move)
    return replace(state, beneficiary=None, holder=None, location=Location.ENDED)


def _to_paper(state: State, move: Move) -> State:
    (serial,) = move.args
    _require(bool(serial), Guard.ARGUMENTS, move)
    return replace(_burn(state, move), paper=serial or "")


def _amend(state: State, move: Move) -> State:
    (content,) = move.args
    _require(move.actor == state.terms.roles.accepter, Guard.NO_ROLE, move)
    _require(bool(content), Guard.ARGUMENTS, move)
    _require(content != state.content, Guard.SAME_CONTENT, move)
    return replace(state, content=content or "")


def _change_kind(state: State, move: Move) -> State:
    (wanted,) = move.args
    _both(state, move)
    _require((state.kind, wanted) in _CHANGES, Guard.KIND_FIXED, move)
    return replace(_settled(state), kind=Kind(wanted or ""))


def _pause(state: State, move: Move) -> State:
    _require(move.actor == state.terms.roles.pauser, Guard.NO_ROLE, move)
    return replace(state, paused=not state.paused)


@dataclass(frozen=True, slots=True)
class _Rule:
    """What an action does, how many arguments it has, where the title must be for it."""

    apply: Callable[[State, Move], State]
    location: Location | None
    arguments: int = 0
    blank: bool = True


_RULES: Final[Mapping[str, _Rule]] = MappingProxyType(
    {
        "nominate": _Rule(_nominate, Location.ESCROW, 1, blank=False),
        "transferBeneficiary": _Rule(_transfer_beneficiary, Location.ESCROW, 1, blank=False),
        "transferHolder": _Rule(_transfer_holder, Location.ESCROW, 1, blank=False),
        "transferOwners": _Rule(_transfer_owners, Location.ESCROW, 2),
        "rejectTransferBeneficiary": _Rule(_reject_beneficiary, Location.ESCROW, blank=False),
        "rejectTransferHolder": _Rule(_reject_holder, Location.ESCROW, blank=False),
        "rejectTransferOwners": _Rule(_reject_owners, Location.ESCROW),
        "returnToIssuer": _Rule(_return, Location.ESCROW),
        "changeKind": _Rule(_change_kind, Location.ESCROW, 1),
        "restore": _Rule(_restore, Location.ISSUER),
        "burn": _Rule(_burn, Location.ISSUER),
        "amend": _Rule(_amend, Location.ISSUER, 1),
        "switchToPaper": _Rule(_to_paper, Location.ISSUER, 1),
        "pause": _Rule(_pause, None),
        "unpause": _Rule(_pause, None),
    }
)
ACTIONS: Final = ("issue", *_RULES)
BY_ROLE: Final = frozenset({"restore", "burn", "amend", "switchToPaper", "pause", "unpause"})
"""Actions of whoever has a role: on a chain the contract alone knows which account that is."""

# DCSA BLANK_ENDORSE and ENDORSE_TO_ORDER; a straight bill stays one.
_CHANGES: Final = frozenset({(Kind.TO_ORDER, Kind.BLANK), (Kind.BLANK, Kind.TO_ORDER)})


def _require(holds: bool, guard: Guard, move: Move) -> None:  # noqa: FBT001 - the condition reads first
    if not holds:
        raise MoveRefused(guard, action=move.action)


def _both(state: State, move: Move) -> None:
    _require(move.actor == state.beneficiary == state.holder, Guard.NOT_BOTH, move)


def _named(state: State, to: str | None, move: Move) -> None:
    named = to in (state.terms.shipper, state.terms.consignee)
    _require(state.kind is not Kind.STRAIGHT or named, Guard.NOT_NAMED, move)


def _settled(state: State) -> State:
    """Return the state with nothing left to nominate or reject: the receiver has accepted."""
    return replace(state, nominee=None, previous_beneficiary=None, previous_holder=None)


def _two(move: Move) -> tuple[str | None, str | None]:
    if len(move.args) != 2:  # noqa: PLR2004 - title holder and possessor
        raise MoveRefused(Guard.ARGUMENTS, action=move.action)
    return move.args[0], move.args[1]


def _unknown(move: Move) -> Guard:
    return Guard.ID_USED if move.action == "issue" else Guard.UNKNOWN_ACTION


def _halted(state: State) -> Guard:
    return Guard.PAUSED if state.paused else Guard.NOT_PAUSED


def _misplaced(wanted: Location) -> Guard:
    return Guard.NOT_IN_ESCROW if wanted is Location.ESCROW else Guard.NOT_AT_ISSUER
