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


def signing_key(command: Decorated) -> Decorated:
    """Give a command the options that name a key to sign with."""
    key = click.option(
        "--key",
        "ref",
        required=True,
        metavar="REF",
        help="Name of a key of the gateway, or file:KEY.pem,CERT.pem.",
    )
    secret = click.option(
        "--secret", default="", help="What opens the PEM key: env:NAME or file:PATH."
    )
    return key(secret(command))


def documents(command: Decorated) -> Decorated:
    """Give a command the arguments of every command over documents."""
    return files(jobs(as_json(command)))
