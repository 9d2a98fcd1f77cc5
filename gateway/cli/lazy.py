"""A click group whose commands are imported only when one is called.

The help page comes from the table of commands alone, which keeps `silkgate --help` fast.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from typing import NamedTuple

import click
from click.exceptions import NoSuchCommand

from schemas.text import Text


class Entry(NamedTuple):
    """Where a command is (module and attribute, as `module:attribute`) and what it does."""

    target: str
    short: Text


def speaks_chinese() -> bool:
    """Tell whether the caller wants Chinese (SILKGATE_LANG, else the locale's language)."""
    wanted = (os.environ.get(name) for name in ("SILKGATE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))
    return next((value for value in wanted if value), "").lower().startswith("zh")


def say(text: Text) -> str:
    """Return the text in the caller's language."""
    return text.zh if speaks_chinese() else text.en


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports them on demand."""

    def __init__(self, entries: Mapping[str, Entry], **settings: object) -> None:
        """Offer `entries`; `settings` are click's own."""
        super().__init__(**settings)  # type: ignore[arg-type]
        self._entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of the table."""
        return list(self._entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command, or None for an unknown name."""
        entry = self._entries.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.target.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(entry.target)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; of an unknown one say which it may have been."""
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand as error:
            raise NoSuchCommand(error.command_name, possibilities=self._entries, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands and what they do, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, say(entry.short)) for name, entry in self._entries.items()])
