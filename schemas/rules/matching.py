"""Rules over the documents of one shipment together: declaration, invoice and bill of lading.

Each finding points into the declaration, at the term that the other document contradicts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from schemas.document import Family, Term
from schemas.finding import Flag
from schemas.rules.commercial import BOX
from schemas.rules.declaration import CENT, ITEM, LINE_AMOUNT
from schemas.rules.rule import Mismatch, rule
from schemas.rules.view import View, kilograms, number, total
from schemas.text import Text

Others = Sequence[View]

_INVOICE_SAYS: Final = Text(
    "{term} is {found}, the invoice says {expected}.", "{term}为 {found},发票为 {expected}。"
)
_LADING_SAYS: Final = Text(
    "{term} is {found}, the bill of lading says {expected}.",
    "{term}为 {found},提单为 {expected}。",
)
_AGREE: Final = Text(
    "Correct the declaration, or send the right document.", "请更正报关单,或提交正确的单证。"
)


def _one(others: Others, family: Family) -> View | None:
    """Return the only document of a family; none if there are none or several."""
    found = [other for other in others if other.document.family is family]
    return found[0] if len(found) == 1 else None


def _lines(declaration: View) -> list[Term]:
    return [item[LINE_AMOUNT] for item in declaration.items if LINE_AMOUNT in item]


@rule("match-invoice-total", terms=(f"{ITEM}.{LINE_AMOUNT}",), says=_INVOICE_SAYS, hint=_AGREE)
def invoice_total(declaration: View, others: Others) -> Iterator[Mismatch]:
    """The declared lines add up to the invoice's line total, in the same currency."""
    invoice = _one(others, Family.INVOICE)
    lines = _lines(declaration)
    if invoice is None or not lines:
        return
    stated = number(invoice.head.get("BG-22/BT-106"))
    added = total(number(line) for line in lines)
    currency = invoice.head.get("BT-5")
    anchor = declaration.head.get("InvoiceAmount")
    if anchor is None or not anchor.path:
        anchor = lines[0]
    if currency is not None and any(
        line.attrs.get("currency", currency.value) != currency.value for line in lines
    ):
        found = lines[0].attrs.get("currency", "")
        yield Mismatch(lines[0], found=found, expected=currency.value)
    elif stated is not None and abs(stated - added) > CENT * len(lines):
        yield Mismatch(anchor, found=str(added), expected=str(stated))


@rule("match-invoice-line", terms=(f"{ITEM}.{LINE_AMOUNT}",), says=_INVOICE_SAYS, hint=_AGREE)
def invoice_line(declaration: View, others: Others) -> Iterator[Mismatch]:
    """Where both have the same number of lines, each line amount agrees."""
    for item, line in _pairs(declaration, others):
        declared, stated = number(item.get(LINE_AMOUNT)), number(line.get("BT-131"))
        if declared is not None and stated is not None and abs(declared - stated) > CENT:
            yield Mismatch(item[LINE_AMOUNT], found=str(declared), expected=str(stated))


@rule(
    "match-invoice-goods",
    terms=(f"{ITEM}.Commodity.Classification.ID", f"{ITEM}.Origin.CountryCode"),
    flag=Flag.WARNING,
    says=_INVOICE_SAYS,
    hint=_AGREE,
)
def invoice_goods(declaration: View, others: Others) -> Iterator[Mismatch]:
    """Where both have the same number of lines, heading and origin of each line agree."""
    for item, line in _pairs(declaration, others):
        code, stated = item.get("Commodity.Classification.ID"), line.get("BG-31/BT-158")
        if code is not None and stated is not None and code.value[:6] != stated.value[:6]:
            yield Mismatch(code, found=code.value, expected=stated.value)
        origin, named = item.get("Origin.CountryCode"), line.get("BG-31/BT-159")
        if origin is not None and named is not None and origin.value != named.value:
            yield Mismatch(origin, found=origin.value, expected=named.value)


def _pairs(declaration: View, others: Others) -> Iterator[tuple[dict[str, Term], dict[str, Term]]]:
    invoice = _one(others, Family.INVOICE)
    if invoice is not None and len(invoice.items) == len(declaration.items):
        yield from zip(declaration.items, invoice.items, strict=True)


@rule(
    "match-contract",
    terms=("ext.cn.ContrNo",),
    flag=Flag.WARNING,
    says=_INVOICE_SAYS,
    hint=_AGREE,
)
def contract(declaration: View, others: Others) -> Iterator[Mismatch]:
    """The contract number of the declaration is the invoice's."""
    invoice = _one(others, Family.INVOICE)
    if invoice is not None:
        yield from _same(declaration.head.get("ext.cn.ContrNo"), invoice.head.get("BT-12"))


@rule(
    "match-buyer",
    terms=("GoodsShipment.Importer.Name",),
    flag=Flag.WARNING,
    says=_INVOICE_SAYS,
    hint=_AGREE,
)
def buyer(declaration: View, others: Others) -> Iterator[Mismatch]:
    """The overseas party of an export is the buyer of the invoice."""
    invoice = _one(others, Family.INVOICE)
    direction = declaration.head.get("ext.cn.IEFlag")
    if invoice is not None and (direction is None or direction.value == "E"):
        declared = declaration.head.get("GoodsShipment.Importer.Name")
        yield from _same(declared, invoice.head.get("BG-7/BT-44"))


