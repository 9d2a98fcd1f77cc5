"""The voice of the demo: one line per thing that happens, with the time since the start."""

from __future__ import annotations

import time

import click

from gateway.cli.lazy import say
from schemas.text import Text


class Teller:
    """Tells the story on standard output, or nothing when the outcome is wanted as JSON."""

    def __init__(self, *, silent: bool = False) -> None:
        """Start the clock."""
        self._silent = silent
        self._start = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start

    def chapter(self, title: Text) -> None:
        """Begin a part of the story."""
        if not self._silent:
            click.echo()
            click.secho(say(title), bold=True)

    def say(self, text: Text, *, who: str = "", colour: str | None = None) -> None:
        """Tell one thing; `who` is the party it happens at."""
        if not self._silent:
            stamp = click.style(f"{self.elapsed:5.1f}s", dim=True)
            actor = click.style(f"{who:13}", fg=colour) if who else ""
            click.echo(f"{stamp}  {actor}{say(text)}")
