"""What an operator sees of its papers, and a carrier of the bills it had issued."""

from __future__ import annotations

from typing import Final

from gateway.lading.carrier.arrivals import KIND as ARRIVAL
from gateway.lading.carrier.surrender import ASKED_OF as SURRENDER
from gateway.lading.chain import Json
from gateway.lading.desk import Desk
from gateway.lading.platform.issuance import ASKED_OF as ISSUANCE
from gateway.lading.release.cargo import ORDER
from gateway.store import papers
from gateway.store.database import Transaction
from gateway.store.papers import Paper
from schemas.clock import iso

_MOST: Final = 200


def issued(desk: Desk) -> list[Json]:
    """Return the documents that this carrier asked platforms to issue, the newest first."""
    with desk.store.read() as tx:
        return [_row(tx, paper) for paper in papers.listed(tx, ISSUANCE, limit=_MOST)]


def listed(desk: Desk, *kinds: str) -> list[Json]:
    """Return the papers of some kinds, the newest first of each."""
    with desk.store.read() as tx:
        return [
            {
                "kind": each.kind,
                "reference": each.reference,
                "bill": each.bill,
                "state": each.state,
                "updated_at": iso(each.updated_at),
            }
            for kind in kinds
            for each in papers.listed(tx, kind)
        ]


def _row(tx: Transaction, paper: Paper) -> Json:
    asked = papers.listed(tx, SURRENDER, bill=paper.reference, limit=1)
    arrival = papers.find(tx, ARRIVAL, paper.reference)
    return {
        "reference": paper.reference,
        "platform": paper.body["platform"],
        "state": paper.state,
        "surrender": asked[0].state if asked else "",
        "for": asked[0].body["request"]["surrenderRequestCode"] if asked else "",
        "arrival": arrival.body["transports"]["etaAtPortOfDischargeDate"] if arrival else "",
        "orders": [
            {"number": order.reference, "state": order.state, "out": len(order.body["used"])}
            for order in papers.listed(tx, ORDER, bill=paper.reference)
        ],
        "updated_at": iso(paper.updated_at),
    }
