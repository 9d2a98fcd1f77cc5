"""An invoice goes from a sender that writes UBL to a partner that wants CII."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import adapters
from schemas.model.business_terms import business_terms
from tests.journeys.pair import Pair, proven, wait_for

INVOICE = (Path(adapters.__file__).parent / "peppol_ubl" / "samples" / "complete.xml").read_bytes()
WAY = ("detect", "validate", "translate", "sign", "stamp", "log", "deliver")


def said(data: bytes) -> list[tuple[str, str]]:
    """Return the business terms of an invoice, its profile left out."""
    terms = business_terms(adapters.read(data).document)
    return sorted((path, value) for path, value, _ in terms if not path.startswith("BG-2/"))


def payload(gateways: Pair, exchange: str, role: str) -> bytes:
    """Return one payload of an exchange at the exporter."""
    answer = gateways.exporter.http.get(f"/v1/exchanges/{exchange}/payloads/{role}")
    assert answer.status_code == 200, answer.text
    return answer.content


def test_an_invoice_arrives_in_the_format_that_the_partner_wants(gateways: Pair) -> None:
    """UBL in, CII out, every term kept: checked, translated, signed, stamped, logged, delivered."""
    exchange = gateways.exporter.send(INVOICE, "", "sg-port", correlation="INV-7")
    sent = gateways.exporter.settled(exchange)
    assert (sent["state"], sent["stage"]) == ("done", "acknowledge")
    assert (sent["source_format"], sent["target_format"]) == ("peppol-ubl", "cefact-cii")
    events = gateways.exporter.get(f"/v1/exchanges/{exchange}/timeline")["events"]
    stages = [event["stage"] for event in events]
    assert [stage for stage in WAY if stage in stages] == list(WAY)
    rendered = payload(gateways, exchange, "rendered")
    assert adapters.detect(rendered) == "cefact-cii"
    assert said(rendered) == said(INVOICE)
    arrived: list[dict[str, Any]] = wait_for(
        lambda: [one for one in gateways.importer.inbox() if one["message_id"] == exchange],
        what="delivery",
    )
    assert arrived[0]["source_format"] == "cefact-cii"
    package = gateways.exporter.evidence(exchange)
    proven(gateways.audit(package), "who", "when", "unchanged", "in_log", "delivered", "received")


def test_an_invoice_that_is_not_in_order_is_refused_before_it_is_translated(gateways: Pair) -> None:
    """What breaks the schema goes nowhere, and the refusal says what and where."""
    broken = INVOICE.replace(b"<cbc:ID>SMPL-7</cbc:ID>", b"")
    exchange = gateways.exporter.send(broken, "", "sg-port", correlation="broken")
    sent = gateways.exporter.settled(exchange)
    assert (sent["state"], sent["stage"]) == ("refused", "validate")
    assert b"xsd-ubl-2.1" in payload(gateways, exchange, "findings")
    assert not [one for one in gateways.importer.inbox() if one["message_id"] == exchange]


def test_the_format_asked_for_wins(gateways: Pair) -> None:
    """A sender may name the format: the invoice as a Factur-X file, signed and delivered too."""
    exchange = gateways.exporter.send(INVOICE, "facturx", "sg-port", correlation="pdf")
    sent = gateways.exporter.settled(exchange)
    assert (sent["state"], sent["target_format"]) == ("done", "facturx")
    assert said(payload(gateways, exchange, "rendered")) == said(INVOICE)
