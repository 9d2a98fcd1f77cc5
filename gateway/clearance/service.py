"""The clearance desk of one gateway: everything the faces and the pipeline ask of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from gateway.clearance import amending, arrival, opening, present, records, release, twoside
from gateway.clearance.desk import Desk
from gateway.clearance.errors import MessageRefused, NotYours, ReferenceUnknown
from gateway.clearance.machine import Side
from gateway.clearance.observe import from_dict
from gateway.clearance.opening import Opening
from gateway.clearance.records import Record
from gateway.clearance.runner import Runner
from gateway.store.model import Exchange

if TYPE_CHECKING:
    from types import TracebackType

    from gateway.store.database import Transaction

Json = dict[str, object]


class ClearanceService:
    """Opens clearances, takes receipts and statuses, asks importers, and shows the board.

    Everything it must still do is a committed errand; `start` runs them in a thread.
    """

    def __init__(self, desk: Desk) -> None:
        """Serve one desk."""
        self.desk = desk
        self.runner = Runner(desk)

    def __enter__(self) -> Self:
        """Begin to run errands."""
        self.runner.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Stop running errands; what is not done stays planned."""
        self.runner.stop()

    def open(self, request: Opening) -> Json:
        """Open a clearance and return it; the same request again returns the same one."""
        return present.clearance(opening.open_clearance(self.desk, request))

    def show(self, tenant: str, clearance_id: str) -> Json:
        """Return one clearance with every status of both sides; raises NotFound."""
        with self.desk.store.read() as tx:
            return present.clearance(records.load(tx, clearance_id, tenant=tenant))

    def page(self, tenant: str, *, before: str | None = None, limit: int = 50) -> list[Json]:
        """Return the tenant's clearances, newest first."""
        return [present.clearance(record) for record in self._page(tenant, before, limit)]

    def board(self, tenant: str, *, limit: int = 100) -> list[Json]:
        """Return one row per clearance with the current status of both sides, newest first."""
        return [present.row(record) for record in self._page(tenant, None, limit)]

    def form(self, tenant: str, clearance_id: str) -> Json:
        """Return what the importer must still add; raises NotFound."""
        found = arrival.form_of(self.desk, tenant, clearance_id)
        return present.form(found.record, found.asked if found.record.body.get("form") else [])

    def answer(self, tenant: str, clearance_id: str, values: Mapping[str, str]) -> Json:
        """Take what the importer added, by field id; raises AnswersRefused."""
        return present.clearance(arrival.answer(self.desk, tenant, clearance_id, values))

    def amend(self, tenant: str, clearance_id: str, declaration: bytes, reason: str) -> Json:
        """Amend this side's declaration to a new version; the differences reach the partner."""
        return present.clearance(
            amending.amend(self.desk, tenant, clearance_id, declaration, reason)
        )

    def correct(
        self, tenant: str, clearance_id: str, values: Mapping[str, str], reason: str
    ) -> Json:
        """Amend this side's declaration by term id; the differences reach the partner."""
        return present.clearance(amending.correct(self.desk, tenant, clearance_id, values, reason))

    def cancel(self, tenant: str, clearance_id: str, reason: str) -> Json:
        """Cancel the declaration of this side, and tell the other."""
        return present.clearance(amending.cancel(self.desk, tenant, clearance_id, reason))

    def confirm(self, tenant: str, clearance_id: str, number: int) -> Json:
        """Confirm a change that the other side proposed; it goes to the authority of this side."""
        return present.clearance(amending.confirm(self.desk, tenant, clearance_id, number))

    def decline(self, tenant: str, clearance_id: str, number: int, reason: str) -> Json:
        """Decline a change that the other side proposed, and tell it why."""
        return present.clearance(amending.decline(self.desk, tenant, clearance_id, number, reason))

    def receipt(self, authority: str, data: bytes) -> Json:
        """Take a receipt in the authority's own format; what it meant.

        A receipt that names a reference not known yet is held and taken when it is.
        """
        try:
            record, seen, new = release.take_receipt(self.desk, authority, data)
        except ReferenceUnknown as error:
            release.hold_receipt(self.desk, authority, data)
            return {"held": True, **error.as_dict()}
        return present.meant(record, seen, new=new)

    def received(self, tx: Transaction, exchange: Exchange) -> None:
        """Take up a partner's document: for the pipeline's `on_received`, in its transaction."""
        arrival.received(tx, self.desk, exchange)

    def refused(self, tx: Transaction, exchange: Exchange, problem: Mapping[str, object]) -> None:
        """Show on its clearance why a document went no further: for `on_refused`."""
        record = records.find(tx, exchange.clearance_id)
        if record is not None:
            told = {"exchange": exchange.id, **problem}
            records.save(tx, record.with_body(problem=told), now=self.desk.now())

    def mirrored(self, sender: str, messages: Sequence[Mapping[str, Any]]) -> Json:
        """Take statuses a partner mirrors, its signature already verified; how many were new.

        Raises NotYours when it speaks for a side or a clearance that is not its own, and
        MessageRefused for what no gateway of ours says; nothing of the batch is kept then.
        """
        taken = 0
        try:
            with self.desk.store.begin() as tx:
                for message in messages:
                    taken += self._mirrored(tx, sender, message)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise MessageRefused(reason=repr(error)) from error
        return {"taken": taken, "messages": len(messages)}

    def _mirrored(self, tx: Transaction, sender: str, message: Mapping[str, Any]) -> int:
        clearance_id = str(message["clearance"])
        record = arrival.mirrored(tx, self.desk, clearance_id, {**message, "sender": sender})
        theirs = Side.IMPORT if record.role.side is Side.EXPORT else Side.EXPORT
        seen = [from_dict(status) for status in message.get("statuses", ())]
        for one in seen:
            if one.side is not theirs:
                raise NotYours(sender=sender, side=one.side.value, where=clearance_id)
        record, fresh = records.observe(tx, record, seen, now=self.desk.now())
        if "two_side" in message:
            record = twoside.told(tx, self.desk, record, message["two_side"])
        if "change" in message:
            signed = message["change"].encode()
            record = amending.told(tx, self.desk, record, sender, signed)
        records.save(tx, record, now=self.desk.now())
        return len(fresh)

    def _page(self, tenant: str, before: str | None, limit: int) -> list[Record]:
        with self.desk.store.read() as tx:
            return records.page(tx, tenant, before=before, limit=limit)
