"""The folder of a register, as commands over titles find it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ledger.title.folder import FolderRegister
    from ledger.title.state import State

home = click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="SILKGATE_TITLE_HOME",
    default=Path("titles"),
    show_default=True,
    help="The register's folder.",
)


def register_in(folder: Path) -> FolderRegister:
    """Return the register in a folder; raises NoLog."""
    from ledger.title.folder import FolderRegister

    return FolderRegister(folder)


def shown(state: State) -> dict[str, object]:
    """Return a state as commands print it."""
    return {
        "kind": state.kind.value,
        "content": state.content,
        "paper": state.paper,
        "paused": state.paused,
        "state": state.as_dict(),
    }
