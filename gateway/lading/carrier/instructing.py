"""Shipping instructions as a shipper gives them (DCSA EBL 3.0.4), and the draft that comes of them.

An account gives its instructions to a carrier that is a peer, or to this gateway where it is the
carrier itself. A carrier knows us, not our accounts: what was given there is kept with its
account, and nobody else sees or approves what comes of it.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, unquote

from gateway.lading.carrier.carried import TransportDocuments
from gateway.lading.carrier.instructions import ShippingInstructions
from gateway.lading.chain import Json
from gateway.lading.desk import Desk
from gateway.lading.paperwork import new_paper
from gateway.lading.refusals import MessageInvalid, PeerRefused, PeerSilent, UnknownThing
from gateway.lading.shapes import check
from gateway.store import papers
from schemas.jsondepth import loads
from schemas.text import Text

_GIVEN: Final = "instructions-given"
_INSTRUCTIONS: Final = "/v3/shipping-instructions"
_DOCUMENTS: Final = "/v3/transport-documents"
_REFERENCE: Final = "shippingInstructionsReference"
_APPROVED: Final = {"transportDocumentStatus": "APPROVED"}
_CANCELLED: Final = {"shippingInstructionsStatus": "CANCELLED"}
_UPDATE_CANCELLED: Final = {"updatedShippingInstructionsStatus": "UPDATE_CANCELLED"}
_NO_ANSWER: Final = Text("its answer is not usable", "其应答不可用")


class Instructing:
    """Gives shipping instructions for the accounts of one gateway."""

    def __init__(
        self, desk: Desk, instructions: ShippingInstructions, carried: TransportDocuments
    ) -> None:
        """Give them from `desk`; the other two are of this gateway where it is the carrier."""
        self._desk = desk
        self._instructions = instructions
        self._carried = carried

    def give(self, tenant: str, carrier: str, value: Json) -> str:
        """Give new instructions to a carrier; return their reference.

        Raises MessageInvalid, UnknownThing for no such carrier, PeerRefused or PeerSilent.
        """
        faults = check(value, "CreateShippingInstructions")
        if faults:
            raise MessageInvalid(faults)
        if carrier == self._desk.carrier:
            return str(self._instructions.submit(value, tenant)[_REFERENCE])
        told = self._asked(carrier, "POST", _INSTRUCTIONS, value)
        if check(told, "CreateShippingInstructionsResponse"):
            raise PeerSilent(_NO_ANSWER, where=carrier)
        reference, now = str(told[_REFERENCE]), self._desk.clock()
        given = new_paper(_GIVEN, f"{carrier}/{reference}", state="given", tenant=tenant, now=now)
        with self._desk.store.begin() as tx:
            papers.add(tx, given)
        return reference

    def update(self, tenant: str, carrier: str, reference: str, value: Json) -> None:
        """Send an update of instructions; raises as `give`."""
        faults = check(value, "UpdateShippingInstructions")
        if faults:
            raise MessageInvalid(faults)
        if carrier == self._desk.carrier:
            self._instructions.update(reference, value, tenant)
            return
        self._require_given(tenant, carrier, reference)
        self._asked(carrier, "PUT", _at(_INSTRUCTIONS, reference), value)

    def cancel(
        self, tenant: str, carrier: str, reference: str, *, update_only: bool = False
    ) -> None:
        """Cancel instructions, or their update alone; raises as `give`."""
        said = _UPDATE_CANCELLED if update_only else _CANCELLED
        if carrier == self._desk.carrier:
            self._instructions.cancel(reference, said, tenant)
            return
        self._require_given(tenant, carrier, reference)
        self._asked(carrier, "PATCH", _at(_INSTRUCTIONS, reference), said)

    def shown(self, tenant: str, carrier: str, reference: str, *, updated: bool = False) -> Json:
        """Return instructions as the carrier has them, or their update; raises as `give`."""
        if carrier == self._desk.carrier:
            return self._instructions.show(reference, tenant, updated=updated)
        self._require_given(tenant, carrier, reference)
        query = "?updatedContent=true" if updated else ""
        return self._object(carrier, _at(_INSTRUCTIONS, reference) + query)

    def document(self, tenant: str, carrier: str, reference: str) -> Json:
        """Return the transport document, as it stands, of instructions that the account gave."""
        if carrier == self._desk.carrier:
            return self._carried.show(reference, tenant)
        found = self._object(carrier, _at(_DOCUMENTS, reference))
        self._require_given(tenant, carrier, str(found.get(_REFERENCE, "")))
        return found

    def approve(self, tenant: str, carrier: str, reference: str) -> None:
        """Approve the draft of a transport document; raises as `give`."""
        if carrier == self._desk.carrier:
            self._carried.approve(reference, _APPROVED, tenant)
            return
        self.document(tenant, carrier, reference)
        self._asked(carrier, "PATCH", _at(_DOCUMENTS, reference), _APPROVED)

    def _require_given(self, tenant: str, carrier: str, reference: str) -> None:
        with self._desk.store.read() as tx:
            given = papers.find(tx, _GIVEN, f"{carrier}/{reference}")
        if given is None or given.tenant != tenant:
            raise UnknownThing(where=reference, what="shipping instructions")

    def _object(self, carrier: str, path: str) -> Json:
        told = self._asked(carrier, "GET", path, None)
        if not isinstance(told, dict):  # 202: the carrier is still at work on it
            raise PeerSilent(_NO_ANSWER, where=carrier)
        return told

    def _asked(self, carrier: str, method: str, path: str, message: object) -> Any:  # noqa: ANN401 - JSON
        """Return what a carrier answered, None for no body."""
        if not self._desk.peers.knows(carrier):
            raise UnknownThing(where=carrier, what="carrier")
        reply = self._desk.peers.call(carrier, method, path, message)
        said = _parsed(reply.body)
        if reply.status // 100 == HTTPStatus.OK // 100:
            return said
        if reply.status == HTTPStatus.NOT_FOUND:
            there = unquote(path.rsplit("/", 1)[1])
            raise UnknownThing(where=there, what="document of the carrier")
        reason = f"HTTP {reply.status}"
        if isinstance(said, dict) and said.get("statusCodeMessage"):
            reason = f"{reason}: {said['statusCodeMessage']}"
        final = HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR
        raise (PeerRefused if final else PeerSilent)(Text(reason, reason), where=carrier)


def _at(path: str, reference: str) -> str:
    return f"{path}/{quote(reference, safe='')}"


def _parsed(data: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return loads(data) if data else None
    except ValueError:
        return None
