"""A report as plain text: English, and Chinese below."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from certs.report.model import MADE, PARTICULARS, TITLE, Line, Report
from schemas.text import Text

_LANGUAGES: Final[tuple[Callable[[Text], str], ...]] = (
    lambda text: text.en,
    lambda text: text.zh,
)


def render(report: Report) -> bytes:
    """Return UTF-8, one fact a line, particulars indented."""
    return "\n\n".join("\n".join(_told(report, say)) for say in _LANGUAGES).encode() + b"\n"


def _told(report: Report, say: Callable[[Text], str]) -> Iterator[str]:
    yield say(TITLE)
    yield f"{say(MADE)}: {report.made}"
    for sheet in report.sheets:
        yield ""
        yield f"{sheet.name}: {say(sheet.verdict)}"
        yield from _lines(sheet.facts, say, "  ")
        for part in sheet.parts:
            yield f"  - {say(part.verdict)}"
            yield from _lines(part.facts, say, "    ")
            yield f"    {say(PARTICULARS)}"
            yield from _lines(part.particulars, say, "      ")


def _lines(lines: tuple[Line, ...], say: Callable[[Text], str], indent: str) -> Iterator[str]:
    for each in lines:
        yield f"{indent}{say(each.label)}: {say(each.value)}"
