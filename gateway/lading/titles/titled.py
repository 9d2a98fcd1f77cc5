"""A title register under the bills of a platform: what it did not do has not happened.

A step is done on the register first and counts afterwards. It is known there by its mark, so that
whoever was interrupted may do it again: what the register has done is not done twice, and what
another did meanwhile is a dispute. Where the register gives no answer, nothing is decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from gateway.lading.chain import ENDORSEMENTS, SURRENDERS, Action, claims, platform_code
from gateway.lading.control.registry import Step
from gateway.lading.desk import Desk
from gateway.lading.envelope import Envelope
from gateway.lading.refusals import NotMoved, NotNow, PeerSilent, TransferDisputed
from gateway.lading.titlebook import Chronicle, TitleBook
from gateway.lading.titles.accounts import Accounts
from gateway.lading.titles.moves import moves, opening
from ledger.title.link import Link
from ledger.title.machine import Move
from ledger.title.state import Kind, Location, State
from schemas.text import Text

_VALIDATION: Final = "/v3/receiver-validation"
_OK: Final = 200
_NOT_FOUND: Final = 404
_UNKNOWN: Final = Text("the register has no title of this bill", "登记处没有该提单的凭证")
_ELSEWHERE: Final = Text("the register has it elsewhere", "登记处显示其在他处")
_UNDER_WAY: Final = Text(
    "the register was asked to move the title and may still do it",
    "已请求登记处变更凭证,变更仍可能生效",
)
_WITH_RECEIVER: Final = Text(
    "the register has the title with the receiver: only it can give it back",
    "登记处显示凭证在接收方:只有接收方可以退回",
)
_NOT_YET: Final = Text("the register does not have the transfer yet", "登记处尚未记录该转让")
_NOT_FINAL: Final = Text("the move is not final yet", "该变动尚未最终确认")


@dataclass(frozen=True)
class TitleRegistry:
    """One title register, for the bills that name it."""

    desk: Desk
    book: TitleBook

    @cached_property
    def accounts(self) -> Accounts:
        """The accounts of the register."""
        return Accounts(self.book, self.desk.platform, self.desk.parties)

    def open(self, step: Step, replaced: Sequence[str]) -> None:
        """Issue the title of a bill; raises NotNow while a title that it replaces has not ended."""
        wanted = opening(step, self.accounts, tuple(replaced))
        known = self.book.read(step.bill)
        if known is None:
            for each in replaced:
                before = self.book.read(each)
                if before is not None and before.state.active:
                    raise NotNow(Text("the title it replaces stands", "被替换的凭证仍有效"))
            self.book.issue(step.bill, wanted, step.mark)
            known = self._read(step)
        state = known.state
        if (state.beneficiary, state.holder) != (wanted.beneficiary, wanted.holder):
            raise NotNow(Text("the register issued it to others", "登记处已签发给他方"))
        self._require_final(known.links[0])

    def make(self, step: Step) -> None:
        """Do a step on the register, or what is left of it."""
        known = self._read(step)
        found = self._marked(known, step)
        if found is not None:
            self._require_final(found)
            return
        try:
            self._perform(step, moves(step, known.state, self.accounts))
        except TransferDisputed as error:
            if self._with_actor(step, known.state):
                raise NotMoved(error.reason) from error
            raise

    def due(self, step: Step) -> list[Move]:
        """Return the moves that a step is from the title as it stands."""
        return moves(step, self._read(step).state, self.accounts)

    def offer(self, envelope: Envelope, orders: Sequence[str] = ()) -> None:
        """Pass title or possession on; to a party's own account only if its platform knows it."""
        step = Step.of(envelope, orders)
        if self._marked(self._read(step), step) is None:
            self._require_known(step)
        self.make(step)

    def accept(self, envelope: Envelope) -> None:
        """Confirm that the register has it as the envelope says, by this very step."""
        step = Step.of(envelope)
        known = self._read(step)
        found = self._marked(known, step)
        if self._as_said(step, known.state) and (found is not None or not self._must_mark(step)):
            self._require_final(found or known.links[-1])
            return
        if found is None and self._with_actor(step, known.state):
            raise PeerSilent(_NOT_YET, where=self.book.place(step.bill))
        raise TransferDisputed(_ELSEWHERE)

    def decline(self, envelope: Envelope) -> None:
        """Give back what came to our account by this envelope, and nothing else."""
        step = Step.of(envelope)
        known = self.book.read(step.bill)
        if known is None or not known.links or self._marked(known, step) != known.links[-1]:
            return
        back = _back(step, known.state, self.book.own)
        if back is not None:
            self.book.perform(step.bill, back, b"")

    def settled(self, envelope: Envelope, *, accepted: bool | None) -> bool | None:
        """Tell whether a transfer stands: while it is with the receiver, by the receiver's word.

        Given back, it does not, whatever was said; moved on, it does. A notice moves nothing
        that the register has not moved already: it has only to arrive.
        """
        step = Step.of(envelope)
        known = self._read(step)
        if step.action in ENDORSEMENTS or step.action in {Action.SACC, Action.SREJ}:
            return None if accepted is None else True
        if self._as_said(step, known.state):
            return accepted or None
        if step.action in SURRENDERS and accepted:
            return True
        return not self._with_actor(step, known.state)

    def withdraw(self, envelope: Envelope, *, quiet: bool) -> bool:
        """Tell whether the title is with the sender for good; only its holder gives one back.

        Raises NotNow while the receiver has it, or while a move of it may be under way.
        """
        step = Step.of(envelope)
        known = self._read(step)
        if self._with_actor(step, known.state):
            if quiet or self._marked(known, step) is not None:
                return True
            raise NotNow(_UNDER_WAY)
        if self._as_said(step, known.state):
            raise NotNow(_WITH_RECEIVER)
        return False

    def issued(self, bill: str, entry: str) -> None:
        """The register issued it itself."""

    def ended(self, bill: str, entry: str) -> None:
        """The register ended it itself."""

    def _read(self, step: Step) -> Chronicle:
        known = self.book.read(step.bill)
        if known is None:
            raise TransferDisputed(_UNKNOWN)
        return known

    def _marked(self, known: Chronicle, step: Step) -> Link | None:
        return next((each for each in known.links if self.book.marked(each, step.mark)), None)

    def _perform(self, step: Step, due: Sequence[Move]) -> None:
        for number, move in enumerate(due):
            left = len(due) - number
            order = step.orders[max(len(step.orders) - left, 0)] if step.orders else ""
            self.book.perform(step.bill, move, step.mark if left == 1 else b"", order)
        if due:
            self._require_final(self._read(step).links[-1])

    def _with_actor(self, step: Step, state: State) -> bool:
        """Tell whether the title lies with who acts in the step."""
        actor = self.accounts.of(step.made["actor"])
        return state.holder == actor and state.location is Location.ESCROW

    def _require_final(self, link: Link) -> None:
        if not self.book.final(link):
            raise PeerSilent(_NOT_FINAL, where=link.reference)

    def _require_known(self, step: Step) -> None:
        """Ask the other platform whose an account is: nobody but its owner could give it back."""
        recipient = step.made.get("recipient") or {}
        there = platform_code(recipient.get("eblPlatform", ""))
        for code in recipient.get("identifyingCodes", ()):
            if self.book.account(str(code["partyCode"])) is None:
                continue
            reply = self.desk.peers.call(there, "POST", _VALIDATION, code)
            if reply.status == _NOT_FOUND:
                raise NotMoved(Text("that platform does not know the account", "对方不识此账户"))
            if reply.status != _OK:
                said = Text(f"HTTP {reply.status}", f"HTTP {reply.status}")
                raise PeerSilent(said, where=there)

    def _must_mark(self, step: Step) -> bool:
        """An account of ours stands for many: the register must name the very step."""
        ends = step.action is Action.SACC
        return not ends and self.accounts.of(step.made["recipient"]) == self.book.own

    def _as_said(self, step: Step, state: State) -> bool:
        """Tell whether the register is as a step leaves it."""
        action, recipient = step.action, step.made.get("recipient")
        if action is Action.SACC:
            return not state.active
        if action in SURRENDERS:
            return state.location is not Location.ESCROW
        to = self.accounts.of(recipient)
        if to is None or state.location is not Location.ESCROW:
            return False
        if action in ENDORSEMENTS:
            return state.beneficiary == to
        named = state.kind is not Kind.STRAIGHT or to in {
            state.terms.shipper,
            state.terms.consignee,
        }
        entitled = named and claims(step.after, step.document, step.made["recipient"])
        return state.holder == to and (not entitled or state.beneficiary == to)


def _back(step: Step, state: State, own: str) -> Move | None:
    """Return the move that undoes a step that gave something to our account."""
    before = (state.previous_beneficiary, state.previous_holder)
    if step.action in SURRENDERS:
        return Move("restore", own) if state.location is Location.ISSUER else None
    if step.action is not Action.TRANSFER or state.holder != own or before[1] is None:
        return None
    if state.beneficiary != own:
        return Move("rejectTransferHolder", own)
    if before[0] is not None:
        return Move("rejectTransferOwners", own)
    return Move("transferHolder", own, (before[1],))
