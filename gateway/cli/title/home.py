"""The folder of a register, as commands over titles find it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import click

from gateway.cli.lazy import say
from gateway.cli.opened import gateway_in
from schemas.finding import Finding
from schemas.text import Text

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ledger.title.folder import FolderRegister
    from ledger.title.register import Register
    from ledger.title.state import State

_SETTINGS: Final = "silkgate.toml"
_YES: Final = Text("yes", "是")
_NO: Final = Text("no", "否")

home = click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="SILKGATE_TITLE_HOME",
    default=Path("titles"),
    show_default=True,
    help="The folder of a register, or of a gateway.",
)


class Readable(Protocol):
    """A register as commands use it: that of a folder, or a gateway's."""

    def submit(self, signed: str) -> object:
        """Accept a signed entry, durably."""
        ...

    def share(self, signed: str) -> object:
        """Keep a signed epoch of a title's keys."""
        ...

    def looking(self) -> AbstractContextManager[Register]:
        """Give the register as it is now."""
        ...

    def check(self) -> list[Finding]:
        """Return what does not agree when everything is derived anew."""
        ...


@contextmanager
def readable_in(folder: Path) -> Iterator[Readable]:
    """Give the register in a folder, or that of the gateway whose folder it is; raises NoLog."""
    if not (folder / _SETTINGS).is_file():
        with register_in(folder) as register:
            yield register
        return
    with gateway_in(folder) as gateway:
        yield gateway.titles


def register_in(folder: Path) -> FolderRegister:
    """Return the register in a folder; raises NoLog."""
    from ledger.title.folder import FolderRegister

    return FolderRegister(folder)


def leaf_of(receipt: object) -> object:
    """Return the leaf in the log that a receipt names, of a folder or of a gateway."""
    from ledger.title.register import Accepted

    if isinstance(receipt, Accepted):
        return receipt.leaf
    return receipt.get("leaf") if isinstance(receipt, Mapping) else None


def shown(state: State) -> dict[str, object]:
    """Return a state as commands print it."""
    return {
        "kind": state.kind.value,
        "content": state.content,
        "paper": state.paper,
        "paused": state.paused,
        "state": state.as_dict(),
    }


def tell(result: Mapping[str, object]) -> None:
    """Print a result for a person, a line for each value, those of an object one by one."""
    for name, value in result.items():
        if isinstance(value, Mapping):
            tell(value)
        else:
            click.echo(f"{name}: {_said(value)}")


def _said(value: object) -> object:
    if isinstance(value, bool):
        return say(_YES if value else _NO)
    return "-" if value in (None, "") else value
