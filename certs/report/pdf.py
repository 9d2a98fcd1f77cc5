"""A report as PDF, drawn with the extra `pdf`: the same order, particulars in small print."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from certs.errors import NoPdfSupport
from certs.report.model import MADE, PARTICULARS, TITLE, Line, Report, Sheet
from schemas.text import Text
from schemas.view import fonts
from schemas.view.fonts import marked

if TYPE_CHECKING:
    from reportlab.lib.styles import ParagraphStyle

_COLOURS: Final = {True: "#2e7d32", False: "#c62828", None: "#8a6d00"}


def render(report: Report) -> bytes:
    """Return the PDF; raises NoPdfSupport without the library that draws it."""
    try:
        from reportlab.lib.pagesizes import A4
        from reportlab.platypus import Paragraph, SimpleDocTemplate
    except ImportError as error:
        raise NoPdfSupport from error
    fonts.covered()
    out = io.BytesIO()
    styles = _styles()
    story: list[Any] = [Paragraph(markup, styles[name]) for name, markup in _told(report)]
    SimpleDocTemplate(out, pagesize=A4, title=TITLE.en, invariant=True).build(story)
    return out.getvalue()


def _styles() -> dict[str, ParagraphStyle]:
    from reportlab.lib.styles import ParagraphStyle

    sizes = {"title": (16, 22, 0), "head": (12, 18, 0), "fact": (10, 14, 0), "small": (7.5, 10, 12)}
    return {
        name: ParagraphStyle(
            name,
            fontName=fonts.LATIN,
            fontSize=size,
            leading=leading,
            leftIndent=indent,
            wordWrap="CJK",
            spaceBefore=6 if name in {"title", "head"} else 0,
        )
        for name, (size, leading, indent) in sizes.items()
    }


def _told(report: Report) -> Iterator[tuple[str, str]]:
    yield "title", _both(TITLE)
    yield "fact", f"{_both(MADE)}: {marked(report.made)}"
    for sheet in report.sheets:
        yield from _sheet(sheet)


def _sheet(sheet: Sheet) -> Iterator[tuple[str, str]]:
    yield "head", f"{marked(sheet.name)}: {_verdict(sheet.verdict, sheet.good)}"
    yield from (("fact", _line(each)) for each in sheet.facts)
    for part in sheet.parts:
        yield "head", _verdict(part.verdict, part.good)
        yield from (("fact", _line(each)) for each in part.facts)
        yield "small", _both(PARTICULARS)
        yield from (("small", _line(each)) for each in part.particulars)


def _verdict(text: Text, good: bool | None) -> str:  # noqa: FBT001 - true, false or open
    return f'<font color="{_COLOURS[good]}">{_both(text)}</font>'


def _line(line: Line) -> str:
    return f"{_both(line.label)}: {_both(line.value)}"


def _both(text: Text) -> str:
    return marked(text.en) if text.en == text.zh else f"{marked(text.en)} {marked(text.zh)}"
