"""The endorsement chain of a bill (DCSA END 3.0.4): for the carrier that issued it."""

from __future__ import annotations

from typing import Final

from gateway.lading.chain import Json
from gateway.lading.desk import Desk
from gateway.lading.history import link, links
from gateway.lading.refusals import UnknownThing
from gateway.store import ladings
from gateway.store.database import Transaction
from gateway.store.ladings import Bill

_NMFTA: Final = "NMFTA"
_SUB: Final = "transportDocumentSubReference"


def chains(desk: Desk, reference: str, caller: str, *, sub: str = "", scac: str = "") -> list[Json]:
    """Return the chain of each bill that stood under a reference, the latest first.

    `sub` and `scac`, where given, are the sub reference of the document and the SCAC of its
    carrier. Raises UnknownThing, also where the caller is not the carrier of the bill.
    """
    with desk.store.read() as tx:
        found = [
            _chain(tx, bill)
            for bill in ladings.of_reference(tx, reference)
            if _may_see(desk, bill, caller) and _asked(bill, sub, scac)
        ]
    if not found:
        raise UnknownThing(where=reference, what="transport document")
    return found


def _may_see(desk: Desk, bill: Bill, caller: str) -> bool:
    code = str(bill.body["document"]["carrierCode"])
    return caller in {code, desk.peers.carriers().get(code)}


def _asked(bill: Bill, sub: str, scac: str) -> bool:
    document = bill.body["document"]
    return sub in {"", document.get(_SUB)} and scac in {"", _scac(document)}


def _scac(document: Json) -> str | None:
    """Return the carrier's code where it is one of NMFTA."""
    known = document["carrierCodeListProvider"] == _NMFTA
    return str(document["carrierCode"]) if known else None


def _chain(tx: Transaction, bill: Bill) -> Json:
    document = bill.body["document"]
    said: Json = {"transportDocumentReference": bill.reference}
    if document.get(_SUB):
        said[_SUB] = document[_SUB]
    if _scac(document):
        said["carrierSCACCode"] = _scac(document)
    return {**said, "endorsementChain": [link(each) for each in links(tx, bill)]}
