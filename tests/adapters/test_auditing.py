from __future__ import annotations

import re
from pathlib import Path

import pytest

import adapters
from adapters.api import auditing
from schemas.errors import InputError
from schemas.finding import Finding
from schemas.rules import UnknownRuleSet
from schemas.rules.invoice import checks
from schemas.rules.invoice.peppol import BILLING
from schemas.rules.invoice.stream import stream
from schemas.rules.invoice.tree import Tree
from schemas.xml import parse
from tests.bench.bench_adapters import declaration
from tests.bench.invoices import invoice
from tests.conformance.invoice.scoreboard import documents

ROOM = Path(adapters.__file__).parent
UBL = (ROOM / "peppol_ubl" / "samples" / "complete.xml").read_text(encoding="utf-8")
HEAD = parse(UBL.encode())
CII = (ROOM / "cefact_cii" / "samples" / "complete.xml").read_text(encoding="utf-8")


@pytest.fixture
def streaming(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every document counts as large, so that it is read line by line where that can be."""
    monkeypatch.setattr(auditing, "_LARGE", 0)


def said(findings: list[Finding]) -> list[tuple[str, str, str, int, str]]:
    """Return what findings say, in one order."""
    return sorted((f.rule, f.ruleset, f.path, f.line, f.found) for f in findings)


def whole(data: bytes) -> adapters.Audit:
    """Audit a document that is seen whole."""
    reading = adapters.read(data)
    chosen, findings = adapters.official(reading)
    return adapters.Audit(reading.format, chosen, findings)


@pytest.mark.parametrize(
    "data",
    [
        UBL,
        CII,
        UBL.replace(">100.00<", "><!-- x -->101.00<"),
        UBL.replace("<cbc:Name>Sample part", "<!-- x --><cbc:Name> <?y z?>"),
        UBL.replace('unitCode="', 'unitCode="Q'),
        UBL.replace("DK12345674", "QQ12345674"),
        CII.replace(">S<", ">Q<"),
        invoice(40, broken=7),
    ],
)
@pytest.mark.usefixtures("streaming")
def test_line_by_line_everything_is_found_as_when_seen_whole(data: str) -> None:
    """Rule, path, line and value found, whatever stands between the elements."""
    judged, wanted = adapters.audit(data.encode()), whole(data.encode())
    assert judged.format == wanted.format
    assert judged.rulesets == wanted.rulesets
    assert said(judged.findings) == said(wanted.findings)


def checked(data: bytes) -> adapters.Audit:
    """Check a document, by the default mode, that is seen whole."""
    reading = adapters.read(data)
    return adapters.Audit(reading.format, adapters.rulesets(reading), adapters.validate(reading))


@pytest.fixture
def streamed(monkeypatch: pytest.MonkeyPatch, streaming: None) -> list[bool]:
    """Note of each document whether it was checked line by line."""
    del streaming
    seen: list[bool] = []
    by_lines = auditing._check_lines

    def noted(data: bytes, rules: str) -> adapters.Audit | None:
        found = by_lines(data, rules)
        seen.append(found is not None)
        return found

    monkeypatch.setattr(auditing, "_check_lines", noted)
    return seen


@pytest.mark.parametrize(
    "data",
    [
        UBL,
        CII,
        UBL.replace(">100.00<", "><!-- x -->101.00<"),
        UBL.replace('unitCode="', 'unitCode="Q'),
        UBL.replace("<cac:InvoiceLine>", "<cac:InvoiceLine><!-- x --><?y z?>"),
        UBL.replace(
            "<cac:Item>", "<cac:Delivery><cbc:ID>unknown</cbc:ID></cac:Delivery><cac:Item>"
        ),
        UBL.replace("</cac:InvoiceLine>", "</cac:InvoiceLine> <!-- after -->"),
        CII.replace(">S<", ">Q<"),
        CII.replace("<ram:LineID>", '<ram:LineID schemeID="x">'),
        invoice(40, broken=7),
        invoice(3).replace("<cbc:ID>2</cbc:ID>", "<cbc:ID>1</cbc:ID>"),
        adapters.convert(invoice(12, broken=5).encode(), "cefact-cii").data.decode(),
    ],
)
def test_by_default_too_a_large_document_is_checked_line_by_line(
    data: str, streamed: list[bool]
) -> None:
    """The very same findings, in structure, core rules and packs, as when it is seen whole."""
    found, wanted = adapters.check(data.encode()), checked(data.encode())
    assert streamed == [True]
    assert (found.format, found.rulesets) == (wanted.format, wanted.rulesets)
    assert sorted(found.findings, key=repr) == sorted(wanted.findings, key=repr)


def test_line_by_line_the_rules_of_the_house_see_what_they_read(streamed: list[bool]) -> None:
    """Sums, prices and numbers of lines are compared although the other terms are not kept."""
    data = invoice(4).replace("<cbc:ID>2</cbc:ID>", "<cbc:ID>1</cbc:ID>")
    data = re.sub(r"<cbc:BaseQuantity .+</cbc:BaseQuantity>", "", data)
    for name in ("InvoicedQuantity", "LineExtensionAmount"):
        data = re.sub(rf"(<cbc:{name} [^>]+>)", r"\g<1>7", data, count=1)
    rules = {each.rule for each in adapters.check(data.encode(), "invoice-core").findings}
    assert streamed == [True]
    assert rules >= {"sum-invoice-lines", "sum-invoice-line", "consistency-invoice-line-number"}


def test_a_rule_set_that_may_read_anything_sees_the_whole_document(streamed: list[bool]) -> None:
    """Its findings need every term, so nothing is forgotten for it."""
    assert adapters.check(UBL.encode(), "lading-core").findings == []
    assert streamed == [False]


def test_the_corpus_is_checked_alike_by_lines_and_whole(shared: Path, streamed: list[bool]) -> None:
    """Every hundredth document and mutant: the same findings, or the same error."""
    for _, data in documents(shared / "data" / "invoice")[::100]:
        try:
            wanted = checked(data)
        except InputError as error:
            with pytest.raises(type(error)):
                adapters.check(data)
            continue
        assert sorted(adapters.check(data).findings, key=repr) == sorted(wanted.findings, key=repr)
    assert sum(streamed) > len(streamed) / 2


def test_what_stands_anywhere_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules of CII that look through the whole document do it once, not for every line."""
    looked: list[str] = []
    somewhere = checks._somewhere

    def counted(tree: Tree, path: str) -> bool:
        looked.append(path)
        return somewhere(tree, path)

    monkeypatch.setattr(checks, "_somewhere", counted)
    adapters.audit(adapters.convert(invoice(9).encode(), "cefact-cii").data)
    assert looked
    assert len(looked) == len(set(looked))


@pytest.mark.usefixtures("streaming")
def test_what_the_schema_refuses_is_told_as_ever() -> None:
    """A document that departs from the schema is seen whole, and every place is named."""
    data = UBL.replace("<cbc:Name>Sample part", "<cbc:Name/><cbc:Name>Sample part", 1).encode()
    judged = adapters.audit(data)
    assert said(judged.findings) == said(whole(data).findings)
    assert any(each.ruleset == "xsd-ubl-2.1" and each.term for each in judged.findings)


@pytest.mark.usefixtures("streaming")
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<a",
        b"<Invoice/>",
        UBL.encode()[:2000],
        b"<!DOCTYPE a><a/>",
        UBL.encode("utf-16")[:50],
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes) -> None:
    """As anywhere: an error of ours, no other, and no verdict."""
    with pytest.raises(InputError):
        adapters.audit(data)


