"""The page as HTML: one file, without scripts, links or anything to fetch; every value escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files

from schemas.text import Text
from schemas.view.sheet import Block, Entry, Row, Sheet, Table

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def html(page: Sheet, lang: str = "both") -> str:
    """Return a page in `en`, `zh` or `both` languages."""
    return _Writer(lang).page(page)


class _Writer:
    """Writes in one language, or in both."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def page(self, page: Sheet) -> str:
        style = (files("schemas.view") / "invoice.css").read_text(encoding="utf-8")
        number = next((entry.value for entry in page.head if entry.term == "BT-1"), "")
        tables = "".join(map(self.table, page.tables))
        language = "zh-CN" if self.lang == "zh" else "en"
        body = [
            f"<header><h1>{self.text(page.title)}</h1>{self.due(page.due)}</header>",
            f'<section class="head">{self.entries(page.head)}</section>',
            f'<div class="parties">{"".join(map(self.block, page.parties))}</div>',
            self.table(page.lines, "lines"),
            f'<div class="sums"><div>{tables}</div>{self.block(page.totals)}</div>',
            f'<div class="rest">{"".join(map(self.block, page.rest))}</div>',
        ]
        return (
            f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{self.text(page.title)} {escape(number)}</title>"
            f"<style>{style}</style></head>\n<body><main>\n" + "\n".join(body) + "\n</main>"
            "</body></html>\n"
        )

    def text(self, text: Text) -> str:
        """Return words in the language of the page."""
        if self.lang == "both" and text.en != text.zh:
            return f'{escape(text.en)} <span lang="zh-CN">{escape(text.zh)}</span>'
        return escape(text.zh if self.lang == "zh" else text.en)

    def due(self, entry: Entry | None) -> str:
        if entry is None:
            return ""
        return f'<p class="due">{self.text(entry.label)}<strong>{escape(entry.value)}</strong></p>'

    def block(self, block: Block) -> str:
        if not block.entries:
            return ""
        title = self.text(block.title)
        return f"<section><h2>{title}</h2>{self.entries(block.entries)}</section>"

    def entries(self, entries: Iterable[Entry]) -> str:
        rows = "".join(
            f'<div><dt title="{escape(entry.term)}">{self.text(entry.label)}</dt>'
            f"<dd>{escape(entry.value)}</dd></div>"
            for entry in entries
        )
        return f"<dl>{rows}</dl>" if rows else ""

    def table(self, table: Table, kind: str = "") -> str:
        if not table.rows:
            return ""
        heads = "".join(
            f'<th title="{escape(column)}" class="{escape(column)}">{self.text(head)}</th>'
            for column, head in zip(table.columns, table.heads(), strict=True)
        )
        body = "".join(self.row(row, table.columns) for row in table.rows)
        return (
            f'<section class="{kind}"><h2>{self.text(table.title)}</h2><table><thead><tr>{heads}'
            f"</tr></thead>{body}</table></section>"
        )

    def row(self, row: Row, columns: Sequence[str]) -> str:
        cells = "".join(
            f'<td class="{escape(column)}">{escape(cell)}</td>'
            for column, cell in zip(columns, row.cells, strict=True)
        )
        more = self.entries(row.more)
        below = f'<tr class="more"><td colspan="{len(columns)}">{more}</td></tr>' if more else ""
        return f"<tbody><tr>{cells}</tr>{below}</tbody>"
