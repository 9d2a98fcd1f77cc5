"""Measures of the clearance room: what joining and a corridor add to a declaration (one core)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import process_time

import adapters
from gateway.clearance.build import outbound
from gateway.clearance.corridor import corridor
from gateway.store import clearances
from schemas.document import Document, Family, Term
from tests.bench import Figure
from tests.bench.bench_adapters import declaration
from tests.gateway.clearance import world as play
from tests.gateway.clearance.test_service import cleared

LINES = 50
RUNS = 100
ROWS = 100
_ITEM = "GoodsShipment.GovernmentAgencyGoodsItem"


def run() -> Iterator[Figure]:
    """Yield the figures."""
    document = adapters.read(declaration(LINES, 7)).document
    related, profile = [_invoice(document), _lading()], corridor("cn-sg")
    cost = _median(lambda: outbound(document, related, profile))
    yield Figure("invoice, bill of lading and corridor, 50 lines, median", cost, "ms", "<= 2")
    with tempfile.TemporaryDirectory() as folder, play.world(Path(folder)) as world:
        _fill(world, cleared(world))
        board = _median(lambda: world.export.board(play.EXPORTER, limit=ROWS))
    yield Figure("board of 100 cleared clearances, SQLite, median", board, "ms", "<= 50")


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        start = process_time()
        work()
        times.append(process_time() - start)
    return median(times) * 1000


def _invoice(document: Document) -> Document:
    """An invoice with a line for each of the declaration's, in English."""
    found = [Term("BT-1", "LSE-26-1"), Term("BT-2", "2026-03-01"), Term("BT-5", "USD"),
             Term("BG-4/BT-27", "Sample Exporter"), Term("BG-7/BT-44", "Sample Importer"),
             Term("BG-7/BG-8/BT-55", "SG"), Term("ext.ubl.DeliveryTerms.ID", "CIF")]  # fmt: skip
    for n in range(1, LINES + 1):
        at = f"BG-25[{n}]"
        amount = document.value(f"{_ITEM}[{n}].Commodity.InvoiceLine.ItemChargeAmount")
        found += [
            Term(f"{at}/BT-126", str(n)),
            Term(f"{at}/BT-131", amount, {"currency": "USD"}),
            Term(f"{at}/BG-31/BT-153", f"Smartphone, model S{n}, lot 7"),
            Term(f"{at}/BG-31/BT-158", "851713"),
            Term(f"{at}/BG-31/BT-159", "CN"),
        ]
    return Document("peppol-ubl", "3.0", Family.INVOICE, found)


def _lading() -> Document:
    """A bill of lading with one consignment item and one container."""
    box, item = "TD.utilizedTransportEquipments[1]", "TD.consignmentItems[1]"
    found = {
        "TD.transportDocumentReference": "SMPLQD26030001",
        "TD.transports.vesselVoyages[1].vesselName": "SAMPLE PIONEER",
        "TD.transports.portOfLoading.UNLocationCode": "CNTAO",
        "TD.transports.portOfDischarge.UNLocationCode": "SGSIN",
        f"{box}.equipment.equipmentReference": "TSTU2603017",
        f"{box}.equipment.ISOEquipmentCode": "45G1",
        f"{box}.seals[1].number": "S1",
        f"{item}.HSCodes[1]": "851713",
        f"{item}.cargoItems[1].outerPackaging.numberOfPackages": "624",
    }
    terms = [Term(name, value) for name, value in found.items()]
    return Document("dcsa-ebl", "3.0", Family.LADING, terms)


def _fill(world: play.World, clearance_id: str) -> None:
    """Copy a clearance with all its statuses, as many times as the board has rows."""
    with world.export.desk.store.begin() as tx:
        known = clearances.get(tx, clearance_id)
        statuses = clearances.statuses_of(tx, clearance_id)
        for n in range(ROWS):
            clearances.add(tx, replace(known, id=f"c{n:05}"))
            copies = [replace(status, clearance_id=f"c{n:05}") for status in statuses]
            clearances.add_statuses(tx, copies)
