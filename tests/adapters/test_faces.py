"""The public face of the room: detect, diff, schema, related documents, writing back changes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from lxml import etree

import adapters
from adapters.api.translation import CannotJoin
from adapters.engine.json_source import JsonTooLarge, MalformedJson, decode, encode
from adapters.registry import UnknownFormat
from schemas import xml
from schemas.document import Document, Term
from schemas.errors import InputError
from schemas.loss import LossClass
from tests.adapters import declarations as d

ITEM = "GoodsShipment.GovernmentAgencyGoodsItem"


def document(case: str = "g01") -> Document:
    """Return a golden declaration, read."""
    return adapters.read(d.message(case)).document


def changed(found: Document, **values: str) -> Document:
    """Return a copy in which the terms named (dots as `__`) have new values; "" removes them."""
    wanted = {name.replace("__", "."): value for name, value in values.items()}
    terms = [replace(t, value=wanted.get(t.id, t.value)) for t in found.terms]
    return replace(found, terms=[t for t in terms if t.value])


@pytest.mark.parametrize("case", d.CASES)
def test_declarations_are_detected(case: str) -> None:
    """Both declaration formats are known by their content alone."""
    assert adapters.detect(d.message(case)) == "cn-dec"
    assert adapters.detect(adapters.convert(d.message(case), "wco-dec").data) == "wco-dec"


@pytest.mark.parametrize("data", [b"<a/>", b'{"a": 1}', b"[]", b"<Response xmlns='urn:x'/>"])
def test_an_unknown_document_is_refused_by_name(data: bytes) -> None:
    """A document of no known format is refused; the error says what is known, in two languages."""
    with pytest.raises(UnknownFormat) as refused:
        adapters.detect(data)
    assert "cn-dec" in refused.value.advice.en
    assert refused.value.message.zh


def test_every_format_is_described() -> None:
    """Formats have both titles, a family and a media type, as plain values."""
    for name, form in adapters.formats().items():
        shown = form.as_dict(full=True)
        assert shown["format"] == name
        assert form.title.en
        assert form.title.zh
        assert json.dumps(shown)


def test_diff_compares_across_formats() -> None:
    """An export and the import made of it differ only in what the report calls a change."""
    source = document("g06")
    target = adapters.read(adapters.render(source, "wco-dec").data).document
    rows = {row["term"]: row for row in adapters.diff(source, target)}
    assert "TotalPackageQuantity" not in rows
    assert rows[f"{ITEM}.Commodity.Classification.ID"]["b"] == "845710"
    assert adapters.diff(source, document("g06")) == []


def test_a_changed_term_changes_its_leaf_and_nothing_else() -> None:
    """An amendment touches the one element it is about; the report names it."""
    rendering = adapters.render(changed(document(), TotalPackageQuantity="630"), "cn-dec")
    before = d.leaves(xml.parse(d.message("g01")))
    after = d.leaves(xml.parse(rendering.data))
    assert set(after) ^ set(before) == {
        ("/DecMessage/DecHead/PackNo", "624"),
        ("/DecMessage/DecHead/PackNo", "630"),
    }
    touched = [e for e in rendering.report.entries if e.cls is not LossClass.EXACT]
    assert [(e.path, e.cls, e.target_value) for e in touched] == [
        ("/DecMessage/DecHead/PackNo", LossClass.CONVERT, "630")
    ]


def test_a_converted_term_is_written_in_the_codes_of_its_format() -> None:
    """A new country goes back as the Chinese code, a new date as digits."""
    found = changed(
        document(),
        GoodsShipment__Destination__CountryCode="MY",
        GoodsShipment__ExitDateTime="2026-03-20",
    )
    leaves = dict(d.leaves(xml.parse(adapters.render(found, "cn-dec").data)))
    assert leaves["/DecMessage/DecHead/TradeCountry"] == "MYS"
    assert leaves["/DecMessage/DecHead/IEDate"] == "20260320"


def test_removed_and_added_terms_find_their_place() -> None:
    """A removed term takes its element away; new ones come where the schema wants them."""
    found = changed(document(), BorderTransportMeans__JourneyID="")
    more = [
        Term("ext.cn.ManualNo", "C12345678901"),
        Term("AdditionalDocument[1].ID", "LIC-1"),
        Term(f"{ITEM}[2].Commodity.DangerousGoods[1].UNDGID", "3480"),
    ]
    rendering = adapters.render(found.joined(more), "cn-dec")
    again = adapters.read(rendering.data)
    assert again.findings == []
    assert adapters.diff(found.joined(more), again.document) == []
    schema = etree.XMLSchema(xml.parse(adapters.schema("cn-dec")))
    assert schema.validate(xml.parse(rendering.data)), schema.error_log


def test_an_attribute_is_changed_in_its_own_element() -> None:
    """The currency of the freight is an element of its own in a DecMessage."""
    found = document()
    terms = [
        replace(t, attrs={"currency": "EUR"}) if t.id.endswith("FreightChargeAmount") else t
        for t in found.terms
    ]
    leaves = dict(d.leaves(xml.parse(adapters.render(replace(found, terms=terms), "cn-dec").data)))
    assert leaves["/DecMessage/DecHead/FeeCurr"] == "EUR"


@pytest.mark.parametrize("case", d.CASES)
def test_the_exported_xsd_accepts_what_we_accept(case: str) -> None:
    """The table written as XSD validates the golden declarations and refuses a broken one."""
    schema = etree.XMLSchema(xml.parse(adapters.schema("cn-dec")))
    root = xml.parse(d.message(case))
    assert schema.validate(root), schema.error_log
    etree.SubElement(root, "{http://www.chinaport.gov.cn/dec}Odd")
    assert not schema.validate(root)


def test_the_exported_xsd_of_the_import_declaration_holds() -> None:
    """The declaration inside the envelope is valid against its exported schema."""
    schema = etree.XMLSchema(xml.parse(adapters.schema("wco-dec")))
    envelope = xml.parse(adapters.convert(d.message("g06"), "wco-dec").data)
    assert schema.validate(etree.ElementTree(envelope[-1])), schema.error_log


@pytest.mark.parametrize("name", sorted(adapters.formats()))
def test_every_format_has_a_schema(name: str) -> None:
    """Every table can be given to others: XSD that compiles, or JSON Schema."""
    data = adapters.schema(name)
    if adapters.formats()[name].syntax == "xml":
        assert etree.XMLSchema(xml.parse(data)) is not None
    else:
        assert json.loads(data)["type"] == "object"


def test_related_documents_are_never_ignored() -> None:
    """An invoice needs somebody who can join it; without one the conversion is refused."""
    invoice = (d.GOLDEN / "related" / "g01" / "invoice.xml").read_bytes()
    with pytest.raises(CannotJoin):
        adapters.convert(d.message("g01"), "wco-dec", related=[invoice])

    def join(one: Document, others: object) -> Document:
        assert len(list(others)) == 1  # type: ignore[call-overload] # a sequence
        return one.joined([Term("GoodsShipment.TradeTerms.LocationName", "Singapore")])

    rendering = adapters.convert(d.message("g01"), "wco-dec", related=[invoice], join=join)
    found = adapters.read(rendering.data).document
    assert found.value("GoodsShipment.TradeTerms.LocationName") == "Singapore"


def test_a_rate_becomes_the_amount_it_stands_for() -> None:
    """Mark 1 is per cent of the goods, mark 2 a price per tonne: both become amounts."""
    text = d.message("g01").decode()
    rate = text.replace("<FeeMark>3<", "<FeeMark>1<").replace("1850.00000", "0.50000")
    found = adapters.read(rate.encode()).document
    amount = found.get("GoodsShipment.CustomsValuation.FreightChargeAmount")
    assert amount is not None
    assert (amount.value, amount.attrs["currency"]) == ("1538.75", "USD")
    assert found.value("ext.cn.FeeRate") == "0.50000"
    price = text.replace("<FeeMark>3<", "<FeeMark>2<").replace("1850.00000", "100.00000")
    found = adapters.read(price.encode()).document
    assert found.value("GoodsShipment.CustomsValuation.FreightChargeAmount") == "353.30"


def test_master_and_house_number_are_two_documents() -> None:
    """Sea numbers joined by an asterisk are split, and written back as they were."""
    data = d.message("g01").replace(b"SMPLQD26030001", b"MASTER01*HOUSE01")
    reading = adapters.read(data)
    prefix = "GoodsShipment.Consignment.TransportContractDocument"
    assert reading.document.value(f"{prefix}.ID") == "MASTER01"
    assert reading.document.value(f"{prefix}[2].ID") == "HOUSE01"
    assert d.canonical(adapters.convert(data, "cn-dec").data) == d.canonical(data)
    target = adapters.read(adapters.convert(data, "wco-dec").data).document
    assert target.value("GoodsShipment.PreviousDocument[2].ID") == "HOUSE01"


def test_a_code_without_counterpart_is_kept_as_an_extension() -> None:
    """Terms of delivery that no Incoterm matches do not pretend to be one."""
    data = d.message("g01").replace(b"<TransMode>1<", b"<TransMode>4<")
    found = adapters.read(data).document
    assert found.get("GoodsShipment.TradeTerms.ConditionCode") is None
    assert found.value("ext.cn.TransMode") == "4"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b'{"a": 1, "a": 2}', MalformedJson),
        (b'{"a": NaN}', MalformedJson),
        (b'{"a": "\\ud800"}', MalformedJson),
        (b'{"a": 1', MalformedJson),
        (b'{"a": "\xff"}', MalformedJson),
        (b'{"a": 1} x', MalformedJson),
        (b"[" * 200 + b"]" * 200, JsonTooLarge),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, JsonTooLarge),
    ],
)
def test_json_with_two_meanings_or_too_deep_is_refused(data: bytes, error: type) -> None:
    """The decoder takes one unambiguous, bounded document or none."""
    with pytest.raises(error):
        decode(data)


def test_json_numbers_keep_their_digits() -> None:
    """Amounts come out of the decoder, and go back, digit for digit."""
    data = b'{"a": 1.50, "b": 12345678901234567890, "c": "[{", "d": [1e3, true, null]}'
    value = decode(data)
    assert value == {"a": "1.50", "b": "12345678901234567890", "c": "[{", "d": ["1e3", True, None]}
    assert decode(encode(value)) == value
    assert b"1.50" in encode(value)


@pytest.mark.parametrize("data", [b"", b"   ", b"\x00\x01", b"<a>", b"{", b"\xff\xfe<"])
def test_bytes_that_are_no_document_are_an_input_error(data: bytes) -> None:
    """Rubbish is refused with one of our errors, never a traceback of a parser."""
    with pytest.raises(InputError):
        adapters.read(data)
