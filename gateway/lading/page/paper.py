"""A bill of lading as PDF (extra `pdf`): the same sheet as the page, on A4."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

from gateway.lading.page.sheet import Box, Goods, Sheet, word
from schemas.errors import SettingsError
from schemas.text import Text
from schemas.view import fonts
from schemas.view.fonts import marked

_BLUE: Final = "#0d2f5c"
_GREY: Final = "#666677"
_WIDTH: Final = 192.0
"""Millimetres between the margins."""
_COLUMNS: Final = (44.0, 26.0, 24.0, 56.0, 22.0, 20.0)
_CAPTIONS: Final = ("containers", "marks", "packages", "description", "weight", "measure")


class NoPdf(SettingsError):
    """The libraries for PDF are not installed."""

    code = "SG-9072"
    title = Text("PDF needs the extra `pdf`.", "生成 PDF 需要安装扩展 `pdf`。")
    hint = Text("Run pip install 'silkgate[pdf]'.", "请运行 pip install 'silkgate[pdf]'。")


def bill_pdf(sheet: Sheet, language: str) -> bytes:
    """Return the sheet as PDF; captions in `language` (en or zh). Raises NoPdf."""
    try:
        from reportlab.lib.pagesizes import A4
        from reportlab.lib.units import mm
        from reportlab.platypus import SimpleDocTemplate
    except ImportError as error:
        raise NoPdf from error
    fonts.covered()
    out = BytesIO()
    page = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=9 * mm,
        rightMargin=9 * mm,
        topMargin=9 * mm,
        bottomMargin=9 * mm,
        title=f"{sheet.title.en} {sheet.number}",
        author=sheet.carrier,
    )
    stamp = _stamp(sheet, language)
    page.build(_Paper(language).story(sheet), onFirstPage=stamp, onLaterPages=stamp)
    return out.getvalue()


class _Paper:
    def __init__(self, language: str) -> None:
        from reportlab.lib.styles import ParagraphStyle

        self.chinese = language == "zh"
        body = {"fontName": fonts.LATIN, "fontSize": 7.5, "leading": 10}
        head = {"fontName": fonts.BOLD, "textColor": _BLUE}
        self.plain = ParagraphStyle("plain", **body)
        self.right = ParagraphStyle("right", self.plain, alignment=2)
        self.strong = ParagraphStyle("strong", self.plain, fontSize=11, leading=15, **head)
        self.large = ParagraphStyle("large", self.plain, fontSize=14, leading=20, **head)
        self.heading = ParagraphStyle("heading", self.large, alignment=2)
        self.small = ParagraphStyle("small", self.plain, fontSize=6, leading=7.5)
        self.middle = ParagraphStyle("middle", self.small, alignment=1)

    def story(self, sheet: Sheet) -> list[Any]:
        """Return the page from top to bottom."""
        half, third = [_WIDTH / 2] * 2, [_WIDTH / 3] * 3
        narrow = [each for each in sheet.particulars if "wide" not in each.name]
        wide = [each for each in sheet.particulars if "wide" in each.name]
        signed = [[[], [*self.box(Box(word("signed"), (sheet.carrier,))), self.space(36)]]]
        return [
            self.head(sheet),
            self.parties(sheet),
            *self.rows_of(sheet.voyage, third),
            self.band(word("particulars")),
            self.goods(sheet),
            *self.rows_of(narrow, third),
            *self.rows_of(wide, [_WIDTH]),
            self.table([[self.text(self.said(sheet.clause), self.small)]], [_WIDTH]),
            self.table(signed, half),
            self.space(4),
            self.text(f"{sheet.notice.en} {sheet.notice.zh}", self.small),
            *self.conditions(sheet),
        ]

    def said(self, text: Text) -> str:
        """Return a text in the page's language."""
        return text.zh if self.chinese else text.en

    def text(self, said: str, style: Any = None) -> Any:  # noqa: ANN401 - reportlab has no types
        """Return a paragraph of plain text; words of Chinese have no blanks between them."""
        from reportlab.platypus import Paragraph

        markup, style = marked(said), style or self.plain
        if fonts.CHINESE in markup:
            style = style.clone(style.name, wordWrap="CJK")
        return Paragraph(markup, style)

    def box(self, box: Box) -> list[Any]:
        """Return a caption and its lines."""
        return [self.caption(box.caption), *(self.text(line) for line in box.lines)]

    def caption(self, text: Text) -> Any:  # noqa: ANN401 - reportlab has no types
        """Return a caption, small, in both languages."""
        from reportlab.platypus import Paragraph

        one, two = (text.zh, text.en) if self.chinese else (text.en, text.zh)
        inner = (
            f'<font color="{_BLUE}">{marked(one)}</font> <font color="{_GREY}">{marked(two)}</font>'
        )
        return Paragraph(inner, self.small)

    def table(
        self,
        rows: list[list[Any]],
        widths: Sequence[float],
        padding: float = 3,
        heading: int = 0,
    ) -> Any:  # noqa: ANN401 - reportlab has no types
        """Return a table with ruled cells; widths in millimetres, `heading` rows on each page."""
        from reportlab.lib.colors import HexColor
        from reportlab.lib.units import mm
        from reportlab.platypus import Table

        line = HexColor("#333333")
        style = [
            ("GRID", (0, 0), (-1, -1), 0.5, line),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), padding),
            ("BOTTOMPADDING", (0, 0), (-1, -1), padding),
            ("LEFTPADDING", (0, 0), (-1, -1), padding),
            ("RIGHTPADDING", (0, 0), (-1, -1), padding),
        ]
        columns = [each * mm for each in widths]
        return Table(rows, colWidths=columns, style=style, repeatRows=heading, splitInRow=1)

    def parties(self, sheet: Sheet) -> Any:  # noqa: ANN401 - reportlab has no types
        """Return the parties, and beside each of them two of the other boxes."""
        number = [self.caption(word("number")), self.text(sheet.number, self.strong)]
        beside = [number, *(self.box(each) for each in sheet.right)]
        beside += [[]] * (-len(beside) % 2)
        pairs = list(zip(beside[::2], beside[1::2], strict=True))
        left = [self.box(each) for each in sheet.left]
        left += [[]] * (len(pairs) - len(left))
        pairs += [([], [])] * (len(left) - len(pairs))
        rows = [[party, *pair] for party, pair in zip(left, pairs, strict=True)]
        return self.table(rows, [_WIDTH / 2, _WIDTH / 4, _WIDTH / 4])

    def band(self, text: Text) -> Any:  # noqa: ANN401 - reportlab has no types
        """Return a heading over the width of the sheet."""
        return self.table([[self.text(f"{text.en} / {text.zh}", self.middle)]], [_WIDTH], padding=1)

    def space(self, points: float) -> Any:  # noqa: ANN401 - reportlab has no types
        """Return room for a signature."""
        from reportlab.platypus import Spacer

        return Spacer(1, points)

    def rows_of(self, boxes: Sequence[Box], widths: Sequence[float]) -> list[Any]:
        """Return boxes side by side, in as many rows as they need."""
        count = len(widths)
        filled = [self.box(box) for box in boxes]
        filled += [[]] * (-len(filled) % count)
        rows = [list(filled[at : at + count]) for at in range(0, len(filled), count)]
        return [self.table(rows, widths)] if rows else []

    def head(self, sheet: Sheet) -> Any:  # noqa: ANN401 - reportlab has no types
        """Return the carrier's name beside the title."""
        from reportlab.lib.units import mm
        from reportlab.platypus import Table

        title = f"{sheet.title.en.upper()} {sheet.title.zh}"
        right = [
            self.text(title, self.heading),
            self.text(f"{sheet.kind.en} / {sheet.kind.zh}", self.right),
        ]
        return Table(
            [[self.text(sheet.carrier, self.large), right]], colWidths=[_WIDTH / 2 * mm] * 2
        )

    def goods(self, sheet: Sheet) -> Any:  # noqa: ANN401 - reportlab has no types
        """Return the table of goods with its totals."""
        head = [self.caption(word(f"goods-{name}")) for name in _CAPTIONS]
        total = [self.caption(word("total")), *self.cells(sheet.totals)[0]]
        foot = [total, *self.cells(sheet.totals)[1:]]
        rows = [head, *(self.cells(row) for row in sheet.goods), foot]
        return self.table(rows, _COLUMNS, heading=1)

    def cells(self, row: Goods) -> list[list[Any]]:
        """Return the cells of a row, figures to the right."""
        left = (row.containers, row.marks, row.packages, row.description)
        figures = (row.weight, row.measure)
        return [
            *([self.text(line) for line in lines] for lines in left),
            *([self.text(line, self.right) for line in lines] for lines in figures),
        ]

    def conditions(self, sheet: Sheet) -> list[Any]:
        """Return the carrier's terms below, if there are any."""
        if not sheet.conditions:
            return []
        lines = [line for line in sheet.conditions.splitlines() if line.strip()]
        return [
            self.caption(word("conditions")),
            *(self.text(line, self.small) for line in lines),
        ]


def _stamp(sheet: Sheet, language: str) -> Any:  # noqa: ANN401 - a hook of reportlab
    """Return what is drawn on every page: the bill's number, the page's, and the stamp."""

    def draw(canvas: Any, _document: Any) -> None:  # noqa: ANN401 - reportlab has no types
        canvas.setFont(fonts.LATIN, 6)
        canvas.drawRightString(570, 14, f"{sheet.number} · {canvas.getPageNumber()}")
        if sheet.stamp is None:
            return
        from reportlab.lib.colors import HexColor

        canvas.saveState()
        canvas.translate(300, 440)
        canvas.rotate(28)
        canvas.setFillColor(HexColor("#b3261e"))
        canvas.setFillAlpha(0.25)
        canvas.setFont(fonts.CHINESE if language == "zh" else fonts.BOLD, 54)
        canvas.drawCentredString(0, 0, sheet.stamp.zh if language == "zh" else sheet.stamp.en)
        canvas.restoreState()

    return draw
