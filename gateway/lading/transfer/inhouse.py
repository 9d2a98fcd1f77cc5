"""What happens to a bill inside one platform: endorsed, signed, handed on to another account.

Each is a transaction of the chain from the moment it is kept; the next entry that leaves the
platform signs all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.lading.chain import ENDORSEMENTS, Action, Control, Json, action_of, entitled, step
from gateway.lading.desk import Desk, as_json
from gateway.lading.history import control_of
from gateway.lading.refusals import MessageInvalid, NotNow, NotYours, UnknownThing
from gateway.lading.shapes import check
from gateway.lading.transfer.moving import Moving
from gateway.lading.transfer.ordering import dated
from gateway.store import ladings
from gateway.store.database import Transaction
from gateway.store.ladings import Bill
from schemas.text import Text

KIND: Final = "act"
_POSSIBLE: Final = ENDORSEMENTS | {Action.TRANSFER, Action.SIGN}


class InHouse:
    """Moves bills between the accounts of one platform."""

    def __init__(self, desk: Desk, moving: Moving) -> None:
        """Move them at `desk`; `moving` has a title register make it first."""
        self._desk = desk
        self._moving = moving

    def act(
        self, tenant: str, reference: str, transaction: Json, orders: Sequence[str] = ()
    ) -> None:
        """Make a transaction by the holder; `transaction` has actionCode, perhaps recipient.

        `orders` are the holder's own for the title register, where it has an account there.

        Raises UnknownThing, NotYours, NotNow, MessageInvalid or EnvelopeRefused.
        """
        desk = self._desk
        with desk.store.begin() as tx:
            bill = ladings.live(tx, reference)
            if bill is None:
                raise UnknownThing(where=reference, what="bill of lading")
            if bill.tenant != tenant:
                raise NotYours(Text("another party holds this bill", "该提单由另一方持有"))
            if bill.state != "held":
                raise NotNow(Text(f"the bill is {bill.state}", f"提单状态为 {bill.state}"))
            control = control_of(tx, bill, desk.platform)
            made = self._made(bill, control, dated(transaction, desk.clock()))
            step(control, desk.platform, made)
            self._next(bill, made)
            self._moving.begin(tx, bill, KIND, made, {"orders": list(orders)})

    def write(self, tx: Transaction, bill: Bill, made: Json, more: Mapping[str, Any]) -> None:  # noqa: ARG002 - nothing more
        """Write a transaction that was made, and whose the bill is now."""
        desk = self._desk
        after = step(control_of(tx, bill, desk.platform), desk.platform, made)
        body = {
            **as_json(bill.body),
            "pending": [*bill.body.get("pending", ()), made],
            "possessor": after.possessor,
        }
        tenant = self._next(bill, made)
        now = desk.clock()
        ladings.change(tx, bill, now=now, state=bill.state, body=body, tenant=tenant)

    def _made(self, bill: Bill, control: Control, transaction: Json) -> Json:
        desk = self._desk
        member = desk.parties.of_tenant(bill.tenant)
        actor = member.as_party(desk.platform) if member else control.possessor
        made = {**transaction, "actor": actor}
        faults = check(made, "Transaction")
        if faults:
            raise MessageInvalid(faults)
        action = action_of(made)
        if action not in _POSSIBLE:
            raise NotNow(Text(f"{action} is not done here", f"此处不可执行 {action}"))
        if action in ENDORSEMENTS and not entitled(control, actor):
            raise NotYours(Text("another party is endorsed", "背书权属于另一方"))
        return made

    def _next(self, bill: Bill, made: Json) -> str:
        """Return whose the bill is afterwards; a move has to be to an account here."""
        if action_of(made) is not Action.TRANSFER:
            return bill.tenant
        member = self._desk.parties.find(made["recipient"])
        if member is None:
            raise UnknownThing(where=str(made["recipient"]["partyName"]), what="party")
        return member.tenant
