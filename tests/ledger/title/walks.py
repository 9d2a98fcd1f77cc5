"""Random walks over titles: moves likely enough to be allowed, drawn from bytes or a seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ledger.title.machine import ACTIONS, Move
from ledger.title.state import Kind, Location, State

OFFICE = "OFFICE"
PARTIES = ("P1", "P2", "P3", "P4", "P5")
CONTRACT = tuple(action for action in ACTIONS if action not in {"issue", "pause", "unpause"})
"""The actions that change a title itself, all of which a walk tries."""

_AT_OFFICE = ("restore", "restore", "burn", "amend", "switchToPaper")
_IN_ESCROW = (
    *("nominate", "transferBeneficiary", "transferHolder", "transferOwners") * 2,
    *("transferOwners", "rejectTransferBeneficiary", "rejectTransferHolder"),
    *("rejectTransferOwners", "rejectTransferOwners", "returnToIssuer"),
)
_BY_HOLDER = {"transferBeneficiary", "transferHolder", "transferOwners", "rejectTransferHolder"}
_ARGUMENTS = {
    "nominate": 1,
    "transferBeneficiary": 1,
    "transferHolder": 1,
    "transferOwners": 2,
    "changeKind": 1,
    "amend": 1,
    "switchToPaper": 1,
}


def drawn(state: State, pick: Callable[[int], int], actions: Sequence[str] = CONTRACT) -> Move:
    """Return a move; `pick(n)` gives a number below n.

    Mostly one of the actions that fit the place, by the party it takes; often any by anybody.
    """
    likely = _AT_OFFICE if state.location is Location.ISSUER else _IN_ESCROW
    common = ("unpause",) if state.paused else [each for each in likely if each in actions]
    choice = common if pick(4) else actions
    action = choice[pick(len(choice))]
    official = action in {*_AT_OFFICE, "pause", "unpause"}
    party = state.holder if action in _BY_HOLDER else state.beneficiary
    fitting = OFFICE if official else party
    actor = (fitting if pick(4) else PARTIES[pick(5)]) or OFFICE
    count = _ARGUMENTS.get(action, 0)
    if action in {"amend", "switchToPaper"}:
        return Move(action, actor, (f"{pick(7) + 1:064x}",))
    if action == "changeKind":
        return Move(action, actor, ((Kind.BLANK if pick(2) else Kind.TO_ORDER).value,))
    others = (*PARTIES, None, state.nominee, state.terms.consignee)
    args = tuple(others[pick(len(others))] for _ in range(count))
    if count and state.nominee and action != "nominate" and pick(2):
        args = (state.nominee, *args[1:])
    if count == 2 and pick(2):  # a blank bill moves to one party alone
        args = (args[0], args[0])
    return Move(action, actor, args)


def from_bytes(data: bytes) -> Callable[[int], int]:
    """Return a picker that reads one byte per choice, and zeros behind the end."""
    at = iter(data)
    return lambda below: next(at, 0) % below
