"""Several files after one `--detached`, as in `--detached a.xml b.xml --json`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import click

DETACHED: Final = "--detached"


class Command(click.Command):
    """Takes several files after one `--detached`, as in `--detached a.xml b.xml --json`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Repeat the option before each file that follows it, then parse as ever."""
        valued = {
            name
            for each in self.params
            if isinstance(each, click.Option) and not each.is_flag
            for name in each.opts
        }
        return super().parse_args(ctx, _repeated(args, valued))


def _repeated(args: Sequence[str], valued: Collection[str]) -> list[str]:
    """Write `--detached a b` as `--detached a --detached b`, unless that leaves no FILE.

    What follows an option with a value is no FILE.
    """
    spread: list[str] = []
    option, files = "", 0
    for arg in args:
        if arg.startswith("-") and arg != "-":
            option = arg
            spread += [] if arg == DETACHED else [arg]
        elif option == DETACHED:
            spread += [DETACHED, arg]
        else:
            files += option not in valued
            option = ""
            spread.append(arg)
    return spread if files else list(args)