@rule(
    "match-transport-document",
    terms=("GoodsShipment.Consignment.TransportContractDocument.ID",),
    says=_LADING_SAYS,
    hint=_AGREE,
)
def transport_document(declaration: View, others: Others) -> Iterator[Mismatch]:
    """The declaration names this bill of lading (master and house numbers joined by * or _)."""
    lading = _one(others, Family.LADING)
    declared = declaration.head.get("GoodsShipment.Consignment.TransportContractDocument.ID")
    stated = None if lading is None else lading.head.get("TD.transportDocumentReference")
    if declared is None or stated is None:
        return
    if stated.value not in {declared.value, *re.split(r"[*_]", declared.value)}:
        yield Mismatch(declared, found=declared.value, expected=stated.value)


@rule(
    "match-container",
    terms=("GoodsShipment.Consignment.TransportEquipment.ID",),
    says=_LADING_SAYS,
    hint=_AGREE,
)
def container(declaration: View, others: Others) -> Iterator[Mismatch]:
    """Every declared container is on the bill of lading."""
    lading = _one(others, Family.LADING)
    if lading is None:
        return
    shipped = [box[BOX].value for box in lading.equipment if BOX in box]
    for box in declaration.equipment:
        term = box.get("ID")
        if term is not None and shipped and term.value not in shipped:
            yield Mismatch(term, found=term.value, expected=", ".join(shipped))


@rule("match-packages", terms=("TotalPackageQuantity",), says=_LADING_SAYS, hint=_AGREE)
def packages(declaration: View, others: Others) -> Iterator[Mismatch]:
    """The number of packages is the bill of lading's."""
    lading = _one(others, Family.LADING)
    if lading is None:
        return
    counts = [number(term) for term in _below(lading, "outerPackaging.numberOfPackages")]
    declared = declaration.head.get("TotalPackageQuantity")
    if declared is not None and counts and number(declared) != total(counts):
        yield Mismatch(declared, found=declared.value, expected=str(total(counts)))


@rule("match-gross-weight", terms=("TotalGrossMassMeasure",), says=_LADING_SAYS, hint=_AGREE)
def gross_weight(declaration: View, others: Others) -> Iterator[Mismatch]:
    """The gross weight is the bill of lading's, within one kilogram or a thousandth."""
    lading = _one(others, Family.LADING)
    declared = declaration.head.get("TotalGrossMassMeasure")
    weight = kilograms(declared)
    if lading is None or declared is None or weight is None:
        return
    weights = [kilograms(term) for term in _below(lading, "cargoGrossWeight")]
    if weights and abs(total(weights) - weight) > max(Decimal(1), weight / 1000):
        yield Mismatch(declared, found=str(weight), expected=str(total(weights)))


def _below(lading: View, ending: str) -> Iterator[Term]:
    """Yield the terms of all cargo items whose id ends so."""
    for item in lading.items:
        for name, term in item.items():
            if name.endswith(ending):
                yield term


@rule(
    "match-discharge-country",
    terms=("GoodsShipment.Destination.CountryCode",),
    flag=Flag.WARNING,
    says=_LADING_SAYS,
    hint=_AGREE,
)
def discharge_country(declaration: View, others: Others) -> Iterator[Mismatch]:
    """The port of discharge lies in the country of destination (else: a transit to confirm)."""
    lading = _one(others, Family.LADING)
    declared = declaration.head.get("GoodsShipment.Destination.CountryCode")
    port = None
    if lading is not None:
        port = lading.head.get("TD.transports.portOfDischarge.UNLocationCode")
    if declared is not None and port is not None and port.value[:2] != declared.value:
        yield Mismatch(declared, found=declared.value, expected=port.value)


@rule(
    "match-voyage",
    terms=("BorderTransportMeans.Name", "BorderTransportMeans.JourneyID"),
    flag=Flag.WARNING,
    says=_LADING_SAYS,
    hint=_AGREE,
)
def voyage(declaration: View, others: Others) -> Iterator[Mismatch]:
    """Vessel and voyage are the bill of lading's first leg."""
    lading = _one(others, Family.LADING)
    if lading is None:
        return
    first = "TD.transports.vesselVoyages."
    for declared, stated in (
        ("BorderTransportMeans.Name", "vesselName"),
        ("BorderTransportMeans.JourneyID", "carrierExportVoyageNumber"),
    ):
        yield from _same(declaration.head.get(declared), lading.head.get(first + stated))


def _same(declared: Term | None, stated: Term | None) -> Iterator[Mismatch]:
    """Yield the declared term if the other document says something else."""
    if declared is None or stated is None:
        return
    if _folded(declared.value) != _folded(stated.value):
        yield Mismatch(declared, found=declared.value, expected=stated.value)


def _folded(text: str) -> str:
    return re.sub(r"[\s.,]+", " ", text).strip().casefold()
