"""The help pages in the caller's language: commands and options as `help.csv` says them in Chinese.

A text that the table lacks is shown in English. Groups list what their commands do in full.
"""

from __future__ import annotations

import csv
import inspect
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Final
from unicodedata import east_asian_width

import click

from gateway.cli.lazy import say, speaks_chinese
from schemas.text import Text

_HEADINGS: Final = {
    "Options": Text("Options", "选项"),
    "Commands": Text("Commands", "命令"),
}
_USAGE: Final = Text("Usage: ", "用法:")
_EXTRA: Final = re.compile(r"^(.*?)(?:  \[(.*)\])?$", re.DOTALL)
# What may not begin a line stays with what is before it.
_PIECES: Final = re.compile(r"(?:\[[^\]]{1,40}\]|[!-~]+|.)[,。;:、)」]*", re.DOTALL)
_AS_IS: Final = "\b\n"
"""Before a paragraph that click is not to fold itself."""


class Formatter(click.HelpFormatter):
    """Writes help pages in the caller's language, Chinese folded by the width of its characters."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line of usage."""
        super().write_usage(prog, args, say(_USAGE) if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        super().write_heading(say(_HEADINGS.get(heading, Text(heading, heading))))

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        super().write_text(self._folded(spoken(text), self.width - self.current_indent))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write options or commands, and beside each what it is."""
        known = list(rows)
        first = min(max(len(name) for name, _ in known), col_max) + col_spacing
        width = max(self.width - first - 2, 10)
        told = [(name, self._folded(_option(text), width)) for name, text in known]
        super().write_dl(told, col_max, col_spacing)

    def _folded(self, text: str, width: int) -> str:
        if not speaks_chinese():
            return text
        return "\n\n".join(_AS_IS + "\n".join(fold(part, width)) for part in text.split("\n\n"))


class Group(click.Group):
    """A group of commands whose help page says in full what each of them does."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, each with the first paragraph of its help."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, _first(one)) for name, one in found if one is not None])


def spoken(text: str) -> str:
    """Return a help text, paragraphs parted by an empty line, in the caller's language."""
    return "\n\n".join(_said(part) for part in paragraphs(text))


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a help text, each on one line."""
    return [" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n")]


def fold(text: str, width: int) -> Iterator[str]:
    """Yield the lines of a text that is `width` columns wide; a Chinese character takes two."""
    line, room = "", width
    for piece in _PIECES.findall(text):
        wide = sum(2 if east_asian_width(char) in "WF" else 1 for char in piece)
        if wide > room and line:
            yield line.rstrip()
            line, room = "", width
        if line or piece != " ":
            line, room = line + piece, room - wide
    yield line.rstrip()


def _first(command: click.Command) -> str:
    return paragraphs(command.help or "")[0]


def _option(text: str) -> str:
    """Translate the help of an option; behind it may stand its default and whether it must be."""
    found = _EXTRA.match(text)
    main, extra = found.groups() if found else (text, None)
    if extra is None:
        return spoken(main)
    if speaks_chinese():
        extra = extra.replace("default:", "默认:").replace("required", "必填")
    return f"{spoken(main)}  [{extra}]"


def _said(paragraph: str) -> str:
    return _chinese().get(paragraph, paragraph) if speaks_chinese() else paragraph


@cache
def _chinese() -> dict[str, str]:
    table = files("gateway.cli").joinpath("help.csv").read_text("utf-8")
    return {row["en"]: row["zh"] for row in csv.DictReader(table.splitlines())}
