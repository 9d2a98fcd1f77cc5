"""The golden shipments as canonical documents: declaration, invoice, bill of lading, packing list.

The declaration's terms are those a reader must find (`expect/canonical.json`); the others are
made from the neutral description of the shipment, as the formats' readers give them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.clearance.joinrules import Source
from schemas.document import Document, Family, Term
from schemas.loss import LossClass

GOLDEN = Path(__file__).parents[2] / "golden"
ITEM = "GoodsShipment.GovernmentAgencyGoodsItem"


def shipment(name: str) -> dict[str, Any]:
    """The neutral description of a golden shipment."""
    found: dict[str, Any] = json.loads((GOLDEN / "shipments" / f"{name}.json").read_text("utf-8"))
    return found


def expected(name: str, what: str) -> list[dict[str, Any]]:
    """Expected rows of a golden shipment, e.g. `wco-import`."""
    found: list[dict[str, Any]] = json.loads(
        (GOLDEN / name / "expect" / f"{what}.json").read_text("utf-8")
    )
    return found


def declaration(name: str) -> Document:
    """What a reader finds in the shipment's DecMessage."""
    found = [
        Term(
            row["id"],
            row["value"],
            row.get("attrs", {}),
            path="/DecMessage/" + row["source_path"],
            source=row["value"],
            cls=LossClass(row["class"]),
        )
        for row in expected(name, "canonical")
    ]
    return Document("cn-dec", "v4", Family.DECLARATION, found)


def invoice(name: str) -> Document:
    """The shipment's commercial invoice."""
    facts = shipment(name)
    currency = {"currency": facts["invoice"]["currency"]}
    found = {
        "BT-1": facts["invoice"]["number"],
        "BT-2": facts["invoice"]["date"],
        "BT-5": facts["invoice"]["currency"],
        **_party("BG-4/BT-27", "BG-4/BG-5", (35, 37, 38, 40), facts["exporter"]),
        **_party("BG-7/BT-44", "BG-7/BG-8", (50, 52, 53, 55), facts["importer"]),
        "ext.ubl.DeliveryTerms.ID": facts["terms"]["incoterm"],
        "ext.ubl.DeliveryTerms.DeliveryLocation.Name": facts["terms"]["place"],
    }
    terms = _terms(found)
    terms.append(Term("BG-22/BT-109", facts["invoice"]["total"], currency))
    for line in facts["lines"]:
        at = f"BG-25[{line['no']}]"
        terms += [
            Term(f"{at}/BT-126", str(line["no"])),
            Term(f"{at}/BT-131", line["total"], currency),
            Term(f"{at}/BG-31/BT-153", line["name_en"]),
            Term(f"{at}/BG-31/BT-158", line["hs6"]),
            Term(f"{at}/BG-31/BT-159", line["origin"]),
        ]
    return Document("peppol-ubl", "3.0", Family.INVOICE, terms)


def lading(name: str, *, items: bool = True) -> Document:
    """The shipment's bill of lading; without `items` it describes the goods only as a whole."""
    facts = shipment(name)
    transport = facts["transport"]
    terms = _terms(
        {
            "TD.transportDocumentReference": transport["document"],
            "TD.transports.vesselVoyages[1].vesselName": transport["means_name"],
            "TD.transports.vesselVoyages[1].carrierExportVoyageNumber": transport["voyage"],
            "TD.transports.portOfLoading.UNLocationCode": transport["loading"],
            "TD.transports.portOfDischarge.UNLocationCode": transport["discharge"],
            "TD.documentParties.shipper.partyName": facts["exporter"]["name_en"],
            "TD.documentParties.consignee.partyName": facts["importer"]["name_en"],
        }
    )
    for index, box in enumerate(reversed(facts["containers"]), 1):
        at = f"TD.utilizedTransportEquipments[{index}]"
        terms += [
            Term(f"{at}.equipment.equipmentReference", box["number"]),
            Term(f"{at}.equipment.ISOEquipmentCode", box["iso_type"]),
            Term(f"{at}.seals[1].number", box["seal"]),
        ]
    for line in facts["lines"] if items else []:
        terms += _cargo(line)
    return Document("dcsa-ebl", "3.0", Family.LADING, terms)


def packing_list(name: str) -> Document:
    """The shipment's packing list."""
    terms = []
    for line in shipment(name)["lines"]:
        at = f"{ITEM}[{line['no']}]"
        terms += [
            Term(f"{at}.Commodity.Description", line["name_en"]),
            Term(f"{at}.Commodity.Classification[1].ID", line["hs6"]),
            Term(f"{at}.Commodity.GoodsMeasure.GrossMassMeasure", line["gross_kg"], _KG),
            Term(f"{at}.Commodity.GoodsMeasure.NetNetWeightMeasure", line["net_kg"], _KG),
            Term(f"{at}.Packaging[1].QuantityQuantity", str(line["packages"]["count"])),
            Term(f"{at}.Packaging[1].TypeCode", line["packages"]["type"]),
        ]
    return Document(Source.PACKING_LIST.value, "1", Family.DECLARATION, terms)


def party_master(name: str) -> Document:
    """What the parties' master data adds: the importer's registration, the agent's English name."""
    facts = shipment(name)
    found = {"Declarant.Name": facts["cn_declarant"]["name_en"]}
    terms = _terms(found)
    if facts["importer"].get("id"):
        attrs = {"scheme": facts["importer"]["id_scheme"]}
        terms.append(Term("GoodsShipment.Importer.ID", facts["importer"]["id"], attrs))
    return Document(Source.PARTY_MASTER.value, "1", Family.DECLARATION, terms)


_KG = {"unit": "KGM"}


def _cargo(line: dict[str, Any]) -> list[Term]:
    at = f"TD.consignmentItems[{line['no']}]"
    return [
        Term(f"{at}.HSCodes[1]", line["hs6"]),
        Term(f"{at}.descriptionOfGoods[1]", line["name_en"]),
        Term(f"{at}.cargoItems[1].cargoGrossWeight", line["gross_kg"], _KG),
        Term(f"{at}.cargoItems[1].outerPackaging.numberOfPackages", str(line["packages"]["count"])),
        Term(f"{at}.cargoItems[1].outerPackaging.packageCode", line["packages"]["type"]),
    ]


def _party(
    name: str, address: str, numbers: tuple[int, ...], party: Mapping[str, Any]
) -> dict[str, str]:
    keys = ("line", "city", "postcode", "country")
    where = party["address"]
    return {
        name: party["name_en"],
        **{f"{address}/BT-{n}": where[key] for n, key in zip(numbers, keys, strict=True)},
    }


def _terms(found: Mapping[str, str]) -> list[Term]:
    return [Term(name, value, source=value) for name, value in found.items() if value]
