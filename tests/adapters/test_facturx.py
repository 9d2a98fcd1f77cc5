from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter

import adapters
from adapters.facturx import extraction
from adapters.facturx.container import PdfUnreadable
from schemas.bounded import Bounds
from schemas.errors import InputError
from schemas.model.business_terms import business_terms
from schemas.view import sheet
from schemas.view.pdf import pdf

UBL, CII, FACTURX = "peppol-ubl", "cefact-cii", "facturx"
SAMPLES = Path(adapters.__file__).parent
COMPLETE = {
    UBL: (SAMPLES / "peppol_ubl" / "samples" / "complete.xml").read_bytes(),
    CII: (SAMPLES / "cefact_cii" / "samples" / "complete.xml").read_bytes(),
}
CORE = b"urn:cen.eu:en16931:2017"
LEVELS = {
    b"urn:factur-x.eu:1p0:minimum": "MINIMUM",
    b"urn:factur-x.eu:1p0:basicwl": "BASIC WL",
    CORE + b"#compliant#urn:factur-x.eu:1p0:basic": "BASIC",
    CORE: "EN 16931",
    CORE + b"#conformant#urn:factur-x.eu:1p0:extended": "EXTENDED",
}


def said(data: bytes) -> list[tuple[str, str]]:
    """Return the business terms of a file, its profile left out."""
    terms = business_terms(adapters.read(data).document)
    return sorted((path, value) for path, value, _ in terms if not path.startswith("BG-2/"))


@pytest.fixture(scope="module")
def hybrid() -> bytes:
    """The complete CII sample as a Factur-X file."""
    return adapters.convert(COMPLETE[CII], FACTURX).data


def test_a_hybrid_says_what_the_invoice_said_and_is_valid(hybrid: bytes) -> None:
    """Every term is in the XML inside, in order by the profile's schema and by EN 16931."""
    assert adapters.detect(hybrid) == FACTURX
    assert said(hybrid) == said(COMPLETE[CII])
    chosen, findings = adapters.official(adapters.read(hybrid))
    assert chosen == ("xsd-facturx-1.09", "en16931-cii-1.3.16")
    assert findings == []


def test_ubl_becomes_a_hybrid_and_comes_back() -> None:
    """UBL to Factur-X and back to UBL keeps every term."""
    there = adapters.convert(COMPLETE[UBL], FACTURX)
    assert not there.findings
    assert said(adapters.convert(there.data, UBL).data) == said(COMPLETE[UBL])


def test_the_pdf_is_marked_as_factur_x(hybrid: bytes) -> None:
    """The attachment has its name and relationship, the metadata PDF/A-3 and the profile."""
    reader: Any = PdfReader(BytesIO(hybrid))
    assert [file.name for file in reader.attachment_list] == ["factur-x.xml"]
    catalog = reader.trailer["/Root"]
    assert catalog["/AF"][0].get_object()["/AFRelationship"] == "/Alternative"
    xmp = catalog["/Metadata"].get_object().get_data()
    assert b"<pdfaid:part>3</pdfaid:part>" in xmp
    assert b"EN 16931</fx:ConformanceLevel>" in xmp
    assert "Sample part" in reader.pages[0].extract_text()


def test_the_drawn_page_has_what_pdf_a_asks_of_it(hybrid: bytes) -> None:
    """Its fonts are embedded, its colours explained, and it has an identifier."""
    reader: Any = PdfReader(BytesIO(hybrid))
    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]
    assert len(fonts) > 1
    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts)
    (intent,) = reader.trailer["/Root"]["/OutputIntents"]
    assert intent["/S"] == "/GTS_PDFA1"
    assert b"acsp" in intent["/DestOutputProfile"].get_object().get_data()
    assert reader.trailer["/ID"]


@pytest.mark.parametrize(("guideline", "level"), LEVELS.items())
def test_the_profile_is_that_of_the_document(guideline: bytes, level: str) -> None:
    """BT-24 chooses profile, schema and rules; the two without lines are held to no EN 16931."""
    inside = rb"(?s)(GuidelineSpecifiedDocumentContextParameter>\s*<ram:ID>)[^<]*"
    data = re.sub(inside, rb"\1" + guideline, COMPLETE[CII])
    made = adapters.convert(data, FACTURX, profile={"pdf": blank()})
    reader: Any = PdfReader(BytesIO(made.data))
    xmp = reader.trailer["/Root"]["/Metadata"].get_object().get_data()
    assert f"{level}</fx:ConformanceLevel>".encode() in xmp
    chosen, findings = adapters.official(adapters.read(made.data))
    assert chosen[0] == "xsd-facturx-1.09"
    assert (len(chosen) > 1) is (level not in ("MINIMUM", "BASIC WL"))
    # The complete sample says more than the lowest profiles have room for: their schemas tell.
    assert bool(findings) is (level in ("MINIMUM", "BASIC WL", "BASIC"))


