"""Options that commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Decorated = Callable[..., Any]

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
jobs = click.option(
    "--jobs", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes to use."
)
files = click.argument("files", nargs=-1, required=True)
home = click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="SILKGATE_HOME",
    default=Path(".silkgate"),
    show_default=True,
    help="The gateway's folder.",
)


def documents(command: Decorated) -> Decorated:
    """Give a command the arguments of every command over documents."""
    return files(jobs(as_json(command)))
