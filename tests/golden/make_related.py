"""The invoice and the bill of lading of each golden shipment, rendered by our own adapters.

usage: python -m tests.golden.make_related OUT

Writes OUT/gNN/invoice.xml (UBL) and OUT/gNN/lading.json (DCSA) for every shipment that has a
declaration. The text of the shipments is invented, and so is everything written here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lxml import etree

import adapters
from schemas import xml
from schemas.document import Document, Family, Term

HERE: Final = Path(__file__).parent
SHIPMENTS: Final = HERE / "shipments"
DECLARED: Final = ("g01", "g02", "g03", "g04", "g06")
# ISO 6523 ICD (code list of BT-30-1); an identifier of another scheme stands without.
ICD: Final = {"SG-UEN": "0195", "NZ-NZBN": "0088"}
OUTSIDE_VAT: Final = "O"

Facts = dict[str, Any]


def shipment(name: str) -> Facts:
    """Return the facts of a golden shipment."""
    facts: Facts = json.loads((SHIPMENTS / f"{name}.json").read_text(encoding="utf-8"))
    return facts


def invoice(facts: Facts) -> bytes:
    """Return the UBL invoice of a shipment, indented for people."""
    document = Document("golden", "1", Family.INVOICE, list(_invoice_terms(facts)))
    root = xml.parse(adapters.render(document, "peppol-ubl").data)
    etree.indent(root)
    text = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return text + b"\n"


def lading(facts: Facts) -> bytes:
    """Return the DCSA transport document of a shipment."""
    document = Document("golden", "1", Family.LADING, list(_lading_terms(facts)))
    return adapters.render(document, "dcsa-ebl").data


def _invoice_terms(facts: Facts) -> Iterator[Term]:
    bill, total = facts["invoice"], facts["invoice"]["total"]
    money = {"currency": bill["currency"]}
    yield Term("BT-1", bill["number"])
    yield Term("BT-2", bill["date"])
    yield Term("BT-3", "380")
    yield Term("BT-5", bill["currency"])
    if bill["contract"]:
        yield Term("BT-12", bill["contract"])
    yield from _party(facts["exporter"], SELLER)
    yield from _party(facts["importer"], BUYER)
    yield Term("ext.ubl.DeliveryTerms.ID", facts["terms"]["incoterm"])
    yield Term("ext.ubl.DeliveryTerms.DeliveryLocation.Name", facts["terms"]["place"])
    for number in (106, 109, 112, 115):
        yield Term(f"BG-22/BT-{number}", total, money)
    yield Term("BG-22/BT-110", "0.00", money)
    yield Term("BG-23[1]/BT-116", total, money)
    yield Term("BG-23[1]/BT-117", "0.00", money)
    yield Term("BG-23[1]/BT-118", OUTSIDE_VAT)
    yield Term("BG-23[1]/BT-120", "Not subject to VAT")
    for index, line in enumerate(facts["lines"], 1):
        yield from _line(line, f"BG-25[{index}]/")


@dataclass(frozen=True)
class Role:
    """The term ids of a party: name, legal registration, and the parts of its address."""

    name: str
    legal: str
    address: tuple[str, str, str, str]


SELLER: Final = Role(
    "BG-4/BT-27",
    "BG-4/BT-30",
    ("BG-4/BG-5/BT-35", "BG-4/BG-5/BT-37", "BG-4/BG-5/BT-38", "BG-4/BG-5/BT-40"),
)
BUYER: Final = Role(
    "BG-7/BT-44",
    "BG-7/BT-47",
    ("BG-7/BG-8/BT-50", "BG-7/BG-8/BT-52", "BG-7/BG-8/BT-53", "BG-7/BG-8/BT-55"),
)


def _party(party: Facts, role: Role) -> Iterator[Term]:
    place = party["address"]
    yield Term(role.name, party["name_en"])
    for term_id, key in zip(role.address, ("line", "city", "postcode", "country"), strict=True):
        if place[key]:
            yield Term(term_id, place[key])
    identifier = party.get("id") or party.get("uscc")
    if identifier:
        icd = ICD.get(party.get("id_scheme", ""))
        yield Term(role.legal, identifier, {"scheme": icd} if icd else {})


def _line(line: Facts, at: str) -> Iterator[Term]:
    money = {"currency": line["currency"]}
    yield Term(f"{at}BT-126", str(line["no"]))
    yield Term(f"{at}BT-129", line["qty"], {"unit": line["unit"]})
    yield Term(f"{at}BT-131", line["total"], money)
    yield Term(f"{at}BG-29/BT-146", line["price"], money)
    yield Term(f"{at}BG-30/BT-151", OUTSIDE_VAT)
    yield Term(f"{at}BG-31/BT-153", line["name_en"])
    yield Term(f"{at}BG-31/BT-158[1]", line["hs6"], {"scheme": "HS"})
    yield Term(f"{at}BG-31/BT-159", line["origin"])
    facts = (
        ("Gross weight kg", line["gross_kg"]),
        ("Net weight kg", line["net_kg"]),
        ("Packages", str(line["packages"]["count"])),
        ("Package type", line["packages"]["type"]),
    )
    for index, (name, value) in enumerate(facts, 1):
        yield Term(f"{at}BG-31/BG-32[{index}]/BT-160", name)
        yield Term(f"{at}BG-31/BG-32[{index}]/BT-161", value)


def _lading_terms(facts: Facts) -> Iterator[Term]:
    way = facts["transport"]
    yield Term("TD.transportDocumentReference", way["document"])
    yield Term("TD.transportDocumentStatus", "ISSUED")
    yield Term("TD.transportDocumentTypeCode", "BOL" if way["mode"] == "1" else "SWB")
    yield Term("TD.shippedOnBoardDate", way["departure"])
    yield Term("TD.carrierCode", "SMPL")
    yield Term("TD.transports.plannedDepartureDate", way["departure"])
    yield Term("TD.transports.plannedArrivalDate", way["arrival"])
    yield Term("TD.transports.portOfLoading.UNLocationCode", way["loading"])
    yield Term("TD.transports.portOfDischarge.UNLocationCode", way["discharge"])
    leg = "TD.transports.vesselVoyages[1]."
    yield Term(f"{leg}vesselName", way["means_name"] or "SAMPLE MEANS")
    if way["means_id"]:
        yield Term(f"{leg}vesselIMONumber", way["means_id"])
    yield Term(f"{leg}carrierExportVoyageNumber", way["voyage"])
    yield from _trader(facts["exporter"], "TD.documentParties.shipper.")
    yield from _trader(facts["importer"], "TD.documentParties.consignee.")
    yield Term("TD.documentParties.issuingParty.partyName", "Sample Ocean Carrier Ltd")
    yield from _goods(facts)
    for index, box in enumerate(facts["containers"], 1):
        yield from _box(box, f"TD.utilizedTransportEquipments[{index}].")


def _trader(party: Facts, at: str) -> Iterator[Term]:
    place = party["address"]
    yield Term(f"{at}partyName", party["name_en"])
    for name, key in (
        ("street", "line"),
        ("postCode", "postcode"),
        ("city", "city"),
        ("countryCode", "country"),
    ):
        if place[key]:
            yield Term(f"{at}address.{name}", place[key])


def _goods(facts: Facts) -> Iterator[Term]:
    """Yield one consignment item for each line, stuffed in the container that lists the line."""
    for index, line in enumerate(facts["lines"], 1):
        at = f"TD.consignmentItems[{index}]."
        cargo = f"{at}cargoItems[1]."
        yield Term(f"{at}descriptionOfGoods[1]", line["name_en"][:35])
        yield Term(f"{at}HSCodes[1]", line["hs6"])
        box = next(
            (c["number"] for c in facts["containers"] if line["no"] in c["lines"]), "LOOSECARGO"
        )
        yield Term(f"{cargo}equipmentReference", box)
        yield Term(f"{cargo}cargoGrossWeight", line["gross_kg"], {"unit": "KGM"})
        yield Term(f"{cargo}outerPackaging.packageCode", line["packages"]["type"])
        yield Term(f"{cargo}outerPackaging.numberOfPackages", str(line["packages"]["count"]))


def _box(box: Facts, at: str) -> Iterator[Term]:
    yield Term(f"{at}equipment.equipmentReference", box["number"])
    yield Term(f"{at}equipment.ISOEquipmentCode", box["iso_type"])
    yield Term(f"{at}equipment.tareWeight", box["tare_kg"], {"unit": "KGM"})
    yield Term(f"{at}isShipperOwned", "false")
    if box["seal"]:
        yield Term(f"{at}seals[1].number", box["seal"])


def write(out: Path) -> None:
    """Write the related documents of every declared shipment below `out`."""
    for name in DECLARED:
        facts = shipment(name)
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "invoice.xml").write_bytes(invoice(facts))
        (folder / "lading.json").write_bytes(lading(facts))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
