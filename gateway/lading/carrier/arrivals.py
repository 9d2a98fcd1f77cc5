"""Arrival notices: given by the carrier, told to who may have them, handed out, kept there.

The platform of issue may have the notice of a bill, and the shipper who instructed the carrier;
both are notified (DCSA AN NTF 1.0.0-Beta-1) where they have an address of their own.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from gateway.lading import view
from gateway.lading.carrier import arrivalnotice, noticing
from gateway.lading.carrier.carried import KIND as DOCUMENT
from gateway.lading.chain import Json
from gateway.lading.desk import Desk, as_json
from gateway.lading.paperwork import new_paper, put
from gateway.lading.platform.issuance import ASKED_OF
from gateway.lading.refusals import MessageInvalid, NotNow, PeerSilent, UnknownThing
from gateway.lading.shapes import Fault, check
from gateway.store import papers
from gateway.store.database import Transaction
from schemas.jsondepth import loads
from schemas.text import Text

KIND: Final = view.ARRIVAL
_PATH: Final = "/v1/arrival-notice/"
_ANNOUNCED: Final = "announced"


class Arrivals:
    """The arrival notices at one desk."""

    def __init__(self, desk: Desk) -> None:
        """Work at `desk`."""
        self._desk = desk

    def derive(self, reference: str, known: object) -> Json:
        """Announce the arrival of a bill that this carrier had issued; return the notice.

        `known` are the properties of the notice that the document does not say. Raises
        UnknownThing, MessageInvalid for what is missing.
        """
        if not isinstance(known, dict):
            raise MessageInvalid([Fault("$", "", known, "an object")])
        with self._desk.store.read() as tx:
            issued = papers.find(tx, ASKED_OF, reference)
        if issued is None:
            raise UnknownThing(where=reference, what="bill of lading")
        document = issued.body["request"]["document"]
        notice = arrivalnotice.derive(document, known, self._desk.clock().date())
        self.announce(notice)
        return notice

    def announce(self, notice: object) -> str:
        """Keep a carrier's notice and return its transport document reference.

        Raises MessageInvalid; a newer notice takes the place of an older one.
        """
        return self._keep(notice, _ANNOUNCED)

    def handed_out(self, reference: str, caller: str) -> Json:
        """Return the notice of a document that the caller may have; raises UnknownThing."""
        with self._desk.store.read() as tx:
            notice = papers.find(tx, KIND, reference)
            readers = _readers(tx, reference)
        if notice is None or caller not in readers:
            raise UnknownThing(where=reference, what="arrival notice")
        return as_json(notice.body)

    def fetch(self, reference: str, tenant: str | None) -> Json:
        """Ask the carrier of a bill for its notice, keep it, and return it.

        Raises UnknownThing where there is no bill or no notice, NotNow where the carrier is no
        peer, PeerSilent, and MessageInvalid for an answer that is no notice of the bill.
        """
        desk = self._desk
        with desk.store.read() as tx:
            bill = view.found(tx, reference, tenant)
        carrier = desk.peers.carriers().get(str(bill.body["document"]["carrierCode"]))
        if carrier is None:
            raise NotNow(Text("its carrier is no peer", "其承运人未互联"))
        reply = desk.peers.call(carrier, "GET", _PATH + reference, None)
        if reply.status == HTTPStatus.NOT_FOUND:
            raise UnknownThing(where=reference, what="arrival notice")
        if reply.status != HTTPStatus.OK:
            raise PeerSilent(Text(f"HTTP {reply.status}", f"HTTP {reply.status}"), where=carrier)
        notice = _parsed(reply.body)
        if notice.get("transportDocumentReference") != reference:
            place = "transportDocumentReference"
            raise MessageInvalid([Fault(f"$.{place}", place, notice.get(place), reference)])
        self._keep(notice, "received")
        return notice

    def _keep(self, notice: object, state: str) -> str:
        faults = check(notice, arrivalnotice.SHAPE)
        if faults:
            raise MessageInvalid(faults)
        assert isinstance(notice, dict)  # noqa: S101 - the shape says so
        reference, now = str(notice["transportDocumentReference"]), self._desk.clock()
        with self._desk.store.begin() as tx:
            paper = new_paper(KIND, reference, state=state, bill=reference, body=notice, now=now)
            put(tx, paper, papers.find(tx, KIND, reference))
            if state == _ANNOUNCED:
                noticing.arrival(self._desk, tx, notice, _readers(tx, reference))
        return reference


def _readers(tx: Transaction, reference: str) -> set[str]:
    """Return who may have the notice of a document: the platform of issue, and its shipper."""
    issued = papers.find(tx, ASKED_OF, reference)
    drafted = papers.find(tx, DOCUMENT, reference)
    platform = set() if issued is None else {str(issued.body["platform"])}
    return platform | (set() if drafted is None else {drafted.tenant})


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        found = loads(data)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise MessageInvalid([Fault("$", "", "", "an arrival notice")])
    return found
