"""What the faces need of the two-sided clearances; see `gateway.api.ports`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearanceRequest:
    """What a clearance is opened from. Empty `corridor`: the one between the two countries."""

    tenant: str
    declaration: bytes
    invoice: bytes | None = None
    lading: bytes | None = None
    receiver: str = ""
    corridor: str = ""
    key: str = ""


class Clearances(Protocol):
    """The two-sided clearances; the shapes are those of `silkgate clearance --json`."""

    def open(self, request: ClearanceRequest) -> Json:
        """Open a clearance and return it, `id` included."""
        ...

    def page(self, tenant: str, *, before: str | None, limit: int) -> Sequence[Json]:
        """Return the tenant's clearances, newest first."""
        ...

    def show(self, tenant: str, clearance_id: str) -> Json:
        """Return one clearance with every status of both sides; raises NotFound."""
        ...

    def board(self, tenant: str) -> Sequence[Json]:
        """Return one row per clearance with the current status of both sides."""
        ...

    def form(self, tenant: str, clearance_id: str) -> Json:
        """Return what the importer must still add; raises NotFound."""
        ...

    def answer(self, tenant: str, clearance_id: str, values: Mapping[str, str]) -> Json:
        """Take what the importer added, by field; the clearance as it stands then."""
        ...

    def amend(self, tenant: str, clearance_id: str, declaration: bytes, reason: str) -> Json:
        """Amend this side's declaration to a new version; the clearance as it stands then."""
        ...

    def correct(
        self, tenant: str, clearance_id: str, values: Mapping[str, str], reason: str
    ) -> Json:
        """Amend this side's declaration by term id; the clearance as it stands then."""
        ...

    def cancel(self, tenant: str, clearance_id: str, reason: str) -> Json:
        """Cancel this side's declaration; the clearance as it stands then."""
        ...

    def confirm(self, tenant: str, clearance_id: str, number: int) -> Json:
        """Confirm a change of the other side; the clearance as it stands then."""
        ...

    def decline(self, tenant: str, clearance_id: str, number: int, reason: str) -> Json:
        """Decline a change of the other side; the clearance as it stands then."""
        ...

    def receipt(self, authority: str, data: bytes) -> Json:
        """Take a receipt in the authority's own format; what it meant."""
        ...

    def mirror(self, sender: str, batch: bytes) -> Json:
        """Take statuses (JWS) of partner `sender`, verified first; what was new in them."""
        ...
