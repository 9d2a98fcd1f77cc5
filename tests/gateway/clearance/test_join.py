"""Declaration, invoice and bill of lading become one shipment, each value with its origin."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation

import pytest

from gateway.clearance.join import Joined, join
from gateway.clearance.join import shipment as shipment_of
from gateway.clearance.joinrules import Source
from schemas.document import Document, Term, plain
from schemas.finding import Flag
from tests.gateway.clearance import documents as golden

NAMES = ("g01", "g02", "g03", "g04", "g06")
ITEM = golden.ITEM


def joined(name: str, *more: Document) -> Joined:
    """The golden shipment's three documents joined, with more documents if given."""
    return join(
        shipment_of(
            golden.declaration(name),
            golden.invoice(name),
            golden.lading(name),
            golden.party_master(name),
            *more,
        )
    )


def same(left: str, right: str) -> bool:
    """Equal as numbers if both are numbers, else as text."""
    try:
        return Decimal(left) == Decimal(right)
    except InvalidOperation:
        return left == right


@pytest.mark.parametrize("name", NAMES)
def test_the_three_documents_give_every_field_of_the_import_declaration(name: str) -> None:
    """Every expected field is reached with its value and unit (HS code: its six digits)."""
    document = joined(name).document.index()
    for row in golden.expected(name, "wco-import"):
        term = document.get(plain(row["id"]))
        assert term is not None, row["id"]
        value = term.value[:6] if row["id"].endswith("Classification[1].ID") else term.value
        assert same(value, row["value"]), row["id"]
        attrs = {k: v for k, v in row.get("attrs", {}).items() if k != "digits"}
        assert attrs.items() <= dict(term.attrs).items(), row["id"]


@pytest.mark.parametrize("name", NAMES)
def test_the_origin_of_each_value_is_kept(name: str) -> None:
    """What only the invoice or the bill of lading says has class derive and names its document."""
    result = joined(name)
    document = result.document.index()
    for row in golden.expected(name, "wco-import"):
        if row["from"][0] not in ("invoice", "bill-of-lading", "party-master"):
            continue
        term = document[plain(row["id"])]
        # A value that the declaration has as well (FOB sold as FOB) stays the declaration's.
        own = golden.declaration(name).get(row["id"])
        if own is not None and own.value == term.value:
            continue
        assert term.cls.value == "derive", row["id"]
        assert term.reason.startswith(row["from"][0].replace("-", " ")), (row["id"], term.reason)
        assert result.origin[plain(row["id"])].value == row["from"][0]


@pytest.mark.parametrize("name", NAMES)
def test_documents_that_agree_give_no_finding(name: str) -> None:
    """A shipment without contradictions is joined without a word."""
    assert joined(name, golden.packing_list(name)).findings == []


def test_the_incoterm_of_the_invoice_wins_over_the_collapsed_code() -> None:
    """FCA is declared as 3 and read back as FOB; the import side gets FCA, and no contradiction."""
    assert golden.declaration("g06").value("GoodsShipment.TradeTerms.ConditionCode") == "FOB"
    result = joined("g06")
    assert result.document.value("GoodsShipment.TradeTerms.ConditionCode") == "FCA"


def test_an_incoterm_of_another_group_is_a_contradiction() -> None:
    """CIF on the invoice and FOB in the declaration cannot both be right."""
    invoice = changed(golden.invoice("g06"), "ext.ubl.DeliveryTerms.ID", "CIF")
    findings = join(shipment_of(golden.declaration("g06"), invoice)).findings
    assert [(f.rule, f.found, f.expected) for f in findings] == [
        ("match-ConditionCode", "CIF", "FOB")
    ]


@pytest.mark.parametrize(
    ("document", "term", "value", "rule"),
    [
        ("invoice", "BG-22/BT-109", "1.00", "match-InvoiceAmount"),
        ("invoice", "BG-25[2]/BT-131", "1.00", "match-ItemChargeAmount"),
        ("invoice", "BG-7/BT-44", "Somebody Else Ltd", "match-Name"),
        ("invoice", "BG-25[1]/BG-31/BT-159", "VN", "match-CountryCode"),
        ("lading", "TD.transportDocumentReference", "OTHER", "match-ID"),
        ("lading", "TD.transports.vesselVoyages[1].vesselName", "OTHER VESSEL", "match-Name"),
        ("lading", "TD.utilizedTransportEquipments[1].equipment.equipmentReference", "TSTU2603017",
         "match-container"),
        ("lading", "TD.consignmentItems[2].cargoItems[1].outerPackaging.numberOfPackages", "5",
         "match-TotalPackageQuantity"),
    ],
)  # fmt: skip
def test_contradictions_are_findings_of_kind_match(
    document: str, term: str, value: str, rule: str
) -> None:
    """A number, name, amount or container that another document contradicts is reported."""
    documents = {"invoice": golden.invoice("g06"), "lading": golden.lading("g06")}
    documents[document] = changed(documents[document], term, value)
    findings = join(shipment_of(golden.declaration("g06"), *documents.values())).findings
    assert rule in {finding.rule for finding in findings}
    assert all(f.found and f.message.zh and f.hint.en for f in findings)


