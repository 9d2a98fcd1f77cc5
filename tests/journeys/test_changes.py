"""Changes between two gateways, on both databases, and what an auditor sees of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.sandbox import shipments
from tests.journeys.pair import Pair, Side, proven, wait_for

SHIPMENT = shipments.load("g01")
NAME = "BorderTransportMeans.Name"
Shown = dict[str, Any]


def changed(side: Side, clearance: str, done: Callable[[Shown], object]) -> Shown:
    """Wait until a gateway shows a change that is as wanted; return its first."""

    def look() -> Shown | None:
        shown: Shown = side.get(f"/v1/clearances/{clearance}") or {}
        found = next(iter(shown.get("changes", ())), None)
        return found if found and done(found) else None

    return wait_for(look, what="change")


def change(side: Side, clearance: str, call: str, **said: object) -> Shown:
    """Ask a gateway for a change, and return the clearance."""
    answer = side.http.post(f"/v1/clearances/{clearance}/{call}", json=said)
    assert answer.status_code == 200, answer.text
    shown: Shown = answer.json()
    return shown


def test_an_amendment_is_agreed_and_proven(gateways: Pair) -> None:
    """One field amended in Shanghai, confirmed by the importer, granted, in both logs, proven."""
    clearance = gateways.open(SHIPMENT.declaration, SHIPMENT.invoice, SHIPMENT.lading)
    gateways.form(clearance)
    gateways.answer(clearance, SHIPMENT.answers)
    exporter, _ = gateways.cleared(clearance)
    change(gateways.exporter, clearance, "amendments", reason="another vessel",
           fields={NAME: "SAMPLE BALTIC"})  # fmt: skip
    proposed = changed(gateways.importer, clearance, lambda one: one["state"] == "proposed")
    assert [(c["term"], c["new"]) for c in proposed["changes"]] == [(NAME, "SAMPLE BALTIC")]
    change(gateways.importer, clearance, "confirmations", number=proposed["number"])
    there = changed(gateways.importer, clearance, lambda one: "customs" in one)
    here = changed(gateways.exporter, clearance, lambda one: "answer" in one)
    assert there["customs"]["state"] == "granted"
    assert (here["sha256"], here["answer"]) == (there["sha256"], there["answer"])
    for side in gateways.sides:
        for digest in (here["sha256"], here["answer"]["sha256"]):
            with side.gateway.logbook.reading(side.gateway.logbook.current()) as log:
                assert log.find(bytes.fromhex(digest)) > 0
    verdict = gateways.audit(gateways.exporter.evidence(exporter["opened"]))
    proven(verdict, "who", "when", "in_log", "anchored", "alike", "changed")
    told, agreed = verdict["ledger"]["changed"]["details"]
    assert [each["new"] for each in told["changes"]] == ["SAMPLE BALTIC"]
    assert (told["by"], agreed["by"]) == ("exporter", "importer")
    assert told["signer"] != agreed["signer"]
    assert told["time"] <= agreed["time"]
    theirs = gateways.audit(gateways.importer.evidence(clearance, of="clearances"))
    proven(theirs, "who", "in_log", "anchored", "alike", "changed", "verified", "declared")


def test_a_cancellation_ends_both_sides(gateways: Pair) -> None:
    """Cancelled after the release: both customs delete, nothing counts as cleared."""
    declaration = SHIPMENT.declaration.replace(b"SMPL20260310G01", b"SMPL20260310G99")
    assert declaration != SHIPMENT.declaration
    clearance = gateways.open(declaration, SHIPMENT.invoice, SHIPMENT.lading)

    def declared() -> bool:
        shown: Shown = gateways.importer.get(f"/v1/clearances/{clearance}") or {}
        if shown.get("form"):
            gateways.answer(clearance, SHIPMENT.answers)
        return bool(shown and shown["import"]["reference"])

    wait_for(declared, what="import declaration")
    change(gateways.exporter, clearance, "cancellation", reason="sold elsewhere")
    told = changed(gateways.importer, clearance, lambda one: one["kind"] == "cancellation")
    change(gateways.importer, clearance, "confirmations", number=told["number"])

    def void() -> bool:
        shown = [side.get(f"/v1/clearances/{clearance}") for side in gateways.sides]
        names = {(one[side]["status"] or {}).get("name") for one in shown
                 for side in ("export", "import")}  # fmt: skip
        return names == {"DELETED"} and all(one["ended"] for one in shown)

    wait_for(void, what="end of both sides")
