"""A bill of lading as a page of its own: one HTML file, printable on A4, with nothing to fetch."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from gateway.lading.page.sheet import Sheet, word
from schemas.text import Text


def bill_page(sheet: Sheet, language: str) -> str:
    """Return the sheet as HTML; captions in `language` (en or zh), the other small beside."""
    chinese = language == "zh"

    def main(text: Text) -> str:
        return text.zh if chinese else text.en

    def other(text: Text) -> str:
        return text.en if chinese else text.zh

    template = _templates().get_template("bill.html")
    return template.render(
        sheet=sheet, word=word, t=main, o=other, language="zh-CN" if chinese else "en"
    )


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("gateway.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