def test_a_wrong_total_makes_the_shipment_invalid() -> None:
    """Money that does not agree is fatal; a differing name is a warning."""
    invoice = changed(golden.invoice("g06"), "BG-22/BT-109", "1.00")
    found = join(shipment_of(golden.declaration("g06"), invoice)).findings
    assert [f.flag for f in found] == [Flag.FATAL]


def test_lines_are_matched_by_goods_not_by_position() -> None:
    """A packing list in another order still gives each line its own weight."""
    turned = golden.packing_list("g01")
    lines = golden.shipment("g01")["lines"]
    turned = replace(turned, terms=[replace(t, id=_turned(t.id, len(lines))) for t in turned.terms])
    result = join(shipment_of(golden.declaration("g01"), turned))
    assert result.findings == []
    for line in lines:
        at = f"{ITEM}[{line['no']}].Commodity.GoodsMeasure.GrossMassMeasure"
        assert result.document.value(at) == line["gross_kg"]


def test_packing_details_of_an_invoice_line_fill_the_line() -> None:
    """An invoice that states weights and packages per line replaces a packing list."""
    invoice = golden.invoice("g06")
    at = "BG-25[2]/BG-31/BG-32"
    more = [
        Term(f"{at}/BT-160", "Gross weight kg"),
        Term(f"{at}/BT-161", "9300.000"),
        Term(f"{at}[2]/BT-160", "Packages"),
        Term(f"{at}[2]/BT-161", "3"),
    ]
    invoice = replace(invoice, terms=[*invoice.terms, *more])
    document = join(shipment_of(golden.declaration("g06"), invoice)).document
    gross = document.get(f"{ITEM}[2].Commodity.GoodsMeasure.GrossMassMeasure")
    assert gross is not None
    assert (gross.value, gross.attrs["unit"]) == ("9300.000", "KGM")
    assert document.value(f"{ITEM}[2].Packaging.QuantityQuantity") == "3"


def test_seals_go_to_their_own_container() -> None:
    """The bill of lading lists the containers in another order; each seal finds its container."""
    document = joined("g04").document
    for index, box in enumerate(golden.shipment("g04")["containers"], 1):
        at = f"GoodsShipment.Consignment.TransportEquipment[{index}]"
        assert document.value(f"{at}.Seal[1].ID") == box["seal"]


def test_a_gross_weight_known_only_as_a_whole_is_apportioned() -> None:
    """Without weights per line the header's gross weight is shared by net weight, and adds up."""
    result = join(
        shipment_of(
            golden.declaration("g06"), golden.invoice("g06"), golden.lading("g06", items=False)
        )
    )
    shares = [
        term
        for term in result.document
        if term.id.endswith("GoodsMeasure.GrossMassMeasure") and term.id.startswith(ITEM)
    ]
    assert sum(Decimal(term.value) for term in shares) == Decimal("22480.000")
    assert all("apportioned" in term.reason and term.cls.value == "derive" for term in shares)


def test_nothing_of_the_declaration_is_lost() -> None:
    """Every term of the declaration is in the shipment; only those that a document wins change."""
    before, after = golden.declaration("g06"), joined("g06").document.index()
    for term in before:
        assert plain(term.id) in after


def test_a_lone_declaration_is_a_shipment_too() -> None:
    """Without other documents the join adds only what the declaration itself says."""
    result = join(shipment_of(golden.declaration("g01")))
    assert result.findings == []
    assert set(result.origin.values()) == {Source.DECLARATION}
    assert result.document.value("GoodsShipment.Consignee.Name")


def changed(document: Document, term_id: str, value: str) -> Document:
    """The document with one value changed."""
    assert document.get(term_id) is not None, term_id
    return replace(
        document,
        terms=[replace(t, value=value) if plain(t.id) == plain(term_id) else t for t in document],
    )


def _turned(term_id: str, count: int) -> str:
    head, _, tail = term_id.partition("[")
    number, _, rest = tail.partition("]")
    return f"{head}[{count + 1 - int(number)}]{rest}"
