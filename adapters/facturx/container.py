"""The PDF around the XML of Factur-X: taking the invoice out, safely, and putting one in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from typing import ClassVar, Final

from adapters.facturx import extraction
from adapters.facturx.worker import NAMES
from schemas.document import Document, Term
from schemas.errors import InputError
from schemas.loss import LossClass
from schemas.text import Text

_LARGEST: Final = 64 * 1024 * 1024
_CORE: Final = "urn:cen.eu:en16931:2017"
_LEVELS: Final[Mapping[str, str]] = {
    "urn:factur-x.eu:1p0:minimum": "minimum",
    "urn:factur-x.eu:1p0:basicwl": "basicwl",
    f"{_CORE}#compliant#urn:factur-x.eu:1p0:basic": "basic",
    _CORE: "en16931",
    f"{_CORE}#conformant#urn:factur-x.eu:1p0:extended": "extended",
}
_WITHOUT_LINES: Final = ("minimum", "basicwl")
_PROFILE: Final = "BG-2/BT-24"


class PdfUnreadable(InputError):
    """A PDF cannot be read, or holds no invoice."""

    code = "SG-1133"
    title = Text("No invoice can be read from the PDF: {reason}", "无法从 PDF 读取发票:{reason}")
    hint = Text(
        "Send a Factur-X or ZUGFeRD 2 file: a PDF with factur-x.xml attached.",
        "请提交 Factur-X 或 ZUGFeRD 2 文件(附有 factur-x.xml 的 PDF)。",
    )
    status: ClassVar[int] = 422


def unwrap(data: bytes) -> bytes:
    """Return the XML of the invoice in a PDF; raises PdfUnreadable.

    At most 64 MB and 100 attachments are looked at, in a process of its own and with a deadline;
    the library bounds what it decompresses.
    """
    if len(data) > _LARGEST:
        raise PdfUnreadable(reason=f"{len(data)} > {_LARGEST} bytes")
    found = extraction.attachments(data)
    if found.error:
        raise PdfUnreadable(reason=found.error[:200])
    if not found.invoice:
        listed = ", ".join(found.names) or "-"
        raise PdfUnreadable(reason=f"no {NAMES[0]} among the attachments ({listed})"[:200])
    return found.invoice


def named(document: Document) -> Document:
    """Return the document under a profile of Factur-X: its own (BT-24), else EN 16931."""
    if document.value(_PROFILE) in _LEVELS:
        return document
    reason = "the profile of Factur-X that fits / 对应的 Factur-X 规范"
    terms = [
        replace(term, value=_CORE, cls=LossClass.CONVERT, reason=reason)
        if term.id == _PROFILE
        else term
        for term in document.terms
    ]
    if document.get(_PROFILE) is None:
        terms.insert(0, Term(_PROFILE, _CORE, cls=LossClass.DERIVE))
    return replace(document, terms=terms)


def wrap(xml: bytes, document: Document, settings: Mapping[str, object]) -> bytes:
    """Return a PDF/A-3 with the invoice inside.

    The page is `settings["pdf"]`, else drawn from the document. Raises PdfExtraMissing,
    PdfUnreadable for a page that is no PDF.
    """
    from facturx import generate_from_binary

    level = _LEVELS[document.value(_PROFILE)]
    given = settings.get("pdf")
    page = given if isinstance(given, bytes) else _drawn(document)
    try:
        made: bytes = generate_from_binary(
            page,
            xml,
            flavor="factur-x",
            level=level,
            check_xsd=False,
            afrelationship="data" if level in _WITHOUT_LINES else "alternative",
            xmp_compression=False,
        )
    except Exception as error:
        raise PdfUnreadable(reason=f"{type(error).__name__}: {error}"[:200]) from error
    return made


def _drawn(document: Document) -> bytes:
    from schemas.view import sheet
    from schemas.view.pdf import pdf

    return _coloured(pdf(sheet(document), "en"))


def _coloured(page: bytes) -> bytes:
    """Return a page that says what its colours mean (sRGB), as PDF/A asks (ISO 19005-3, 6.2.3)."""
    from PIL import ImageCms
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import (
        ArrayObject,
        DecodedStreamObject,
        DictionaryObject,
        NameObject,
        NumberObject,
        TextStringObject,
    )

    writer, out = PdfWriter(clone_from=PdfReader(BytesIO(page))), BytesIO()
    profile = DecodedStreamObject()
    profile.set_data(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[NameObject("/N")] = NumberObject(3)
    intent = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/OutputIntent"),
            NameObject("/S"): NameObject("/GTS_PDFA1"),
            NameObject("/OutputConditionIdentifier"): TextStringObject("sRGB"),
            NameObject("/DestOutputProfile"): writer._add_object(profile),  # noqa: SLF001 - no other way in
        }
    )
    writer.root_object[NameObject("/OutputIntents")] = ArrayObject([intent])
    writer.write(out)
    return out.getvalue()