def test_a_profile_of_a_schema_alone_is_held_to_the_rules_of_its_syntax() -> None:
    """The official mode has a verdict of rules for every invoice, Factur-X minimum too."""
    minimum = CII.replace(f">{BILLING}<", ">urn:factur-x.eu:1p0:minimum<", 1)
    assert adapters.audit(minimum.encode()).rulesets == ("xsd-facturx-1.09", "en16931-cii-1.3.16")


@pytest.mark.usefixtures("streaming")
def test_a_document_of_another_schema_is_not_streamed_past_it() -> None:
    """Factur-X has schemas of its own: what only they refuse is found in large documents too."""
    basic = "urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic"
    data = CII.replace(f">{BILLING}<", f">{basic}<", 1).encode()
    assert said(adapters.audit(data).findings) == said(whole(data).findings)
    assert any(each.ruleset == "xsd-facturx-1.09" for each in whole(data).findings)


def test_a_document_of_no_official_rules_is_refused() -> None:
    """There is no verdict where there are no rules."""
    with pytest.raises(UnknownRuleSet):
        adapters.audit(declaration(2, 1))


@pytest.mark.parametrize("cut", range(100, len(UBL.encode()) - 20, 251))
def test_a_document_that_breaks_off_is_never_streamed(cut: int) -> None:
    """Wherever it breaks off: with the schema and without."""
    for schema in ("xsd-ubl-2.1", None):
        assert stream(UBL.encode()[:cut], HEAD, schema) is None


@pytest.mark.parametrize(
    "data",
    [
        UBL.replace("?>", "?><!--" + " " * 5000 + "--><!DOCTYPE Invoice>", 1),
        UBL.replace("UTF-8", "UTF-7", 1),
        UBL.replace("</cbc:ID>", "&amp</cbc:ID>", 1),
        UBL.replace("SMPL-7", "SMPL-&x;7", 1),
        UBL.replace("</cac:Party>", "</cac:Part>", 1),
    ],
)
def test_what_may_hide_something_is_never_streamed(data: str) -> None:
    """A DOCTYPE anywhere, an encoding that could hide one, an entity, a wrong end tag."""
    for schema in ("xsd-ubl-2.1", None):
        assert stream(data.encode(), HEAD, schema) is None
