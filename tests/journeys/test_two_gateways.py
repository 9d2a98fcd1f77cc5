"""Two gateways exchange and clear, on both databases, and an auditor sees it."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sandbox import shipments
from tests.journeys.pair import Pair, proven, wait_for

SHIPMENT = shipments.load("g01")
ALL = ("who", "when", "unchanged", "in_log", "anchored", "delivered", "received")
CLEARED = "CLEARED_CLOSED"


@pytest.mark.parametrize(
    ("document", "target", "correlation"),
    [("invoice", "peppol-ubl", ""), ("lading", "dcsa-ebl", ""), ("declaration", "wco-dec", "g01")],
)
def test_a_document_arrives_and_its_way_isproven(
    gateways: Pair, document: str, target: str, correlation: str
) -> None:
    """XML (XAdES) and JSON (JWS) alike: signed, stamped, logged, anchored, delivered, received."""
    data: bytes = getattr(SHIPMENT, document)
    before = len(gateways.importer.inbox())
    exchange = gateways.exporter.send(data, target, "sg-port", correlation=correlation)
    sent = gateways.exporter.settled(exchange)
    assert (sent["state"], sent["stage"]) == ("done", "acknowledge")
    arrived = wait_for(
        lambda: [one for one in gateways.importer.inbox() if one["message_id"] == exchange],
        what="delivery",
    )
    assert len(gateways.importer.inbox()) == before + 1
    assert arrived[0]["source_format"] == target
    assert arrived[0]["correlation"] == correlation
    proven(gateways.audit(gateways.exporter.evidence(exchange)), *ALL)
    proven(gateways.audit(gateways.importer.evidence(arrived[0]["id"])), *ALL, "verified")


def test_the_receiver_logs_the_same_document(gateways: Pair) -> None:
    """Both logs hold the digest of the one signed document that travelled."""
    exchange = gateways.exporter.send(SHIPMENT.invoice, "peppol-ubl", "sg-port", correlation="log")
    gateways.exporter.settled(exchange)

    def digest(side: int, wanted: str) -> str | None:
        for one in (gateways.exporter, gateways.importer)[side].get("/v1/exchanges")["items"]:
            if one["message_id"] == exchange:
                path = f"/v1/exchanges/{one['id']}/timeline"
                events = (gateways.exporter, gateways.importer)[side].get(path)["events"]
                found = [event["detail"] for event in events if event["stage"] == wanted]
                return str(found[0]["digest"]) if found else None
        return None

    theirs = wait_for(lambda: digest(1, "log"), what="entry in the importer's log")
    assert theirs == digest(0, "log")


def test_a_tampered_package_proves_nothing(gateways: Pair) -> None:
    """One byte of the evidence changed: the auditor refuses the whole."""
    exchange = gateways.exporter.send(SHIPMENT.invoice, "peppol-ubl", "sg-port", correlation="bad")
    gateways.exporter.settled(exchange)
    package = bytearray(gateways.exporter.evidence(exchange))
    package[len(package) // 2] ^= 1
    assert gateways.audit(bytes(package))["indication"] != "TOTAL-PASSED"


def test_one_declaration_clears_both_sides(gateways: Pair) -> None:
    """Entered once in Shanghai, completed by the importer, cleared by both customs, proven."""
    clearance = gateways.open(SHIPMENT.declaration, SHIPMENT.invoice, SHIPMENT.lading)
    form = gateways.form(clearance)
    assert {field["id"] for field in form["fields"]} <= set(SHIPMENT.answers)
    gateways.answer(clearance, SHIPMENT.answers)
    exporter, importer = gateways.cleared(clearance)
    for shown in (exporter, importer):
        assert shown["export"]["status"]["name"] == CLEARED
        assert shown["import"]["status"]["name"] == CLEARED
    assert _codes(exporter) == _codes(importer)
    verdict = gateways.audit(gateways.exporter.evidence(exporter["opened"]))
    proven(verdict, *ALL, "alike")
    theirs = gateways.audit(gateways.importer.evidence(clearance, of="clearances"))
    proven(theirs, *ALL, "alike", "verified", "declared")
    for side in gateways.sides:
        board = side.get("/v1/clearances/board")["items"]
        assert [row["cleared"] for row in board if row["id"] == clearance] == [True]


def _codes(shown: dict[str, Any]) -> dict[str, list[str]]:
    """Return the authorities' own codes that a gateway knows of, by side."""
    sides = ("export", "import")
    return {side: sorted(one["code"] for one in shown[side]["timeline"]) for side in sides}
