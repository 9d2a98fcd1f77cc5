"""A report as one HTML page without script: what counts first, particulars to be unfolded."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from certs.report.model import MADE, PARTICULARS, TITLE, Line, Part, Report, Sheet
from schemas.text import Text

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:50em;margin:2em auto;padding:0 1em;"
    "color:#1b1b1b}h1{font-size:1.4em}h2{font-size:1.1em;margin-top:2em;overflow-wrap:anywhere}"
    "section{border-left:4px solid #b58900;padding:.2em 1em;margin:1em 0}"
    ".good{border-color:#2e7d32}.bad{border-color:#c62828}"
    "dl{display:grid;grid-template-columns:14em 1fr;gap:.2em 1em;margin:.5em 0}"
    "dt{color:#555}dd{margin:0;overflow-wrap:anywhere}[lang=zh]{color:#444}"
    "summary{cursor:pointer;color:#555}"
)
_CLASSES: Final = {True: "good", False: "bad", None: "open"}


def render(report: Report) -> bytes:
    """Return the page (UTF-8); everything that came from a file is escaped."""
    body = "".join(map(_sheet, report.sheets))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(TITLE.en)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{_both(TITLE)}</h1><p>{_both(MADE)}: {escape(report.made)}</p>{body}</body></html>"
    ).encode()


def _sheet(sheet: Sheet) -> str:
    parts = "".join(map(_part, sheet.parts))
    return (
        f"<h2>{escape(sheet.name)}</h2><section class={_CLASSES[sheet.good]}>"
        f"<strong>{_both(sheet.verdict)}</strong>{_list(sheet.facts)}</section>{parts}"
    )


def _part(part: Part) -> str:
    return (
        f"<section class={_CLASSES[part.good]}><strong>{_both(part.verdict)}</strong>"
        f"{_list(part.facts)}<details><summary>{_both(PARTICULARS)}</summary>"
        f"{_list(part.particulars)}</details></section>"
    )


def _list(lines: tuple[Line, ...]) -> str:
    return f"<dl>{''.join(_items(lines))}</dl>" if lines else ""


def _items(lines: tuple[Line, ...]) -> Iterator[str]:
    for each in lines:
        yield f"<dt>{_both(each.label)}</dt><dd>{_both(each.value)}</dd>"


def _both(text: Text) -> str:
    if text.en == text.zh:
        return escape(text.en)
    return f'{escape(text.en)} <span lang="zh">{escape(text.zh)}</span>'