def blank() -> bytes:
    """Return a PDF of one empty page."""
    writer, out = PdfWriter(), BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(out)
    return out.getvalue()


def test_another_profile_is_replaced_and_told() -> None:
    """A Peppol invoice becomes one of the profile EN 16931, and the loss report says so."""
    report = adapters.convert(COMPLETE[UBL], FACTURX, profile={"pdf": blank()}).report
    profile = next(entry for entry in report.entries if entry.term.endswith("BT-24"))
    assert (profile.cls, profile.target_value) == ("convert", CORE.decode())


def test_a_page_of_ones_own_is_kept() -> None:
    """With a PDF given, that is the page people see."""
    page = pdf(sheet(adapters.read(COMPLETE[UBL]).document), "zh")
    made = adapters.convert(COMPLETE[CII], FACTURX, profile={"pdf": page}).data
    assert "发票号" in PdfReader(BytesIO(made)).pages[0].extract_text()


def test_an_unchanged_hybrid_goes_back_as_it_came(hybrid: bytes) -> None:
    """Reading and writing again gives the same octets."""
    assert adapters.convert(hybrid, FACTURX).data == hybrid


def attached(name: str, content: bytes, password: str = "") -> bytes:
    """Return a PDF with one attachment."""
    writer, out = PdfWriter(), BytesIO()
    writer.add_blank_page(595, 842)
    writer.add_attachment(name, content)
    if password:
        writer.encrypt(password)
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("name", ["ZUGFeRD-invoice.xml", "xrechnung.xml", "FACTUR-X.XML"])
def test_older_names_of_the_attachment_are_known(name: str) -> None:
    """ZUGFeRD 2.0 and XRechnung name it otherwise; case does not matter."""
    assert said(attached(name, COMPLETE[CII])) == said(COMPLETE[CII])


BOMB = b"<!DOCTYPE a [<!ENTITY b 'b'>]><a>&b;</a>"
HOSTILE = {
    "no pdf": b"%PDF-1.7\nnothing",
    "empty": b"%PDF-",
    "no invoice": attached("letter.xml", COMPLETE[CII]),
    "encrypted": attached("factur-x.xml", COMPLETE[CII], "secret"),
    "entities": attached("factur-x.xml", BOMB),
    "not xml": attached("factur-x.xml", b"\x00\x01"),
    "ubl inside": attached("factur-x.xml", COMPLETE[UBL]),
    "zugferd 1": attached("ZUGFeRD-invoice.xml", b"<CrossIndustryDocument xmlns='urn:ferd'/>"),
    "bomb": attached("factur-x.xml", b"<a>" + b" " * 40_000_000 + b"</a>"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_pdf_without_a_sound_invoice_is_refused(case: str) -> None:
    """Whatever is wrong with the file is an error of ours, with a reason."""
    with pytest.raises(InputError) as refused:
        adapters.read(HOSTILE[case])
    assert refused.value.message.zh


def test_cut_and_garbled_hybrids_are_read_or_refused(hybrid: bytes) -> None:
    """No damage to the file makes anything but a reading or an error of ours."""
    for at in range(0, len(hybrid), len(hybrid) // 40):
        for data in (hybrid[:at], hybrid[:at] + b"\xff" * 40 + hybrid[at + 40 :]):
            try:
                adapters.read(b"%PDF-" + data[5:])
            except InputError:
                continue


def slow_to_unpack() -> bytes:
    """Return a PDF of 800 kB whose attachment is 51 MB of letters that decode one by one."""
    packed = b"\x81A" * 400_000 + b"\x80"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[(factur-x.xml) 3 0 R]>>>>>>",
        b"<</Type/Pages/Kids[]/Count 0>>",
        b"<</Type/Filespec/F(factur-x.xml)/UF(factur-x.xml)/EF<</F 4 0 R>>>>",
        b"<</Type/EmbeddedFile/Filter[/RunLengthDecode/ASCII85Decode]"
        b"/Length %d>>stream\n%b\nendstream" % (len(packed), packed),
    )
    made, places = b"%PDF-1.7\n", b""
    for number, text in enumerate(objects, 1):
        places += b"%010d 00000 n \n" % len(made)
        made += b"%d 0 obj\n%b\nendobj\n" % (number, text)
    table = b"xref\n0 5\n0000000000 65535 f \n%b" % places
    end = b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(made)
    return made + table + end


def test_a_file_that_takes_too_long_is_refused_in_time(
    hybrid: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that reads it is ended, the error says so, and the next file is read as ever."""
    monkeypatch.setattr(extraction, "BOUNDS", Bounds(seconds=1.5, memory=10**9))
    start = perf_counter()
    with pytest.raises(PdfUnreadable, match=re.escape("1.5 seconds")):
        adapters.read(slow_to_unpack())
    assert perf_counter() - start < 15
    assert adapters.read(hybrid).format == FACTURX
