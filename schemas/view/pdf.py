"""The page as PDF, by reportlab (the extra `pdf`): A4, fonts embedded where they can be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any, ClassVar, Final

from schemas.errors import SettingsError
from schemas.text import Text
from schemas.view import fonts
from schemas.view.fonts import marked
from schemas.view.sheet import Block, Entry, Sheet, Table

_INK, _SOFT, _MARK, _LINE = "#1d2733", "#5d6b7a", "#0b5cad", "#d8dee6"
_WIDTH: Final = 174.0
"""Millimetres between the margins of A4."""
_SHARES: Final = {"BT-153": 2.4, "BT-97": 2.0, "BT-104": 2.0, "BT-131": 1.3, "BT-151": 0.8}
"""The width of columns, of 1."""
_NUMBERS: Final = re.compile(r"BT-(?:129|146|131|152|116|117|119|9[23469]|10[013])")
_HALF: Final = _WIDTH / 2 - 4
_LONG: Final = 800
"""Characters of a value that still stands beside its name."""
_LABEL: Final = 40
_LARGE: Final = 1600
"""What a block may hold, in characters, to stand beside another."""


class PdfExtraMissing(SettingsError):
    """The library that draws PDFs is not installed."""

    code = "SG-9121"
    title = Text("PDFs need the extra `pdf`.", "生成 PDF 需要附加组件 `pdf`。")
    hint = Text(
        "Run `pip install 'silkgate[pdf]'`, or ask for HTML.",
        "请运行 `pip install 'silkgate[pdf]'`,或改用 HTML。",
    )
    status: ClassVar[int] = 503


def pdf(page: Sheet, lang: str = "both") -> bytes:
    """Return a page in `en`, `zh` or `both` languages; raises PdfExtraMissing."""
    try:
        from reportlab.lib.units import mm
        from reportlab.platypus import SimpleDocTemplate
    except ImportError as error:
        raise PdfExtraMissing from error
    out = BytesIO()
    number = next((entry.value for entry in page.head if entry.term == "BT-1"), "")
    margins = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), 18 * mm)
    template = SimpleDocTemplate(
        out,
        title=f"{page.title.en} {number}",
        creator="Silkgate",
        invariant=1,
        initialFontName=fonts.LATIN,
        **margins,
    )
    template.build(_Writer(lang).page(page))
    return out.getvalue()


class _Writer:
    """Makes the flowing parts of a page in one language, or in both."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        fonts.covered()

    def page(self, page: Sheet) -> list[Any]:
        due = page.due
        head = self.text(page.title)
        right = f"{self.text(due.label)}<br/>{marked(due.value)}" if due else ""
        sums = [each for table in page.tables for each in (*self.table(table), self.gap())]
        return [
            self.side([[self.line(head, 16, bold=True)], [self.line(right, 9, align=2)]]),
            self.gap(),
            *self.entries(page.head),
            *self.pairs(page.parties),
            self.gap(),
            *self.table(page.lines),
            self.gap(),
            *sums,
            self.side([[], self.block(page.totals, _HALF)]),
            self.gap(),
            *self.pairs(page.rest),
        ]

    def text(self, text: Text) -> str:
        """Return words in the language of the page, as markup."""
        if self.lang == "both" and text.en != text.zh:
            return f'{marked(text.en)} <font color="{_SOFT}">{marked(text.zh)}</font>'
        return marked(text.zh if self.lang == "zh" else text.en)

    def line(self, markup: str, size: float = 8, *, bold: bool = False, align: int = 0) -> Any:  # noqa: ANN401 - reportlab has no types
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.platypus import Paragraph

        style = ParagraphStyle(
            "line",
            fontName=fonts.BOLD if bold else fonts.LATIN,
            fontSize=size,
            leading=size * 1.35,
            textColor=_INK,
            alignment=align,
            wordWrap="CJK" if self.lang == "zh" else None,
        )
        return Paragraph(markup, style)

    def gap(self) -> Any:  # noqa: ANN401 - reportlab has no types
        from reportlab.platypus import Spacer

        return Spacer(0, 9)

    def heading(self, title: Text) -> Any:  # noqa: ANN401 - reportlab has no types
        return self.line(f'<font color="{_MARK}">{self.text(title)}</font>', 8.5, bold=True)

    def block(self, block: Block, width: float) -> list[Any]:
        if not block.entries:
            return []
        return [self.heading(block.title), *self.entries(block.entries, width)]

    def entries(
        self, entries: Iterable[Entry], width: float = _WIDTH, indent: float = 0
    ) -> list[Any]:
        """Return names beside their values; a long value runs on over pages by itself."""
        found: list[Any] = []
        for entry in entries:
            label = f'<font color="{_SOFT}">{self.text(entry.label)}</font>'
            value = marked(entry.value)
            if len(entry.value) > _LONG:
                found += [self.line(label, 7), self.line(value)]
            else:
                row = ["", self.line(label, 7), self.line(value)]
                rest = width - indent
                found.append(self.grid([row], [indent, 0.42 * rest, 0.58 * rest]))
        return found

    def pairs(self, blocks: Sequence[Block]) -> list[Any]:
        """Return blocks two by two, side by side; a large one alone over the whole width."""
        found: list[Any] = []
        waiting: list[Block] = []
        for block in blocks:
            if sum(len(entry.value) + _LABEL for entry in block.entries) > _LARGE:
                found += self.block(block, _WIDTH)
                continue
            waiting.append(block)
            if len(waiting) > 1:
                found.append(self.side([self.block(each, _HALF) for each in waiting]))
                waiting = []
        found += [self.side([self.block(each, _HALF), []]) for each in waiting]
        return found

    def side(self, cells: list[list[Any]]) -> Any:  # noqa: ANN401 - reportlab has no types
        return self.grid([[cell or "" for cell in cells]], [_WIDTH / 2, _WIDTH / 2])

    def table(self, table: Table) -> list[Any]:
        if not table.rows:
            return []
        shares = [_SHARES.get(column, 1.0) for column in table.columns]
        widths = [_WIDTH * share / sum(shares) for share in shares]
        aligned = [2 if _NUMBERS.fullmatch(column) else 0 for column in table.columns]
        found: list[Any] = [self.heading(table.title)]
        heads = [
            self.line(self.text(head), 7, bold=True, align=align)
            for head, align in zip(table.heads(), aligned, strict=True)
        ]
        if heads:
            found.append(self.grid([heads], widths, below=_INK))
        for row in table.rows:
            cells = [
                self.line(marked(cell), align=align)
                for cell, align in zip(row.cells, aligned, strict=True)
            ]
            if cells:
                found.append(self.grid([cells], widths, below="" if row.more else _LINE))
            if row.more:
                found += [*self.entries(row.more, indent=10), self.rule()]
        return found

    def rule(self) -> Any:  # noqa: ANN401 - reportlab has no types
        from reportlab.platypus import HRFlowable

        return HRFlowable(width="100%", thickness=0.5, color=_LINE, spaceBefore=2, spaceAfter=2)

    def grid(self, rows: list[list[Any]], widths: list[float], *, below: str = "") -> Any:  # noqa: ANN401 - reportlab has no types
        from reportlab.lib.units import mm
        from reportlab.platypus import Table as Grid

        style: list[tuple[Any, ...]] = [
            ("FONT", (0, 0), (-1, -1), fonts.LATIN),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 6),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
        ]
        if below:
            style.append(("LINEBELOW", (0, 0), (-1, -1), 0.5, below))
        return Grid(rows, [width * mm for width in widths], style=style, hAlign="LEFT")
