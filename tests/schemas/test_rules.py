from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import adapters
from schemas import rules, terms
from schemas.document import Document, Family, Term
from schemas.finding import Flag
from schemas.rules.rule import RULES

GOLDEN = Path(__file__).parent.parent / "golden"
ITEM = "GoodsShipment.GovernmentAgencyGoodsItem"


def declaration(*found: Term) -> Document:
    """Return a declaration of these terms."""
    return Document("made-up", "1", Family.DECLARATION, list(found))


def ids(document: Document, ruleset: str = "declaration-core") -> list[str]:
    """Return the rules that a document breaks."""
    return [finding.rule for finding in rules.check(document, [ruleset])]


def test_every_rule_is_in_a_set_and_begins_with_its_kind() -> None:
    """No rule is forgotten; the id says the kind; messages have both languages and known terms."""
    sets = rules.rulesets()
    used = {rule.id for ruleset in sets.values() for rule in ruleset.rules}
    assert used == set(RULES)
    kinds = ("mandatory", "range", "code", "sum", "weight", "checkdigit", "consistency", "match")
    for rule in RULES.values():
        assert rule.id.startswith(kinds), rule.id
        assert rule.says.zh
        assert rule.hint.zh
        assert rule.test.__doc__
        for term in rule.terms:
            assert terms.name(term).en != term, (rule.id, term)


def test_an_unknown_rule_set_is_refused() -> None:
    """Asking for a rule set that does not exist says which ones do."""
    with pytest.raises(rules.UnknownRuleSet) as caught:
        rules.check(declaration(), ["no-such-set"])
    assert "declaration-core" in caught.value.advice.en


def test_a_rule_set_of_another_family_is_silent() -> None:
    """Invoice rules say nothing about a declaration."""
    assert ids(declaration(Term("BG-22/BT-106", "5")), "invoice-core") == []


def amounts(total: str, *lines: str) -> Document:
    """Return a declaration with a stated total and line amounts in pounds."""
    money = {"currency": "GBP"}
    amount = "Commodity.InvoiceLine.ItemChargeAmount"
    return declaration(
        Term("InvoiceAmount", total, money),
        *(Term(f"{ITEM}[{n}].{amount}", line, money) for n, line in enumerate(lines, 1)),
    )


@pytest.mark.parametrize(
    ("total", "broken"), [("30.00", []), ("30.02", []), ("30.03", ["sum-header-amount"])]
)
def test_the_total_may_miss_the_lines_by_a_cent_each(total: str, broken: list[str]) -> None:
    """The tolerance of a sum is a cent for each line."""
    assert ids(amounts(total, "10.00", "20.00")) == broken


def test_a_total_in_another_currency_is_not_compared() -> None:
    """Sums of different currencies are not added."""
    document = amounts("30.00", "10.00", "25.00")
    document.terms[1].attrs = {"currency": "EUR"}
    assert ids(document) == []


@pytest.mark.parametrize(
    ("made", "broken"),
    [
        ([Term("GoodsItemQuantity", "2"), Term(f"{ITEM}[1].SequenceNumeric", "1")], "item-count"),
        (
            [Term(f"{ITEM}[1].SequenceNumeric", "1"), Term(f"{ITEM}[2].SequenceNumeric", "01")],
            "line-number",
        ),
    ],
)
def test_lines_are_counted_and_numbered(made: list[Term], broken: str) -> None:
    """A wrong count and a number used twice (leading zeros aside) are inconsistent."""
    assert ids(declaration(*made)) == [f"consistency-{broken}"]


def test_weights_compare_in_kilograms() -> None:
    """A tonne net above 900 kg gross is noticed, whatever the units."""
    measure = f"{ITEM}[1].Commodity.GoodsMeasure."
    document = declaration(
        Term(measure + "NetNetWeightMeasure", "1", {"unit": "TNE"}),
        Term(measure + "GrossMassMeasure", "900", {"unit": "KGM"}),
    )
    assert ids(document) == ["weight-line-net-above-gross"]


