"""The clearances as the faces and the pipeline call them, over the clearance room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.api.clearanceports import ClearanceRequest
from gateway.clearance.opening import Opening
from gateway.clearance.service import ClearanceService
from gateway.exchange.problem import Problem
from gateway.exchange.rooms import Opened
from gateway.store.database import Transaction
from gateway.store.model import Exchange
from gateway.wiring.mirroring import MirrorGate

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Clearing:
    """The clearance service behind the API's door."""

    service: ClearanceService
    gate: MirrorGate

    def open(self, request: ClearanceRequest) -> Json:
        """Open a clearance and return it."""
        related = [data for data in (request.invoice, request.lading) if data is not None]
        return self.service.open(
            Opening(
                tenant=request.tenant,
                declaration=request.declaration,
                related=related,
                receiver=request.receiver,
                corridor=request.corridor,
                key=request.key,
            )
        )

    def page(self, tenant: str, *, before: str | None, limit: int) -> Sequence[Json]:
        """Return the tenant's clearances, newest first."""
        return self.service.page(tenant, before=before, limit=limit)

    def show(self, tenant: str, clearance_id: str) -> Json:
        """Return one clearance; raises NotFound."""
        return self.service.show(tenant, clearance_id)

    def board(self, tenant: str) -> Sequence[Json]:
        """Return one row per clearance."""
        return self.service.board(tenant)

    def form(self, tenant: str, clearance_id: str) -> Json:
        """Return what the importer must still add; raises NotFound."""
        return self.service.form(tenant, clearance_id)

    def answer(self, tenant: str, clearance_id: str, values: Mapping[str, str]) -> Json:
        """Take what the importer added."""
        return self.service.answer(tenant, clearance_id, values)

    def amend(self, tenant: str, clearance_id: str, declaration: bytes, reason: str) -> Json:
        """Amend this side's declaration to a new version."""
        return self.service.amend(tenant, clearance_id, declaration, reason)

    def correct(
        self, tenant: str, clearance_id: str, values: Mapping[str, str], reason: str
    ) -> Json:
        """Amend this side's declaration by term id."""
        return self.service.correct(tenant, clearance_id, values, reason)

    def cancel(self, tenant: str, clearance_id: str, reason: str) -> Json:
        """Cancel this side's declaration."""
        return self.service.cancel(tenant, clearance_id, reason)

    def confirm(self, tenant: str, clearance_id: str, number: int) -> Json:
        """Confirm a change of the other side."""
        return self.service.confirm(tenant, clearance_id, number)

    def decline(self, tenant: str, clearance_id: str, number: int, reason: str) -> Json:
        """Decline a change of the other side."""
        return self.service.decline(tenant, clearance_id, number, reason)

    def receipt(self, authority: str, data: bytes) -> Json:
        """Take a receipt in the authority's own format."""
        return self.service.receipt(authority, data)

    def mirror(self, sender: str, batch: bytes) -> Json:
        """Verify and take statuses of a partner."""
        return self.service.mirrored(sender, self.gate.open(sender, batch))


@dataclass(frozen=True, slots=True)
class Settling:
    """Tells the clearances what became of their documents."""

    service: ClearanceService

    def on_done(self, tx: Transaction, exchanges: Sequence[Exchange]) -> None:
        """Nothing to do: a clearance goes on with the statuses of the other side."""

    def on_refused(self, tx: Transaction, exchange: Exchange, problem: Problem) -> None:
        """Show the problem on the clearance that the document belongs to."""
        if exchange.clearance_id:
            self.service.refused(tx, exchange, problem.as_dict())

    def on_received(self, tx: Transaction, exchange: Exchange, opened: Opened) -> None:  # noqa: ARG002 - the row has all of it
        """Take up a partner's document."""
        self.service.received(tx, exchange)
