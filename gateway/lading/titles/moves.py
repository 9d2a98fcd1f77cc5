"""What DCSA's transactions are on a title register.

| transaction | on the register |
|---|---|
| ISSUE | issue to title holder and possessor |
| TRANSFER | transferHolder; transferOwners where title goes with possession |
| ENDORSE, ENDORSE_TO_ORDER | transferBeneficiary; of a blank bill after changeKind to order |
| BLANK_ENDORSE | changeKind to blank |
| SURRENDER_FOR_DELIVERY, SURRENDER_FOR_AMENDMENT | returnToIssuer |
| SACC | burn; switchToPaper after a surrender for paper (SWTP) |
| SREJ | restore |
| SIGN | nothing |

Title goes with possession on a blank bill, and wherever the register has no account of the party
that has title. Between parties whose titles one account keeps nothing moves.
"""

from __future__ import annotations

from typing import Final

from gateway.lading.chain import SURRENDERS, Action, Json, claims
from gateway.lading.control.registry import Step
from gateway.lading.refusals import TransferDisputed
from gateway.lading.titlebook import Opening
from gateway.lading.titles.accounts import Accounts
from ledger.title.machine import Move
from ledger.title.state import Kind, Location, State
from schemas.text import Text

_PAPER: Final = "SWTP"
_ANSWERS: Final = frozenset({Action.SACC, Action.SREJ})
_TO_ORDER: Final = frozenset({Action.ENDORSE, Action.ENDORSE_TO_ORDER})


def opening(step: Step, accounts: Accounts, replaced: tuple[str, ...] = ()) -> Opening:
    """Return how the title of a bill begins; raises TransferDisputed without an account."""
    holder = _account(accounts, step.made["recipient"])
    shipper, consignee = (accounts.named(step.document, role) for role in ("shipper", "consignee"))
    control = step.after
    beneficiary = accounts.titled(control) or holder
    if control.negotiable:
        kind = Kind.BLANK if control.title_holder is None else Kind.TO_ORDER
        return Opening(kind=kind, beneficiary=beneficiary, holder=holder, replaced=replaced)
    if shipper is None or consignee is None or holder not in {shipper, consignee}:
        return Opening(kind=Kind.ESCROW, beneficiary=holder, holder=holder, replaced=replaced)
    return Opening(
        kind=Kind.STRAIGHT,
        beneficiary=holder,
        holder=holder,
        shipper=shipper,
        consignee=consignee,
        replaced=replaced,
    )


def moves(step: Step, state: State, accounts: Accounts) -> list[Move]:
    """Return what is to be done from a state for a step; raises TransferDisputed.

    Whoever acts must have the title in the way the transaction says.
    """
    action = step.action
    if action in _ANSWERS:
        return _answered(step, state, accounts)
    _require(
        state.location is Location.ESCROW,
        Text("the register has the title with the issuer, or ended", "登记处:凭证已退回或终结"),
    )
    if action in SURRENDERS:
        return [Move("returnToIssuer", _acting(step, state, accounts))]
    if action is Action.TRANSFER:
        return _passed(step, state, accounts)
    if action is Action.BLANK_ENDORSE and state.kind is Kind.TO_ORDER:
        return [Move("changeKind", _acting(step, state, accounts), (Kind.BLANK.value,))]
    return _endorsed(step, state, accounts) if action in _TO_ORDER else []


def paper_of(document: Json) -> str:
    """Return the serial of the paper that replaces a bill: carrier and reference."""
    return f"{document['carrierCode']}:{document['transportDocumentReference']}".replace(" ", "_")


def _answered(step: Step, state: State, accounts: Accounts) -> list[Move]:
    """Do what the carrier answered to a surrender."""
    own, asked = accounts.book.own, step.after.surrendered or {}
    if step.action is Action.SREJ:
        return [Move("restore", own)] if state.location is Location.ISSUER else []
    if not state.active:
        return []
    if asked.get("reasonCode") == _PAPER:
        return [Move("switchToPaper", own, (paper_of(step.document),))]
    return [Move("burn", own)]


def _passed(step: Step, state: State, accounts: Accounts) -> list[Move]:
    """Pass possession on, and title where it goes along."""
    holder = _acting(step, state, accounts)
    to = _account(accounts, step.made["recipient"])
    title = _title_after(step, state, accounts, to)
    if (state.beneficiary, state.holder) == (title, to):
        return []
    if state.beneficiary == title:
        return [*_foreseen(state, to), Move("transferHolder", holder, (to,))]
    if state.holder == to:
        return [Move("transferBeneficiary", holder, (title,))]
    return [Move("transferOwners", holder, (title, to))]


def _title_after(step: Step, state: State, accounts: Accounts, to: str) -> str | None:
    if state.kind is Kind.STRAIGHT:
        named = to in {state.terms.shipper, state.terms.consignee}
        return to if named else state.beneficiary
    if claims(step.after, step.document, step.made["recipient"]):
        return to
    return accounts.titled(step.after) or to


def _foreseen(state: State, to: str) -> list[Move]:
    """A straight bill that leaves its named parties: the consignee may take title from anybody."""
    title, consignee = state.beneficiary, state.terms.consignee
    leaves = state.kind is Kind.STRAIGHT and title == state.holder
    if not leaves or title is None or consignee in {None, title, state.nominee, to}:
        return []
    return [Move("nominate", title, (consignee,))]


def _endorsed(step: Step, state: State, accounts: Accounts) -> list[Move]:
    """Pass title on; possession stays."""
    to = _account(accounts, step.made["recipient"])
    actor = accounts.of(step.made["actor"]) or ""
    if to == state.beneficiary and state.kind is not Kind.BLANK:
        return []
    _acting(step, state, accounts)
    named = state.kind is Kind.BLANK
    first = [Move("changeKind", actor, (Kind.TO_ORDER.value,))] if named else []
    return first if to == state.beneficiary else [*first, Move("transferBeneficiary", actor, (to,))]


def _acting(step: Step, state: State, accounts: Accounts) -> str:
    """Return the account of who acts; refuse unless it is the possessor's."""
    actor = accounts.of(step.made["actor"])
    _require(
        actor is not None and actor == state.holder,
        Text("the register has another party in possession", "登记处的持有人为另一方"),
    )
    return actor or ""


def _account(accounts: Accounts, party: Json) -> str:
    found = accounts.of(party)
    name = party.get("partyName", "")
    _require(
        found is not None,
        Text(f"{name} has no account on the register", f"{name} 在登记处没有账户"),
    )
    return found or ""


def _require(holds: bool, reason: Text) -> None:  # noqa: FBT001 - the condition reads first
    if not holds:
        raise TransferDisputed(reason)
