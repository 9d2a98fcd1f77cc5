"""Where the register is that a party acts on: in a folder, or at a gateway behind its API."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import click

from gateway.cli.files import present
from gateway.cli.title.home import home, readable_in
from schemas.errors import InputError
from schemas.text import Text

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ledger.title.epochs import Epochs
    from ledger.title.link import Link
    from ledger.title.sequence import Standing


_TOKEN: Final = re.compile(r"[!-~]+")


class NotAnApiKey(InputError):
    """What a reference leads to cannot be sent as an API key."""

    code = "SG-1172"
    title = Text("{where} leads to no API key.", "{where} 中没有 API 密钥。")
    hint = Text(
        "Keep the key alone there, as it was issued: sgk_..., or a bearer token.",
        "请仅存放签发的密钥(sgk_...)或不记名令牌。",
    )
    exit_code = 2


class Looking(Protocol):
    """A register as it is now."""

    @property
    def name(self) -> str:
        """The name of the register, '' where that is told by its titles alone."""
        ...

    def standing(self, title: str) -> Standing:
        """Return what a title is; raises NoSuchTitle."""
        ...

    def history(self, title: str) -> list[Link]:
        """Return every action on a title."""
        ...

    def shared(self, title: str) -> Epochs:
        """Return the epochs of a title."""
        ...

    def epochs(self, title: str) -> Sequence[str]:
        """Return the epochs of a title as they were signed."""
        ...

    def export(self, title: str) -> bytes:
        """Return the history file of a title."""
        ...


class Usable(Protocol):
    """A register that a party acts on."""

    def submit(self, signed: str) -> object:
        """Accept a signed entry, durably."""
        ...

    def share(self, signed: str) -> object:
        """Keep a signed epoch of a title's keys."""
        ...

    def looking(self) -> AbstractContextManager[Looking]:
        """Give the register as it is now."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a register is: the folder, or address, API key by reference, authority and name."""

    home: Path
    gateway: str = ""
    api_key: str = ""
    authority: Path | None = None
    name: str = ""

    @contextmanager
    def opened(self) -> Iterator[Usable]:
        """Give the register; raises NoLog, NotAllowed, SecretMissing, NotAnApiKey."""
        if not self.gateway:
            with readable_in(self.home) as register:
                yield register
            return
        from certs.keys import read_secret
        from gateway.wiring.log.watching import line_to
        from gateway.wiring.titles.remote import RemoteRegister

        token = read_secret(self.api_key).decode("ascii", "replace")
        if not _TOKEN.fullmatch(token):
            raise NotAnApiKey(where=self.api_key)
        with line_to(self.gateway, self.authority and present(self.authority)) as line:
            yield RemoteRegister(line, token, self.name)


_OPTIONS: Final = (
    click.option(
        "--gateway",
        default="",
        metavar="URL",
        help="The register of this gateway, over its API, instead of --home.",
    ),
    click.option("--api-key", default="", help="The API key there: env:NAME or file:PATH."),
    click.option(
        "--ca",
        type=click.Path(path_type=Path, dir_okay=False),
        help="PEM of the authority that the gateway's TLS certificate is from; else the system's.",
    ),
    click.option(
        "--register",
        default="",
        help="The name of its register: to issue a title there, and to act on no other's.",
    ),
)


def place_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a register's place, as one argument `place`."""

    @wraps(command)
    def gathered(
        *,
        home: Path,
        gateway: str,
        api_key: str,
        ca: Path | None,
        register: str,
        **others: Any,  # noqa: ANN401 - the options of the command itself
    ) -> Any:  # noqa: ANN401
        return command(place=Place(home, gateway, api_key, ca, register), **others)

    for option in reversed((home, *_OPTIONS)):
        gathered = option(gathered)
    return gathered
