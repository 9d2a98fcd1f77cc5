"""Steps that a title register has to make before they count.

What is to be done is kept first, as an intent, and nobody can use the bill meanwhile; then the
register does it; then it is written here. Whoever was interrupted goes on from the intent. A bill
that names no title register has its steps written at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from gateway.lading import tasks
from gateway.lading.chain import Json, step
from gateway.lading.control.registry import Registries, Step
from gateway.lading.desk import Desk, as_json
from gateway.lading.history import control_of
from gateway.lading.refusals import NotMoved, PeerSilent, TransferDisputed
from gateway.store import ladings
from gateway.store.database import Transaction
from gateway.store.ladings import Bill

MOVING: Final = "moving"
"""The state of a bill while its register is asked."""

Write = Callable[[str, Transaction, Bill, Json, Mapping[str, Any]], None]
"""Writes a step that was made: its kind, the bill as it was before, what was done, and more."""


@dataclass(frozen=True)
class Moving:
    """Has the steps of one platform made."""

    desk: Desk
    registries: Registries
    write: Write

    def begin(
        self, tx: Transaction, bill: Bill, kind: str, made: Json, more: Mapping[str, Any]
    ) -> None:
        """Make a step of a bill; `more` is kept for its writer, with the party's `orders`."""
        if bill.body.get("registry") not in self.desk.books:
            self.write(kind, tx, bill, made, more)
            return
        intent = {"kind": kind, "made": made, "more": {**more}, "state": bill.state}
        body = {**as_json(bill.body), MOVING: intent}
        body.pop("refused", None)
        ladings.change(tx, bill, now=self.desk.clock(), state=MOVING, body=body)
        tasks.plan(self.desk, tx, tasks.MOVE, {"bill": bill.checksum})

    def go_on(self, checksum: str) -> None:
        """Have the register make what is intended, and write it.

        Raises PeerSilent or a TransportError while the register gives no answer.
        """
        with self.desk.store.read() as tx:
            bill = ladings.find(tx, checksum)
            if bill is None or MOVING not in bill.body:
                return
            control = control_of(tx, bill, self.desk.platform)
        intent = bill.body[MOVING]
        registry = self.registries(str(bill.body["registry"]))
        assert registry is not None  # noqa: S101 - the intent says so
        try:
            registry.make(
                Step(
                    bill=checksum,
                    document=bill.body["document"],
                    made=intent["made"],
                    after=step(control, self.desk.platform, intent["made"]),
                    orders=tuple(intent["more"].get("orders", ())),
                )
            )
        except TransferDisputed as error:
            self._refused(bill, intent, error)
            return
        with self.desk.store.begin() as tx:
            now = ladings.find(tx, checksum)
            if now is not None and now.version == bill.version:
                before = replace(now, state=intent["state"], body=_without(now))
                self.write(intent["kind"], tx, before, intent["made"], intent["more"])

    def _refused(self, bill: Bill, intent: Mapping[str, Any], error: TransferDisputed) -> None:
        """Leave the bill as it was, and say why; one that the register has elsewhere is disputed.

        The carrier's answer stands: its step is tried again until the register takes it.
        """
        if intent["state"] != "held":
            raise PeerSilent(error.reason, where=str(bill.body["registry"])) from error
        refused = {"actionCode": intent["made"]["actionCode"], "reason": error.reason.as_dict()}
        body = {**_without(bill), "refused": refused}
        state = "held" if isinstance(error, NotMoved) else "disputed"
        with self.desk.store.begin() as tx:
            ladings.change(tx, bill, now=self.desk.clock(), state=state, body=body)


def _without(bill: Bill) -> Json:
    body = as_json(bill.body)
    body.pop(MOVING, None)
    return body
