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


def chains(desk: Desk, reference: str, caller: str, sub: str = "") -> list[Json]:
    """Return the chain of each bill that stood under a reference, the latest first.

    Raises UnknownThing, also where the caller is not the carrier of the bill.
    """
    with desk.store.read() as tx:
        found = [
            _chain(tx, bill)
            for bill in ladings.of_reference(tx, reference)
            if _may_see(desk, bill, caller) and sub in {"", bill.body["document"].get(_SUB)}
        ]
    if not found:
        raise UnknownThing(where=reference, what="transport document")
    return found


def _may_see(desk: Desk, bill: Bill, caller: str) -> bool:
    code = str(bill.body["document"]["carrierCode"])
    return caller in {code, desk.peers.carriers().get(code)}


def _chain(tx: Transaction, bill: Bill) -> Json:
    document = bill.body["document"]
    said: Json = {"transportDocumentReference": bill.reference}
    if document.get(_SUB):
        said[_SUB] = document[_SUB]
    if document["carrierCodeListProvider"] == _NMFTA:
        said["carrierSCACCode"] = document["carrierCode"]
    return {**said, "endorsementChain": [link(each) for each in links(tx, bill)]}