def test_lines_heavier_than_the_header_are_noticed() -> None:
    """The gross weight of the lines is bounded by the header's."""
    measure = ".Commodity.GoodsMeasure.GrossMassMeasure"
    kilograms = {"unit": "KGM"}
    document = declaration(
        Term("TotalGrossMassMeasure", "100", kilograms),
        Term(f"{ITEM}[1]{measure}", "60", kilograms),
        Term(f"{ITEM}[2]{measure}", "60", kilograms),
    )
    assert ids(document) == ["weight-lines-above-header-gross"]


def test_the_plausibility_set_only_warns() -> None:
    """The same rules are warnings where published samples carry invented figures."""
    found = rules.check(amounts("99.00", "10.00"), ["declaration-plausibility"])
    assert [finding.flag for finding in found] == [Flag.WARNING]
    assert found[0].ruleset == "declaration-plausibility:1"


def test_a_finding_points_at_the_source_and_names_the_term() -> None:
    """Path, line, found and expected come with the business term's name in both languages."""
    box = Term(
        "GoodsShipment.Consignment.TransportEquipment[1].ID",
        "TSTU2603091",
        path="/DecMessage/DecContainers/Container/ContainerId",
        line=7,
    )
    (found,) = rules.check(declaration(box), ["declaration-core"])
    assert (found.rule, found.path, found.line) == ("checkdigit-container", box.path, 7)
    assert (found.found, found.expected) == ("TSTU2603091", "0")
    assert found.message.en == "The check digit of Container number TSTU2603091 is wrong."
    assert "集装箱号" in found.message.zh


def test_a_familiar_port_code_is_a_warning() -> None:
    """Ningbo's airport code for a port of loading is accepted and pointed out."""
    port = Term("GoodsShipment.Consignment.LoadingLocation.ID", "CNNGB")
    (found,) = rules.check(declaration(port), ["declaration-core"])
    assert found.flag is Flag.WARNING
    assert "CNNBG" in found.expected


@pytest.mark.parametrize(("rate", "broken"), [("0.3", []), ("300", ["range-charge-rate"])])
def test_a_charge_marked_as_rate_is_a_percentage(rate: str, broken: list[str]) -> None:
    """Three hundred percent insurance is an amount under the wrong mark."""
    head = "/DecMessage/DecHead/"
    document = declaration(
        Term("ext.cn.InsurMark", "1", path=head + "InsurMark"),
        Term("ext.cn.InsurRate", rate, path=head + "InsurRate"),
    )
    assert ids(document, "cn-dec-business") == broken


def test_an_entry_number_of_another_district_is_a_warning() -> None:
    """The first four characters of the entry number are the district declared to."""
    document = declaration(Term("ID", "420020260000000001"), Term("ext.cn.CustomMaster", "2200"))
    assert ids(document, "cn-dec-business") == ["consistency-entry-number"]


@pytest.mark.parametrize(("direction", "broken"), [("E", 1), ("I", 0)])
def test_the_overseas_party_goes_with_the_direction(direction: str, broken: int) -> None:
    """An export that names an overseas consignor only is pointed out."""
    document = declaration(
        Term("ext.cn.IEFlag", direction),
        Term(
            "ext.cn.OverseasConsignorEname", "X", path="/DecMessage/DecHead/OverseasConsignorEname"
        ),
    )
    assert ids(document, "cn-dec-business").count("consistency-overseas-party") == broken


# --- documents of one shipment -----------------------------------------------------------------


def shipment(
    name: str, change: Callable[[str, bytes], bytes] = lambda _, data: data
) -> list[Document]:
    """Return declaration, invoice and bill of lading of a golden shipment, changed as asked."""
    paths = (
        GOLDEN / name / "decmessage.xml",
        GOLDEN / "related" / name / "invoice.xml",
        GOLDEN / "related" / name / "lading.json",
    )
    return [adapters.read(change(path.name, path.read_bytes())).document for path in paths]


@pytest.mark.parametrize("name", ["g01", "g02", "g03", "g04", "g06"])
def test_golden_shipments_agree(name: str) -> None:
    """Declaration, invoice and bill of lading of one shipment contradict each other nowhere."""
    assert rules.shipment(shipment(name)) == [[], [], []]


@pytest.mark.parametrize(
    ("file", "old", "new", "rule", "place"),
    [
        ("invoice.xml", "142919.60", "150000.00", "match-invoice-total", "DeclTotal"),
        ("invoice.xml", ">54751.50<", ">54000.00<", "match-invoice-line", "DeclTotal"),
        ("invoice.xml", ">845811<", ">901890<", "match-invoice-goods", "CodeTS"),
        ("invoice.xml", ">GBP<", ">EUR<", "match-invoice-total", "DeclTotal"),
        ("invoice.xml", "SJM-UK-2511", "SJM-UK-9999", "match-contract", "ContrNo"),
        ("invoice.xml", "Sample Fenland", "Sample Other", "match-buyer", "OverseasConsigneeEname"),
        ("lading.json", "SMPLSH26030777", "SMPLSH00000000", "match-transport-document", "BillNo"),
        ("lading.json", "TSTU2603090", "TSTU2603085", "match-container", "ContainerId"),
        (
            "lading.json",
            '"numberOfPackages": 8',
            '"numberOfPackages": 9',
            "match-packages",
            "PackNo",
        ),
        ("lading.json", "780.000", "880.000", "match-gross-weight", "GrossWet"),
        ("lading.json", "GBFXT", "NLRTM", "match-discharge-country", "TradeCountry"),
        ("lading.json", "009W", "010W", "match-voyage", "VoyNo"),
    ],
)
def test_a_contradiction_is_found_in_the_declaration(
    file: str, old: str, new: str, rule: str, place: str
) -> None:
    """A changed figure of the other document is reported at the declaration's own element."""

    def change(name: str, data: bytes) -> bytes:
        assert name != file or old.encode() in data
        return data.replace(old.encode(), new.encode()) if name == file else data

    found = rules.shipment(shipment("g06", change))[0]
    assert rule in [each.rule for each in found]
    first = next(each for each in found if each.rule == rule)
    assert first.path.rpartition("/")[2] == place
    assert first.found
    assert first.expected


def test_two_invoices_are_not_guessed_between() -> None:
    """With two invoices the comparison is left alone."""
    documents = shipment("g06")
    assert rules.shipment([*documents, documents[1]])[0] == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (">142919.60</cbc:LineExt", ">142919.61</cbc:LineExt", "sum-invoice-lines"),
        (">41500.0000<", ">41501.0000<", "sum-invoice-line"),
        ("<cbc:ID>2</cbc:ID>", "<cbc:ID>1</cbc:ID>", "consistency-invoice-line-number"),
    ],
)
def test_invoice_sums_are_checked(old: str, new: str, rule: str) -> None:
    """Line totals, line products and line numbers of an invoice are checked."""
    data = (GOLDEN / "related" / "g06" / "invoice.xml").read_bytes()
    assert old.encode() in data
    changed = adapters.read(data.replace(old.encode(), new.encode(), 1)).document
    assert rule in ids(changed, "invoice-core")


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('"equipmentReference": "TSTU2603090",', '"equipmentReference": "TSTU2603099",', "check"),
        ('"equipmentReference": "TSTU2603090"', '"equipmentReference": "TSTU2603085"', "consist"),
    ],
)
def test_lading_containers_are_checked(old: str, new: str, rule: str) -> None:
    """A mistyped container of the bill of lading, or cargo in none of them, is found."""
    data = (GOLDEN / "related" / "g06" / "lading.json").read_text(encoding="utf-8")
    head, mark, tail = data.partition('"utilizedTransportEquipments"')
    if rule == "check":
        tail = tail.replace(old, new, 1)
    else:
        head = head.replace(old, new, 1)
    document = adapters.read((head + mark + tail).encode()).document
    assert any(each.startswith(rule) for each in ids(document, "lading-core"))
