"""A party's reading key as commands take it, and private remarks as they show them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.cli import output
from gateway.cli.files import content
from gateway.cli.lazy import say
from schemas.errors import InputError
from schemas.text import Text

if TYPE_CHECKING:
    from ledger.title.epochs import Epochs
    from ledger.title.epochsfile import EpochsFile
    from ledger.title.readers import ReadingKey

_REFERENCES: Final = ("env:", "file:")
_SEALED: Final = Text("sealed (epoch {epoch})", "已加密(第 {epoch} 期)")
_PRIVATE: Final = Text("private (epoch {epoch}): {text}", "私密(第 {epoch} 期):{text}")
READ_BY: Final = Text("read by: {parties}", "可读方:{parties}")
_REMARK: Final = Text("remark: {text}", "备注:{text}")


class NotAReadingKey(InputError):
    """What is given opens nothing that is sealed."""

    code = "SG-1166"
    title = Text("{where} is not a reading key.", "{where} 不是阅读密钥。")
    hint = Text(
        "Make one with `silkgate title reader --key PARTY.pem -o FILE`: X25519, PKCS#8 PEM.",
        "请使用 `silkgate title reader --key PARTY.pem -o FILE` 生成:X25519,PKCS#8 PEM。",
    )
    exit_code = 2


class NotEpochs(InputError):
    """A file does not hold the epochs of a title."""

    code = "SG-1167"
    title = Text("{where} does not hold the epochs of a title.", "{where} 不含凭证的密钥分期。")
    hint = Text(
        "Give what `silkgate title export --epochs` or GET /v1/titles/epochs gave.",
        "请提供 `silkgate title export --epochs` 或 GET /v1/titles/epochs 的输出。",
    )
    exit_code = 2


_OPTIONS: Final = (
    click.option(
        "--reader-key",
        default="",
        metavar="REF",
        help="A party's reading key, to open what is sealed for it: FILE, file:PATH or env:NAME.",
    ),
    click.option(
        "--reader-secret", default="", help="What opens the reading key: env:NAME or file:PATH."
    ),
)

epochs_option = click.option(
    "--epochs",
    "keys",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The sealed keys of its private remarks (`title export --epochs`).",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading key by reference, as a command got it: nothing is read yet."""

    ref: str = ""
    secret: str = ""

    @property
    def given(self) -> ReadingKey | None:
        """The key, None without a reference; raises NoSuchFile, SecretMissing, NotAReadingKey."""
        return self.key if self.ref else None

    @property
    def key(self) -> ReadingKey:
        """The key that a command cannot do without; raises as `given`."""
        from certs.keys import read_secret
        from ledger.title.errors import EntryRefused
        from ledger.title.readers import ReadingKey

        if not self.ref:
            raise NotAReadingKey(where="--reader-key")
        referred = self.ref.startswith(_REFERENCES)
        pem = read_secret(self.ref) if referred else content(self.ref)
        try:
            return ReadingKey.read(pem, self.passphrase)
        except (ValueError, TypeError, EntryRefused) as error:
            raise NotAReadingKey(where=self.ref) from error

    @property
    def passphrase(self) -> bytes | None:
        """What the key lies under, None for nothing; raises SecretMissing."""
        from certs.keys import read_secret

        return read_secret(self.secret) if self.secret else None


NO_KEY: Final = Reading()
"""No reading key."""


def reader_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a reading key, as one argument `reader`."""

    @wraps(command)
    def gathered(
        *,
        reader_key: str,
        reader_secret: str,
        **others: Any,  # noqa: ANN401 - the options of the command itself
    ) -> Any:  # noqa: ANN401
        return command(reader=Reading(reader_key, reader_secret), **others)

    for option in reversed(_OPTIONS):
        gathered = option(gathered)
    return gathered


def sealed(epochs: Epochs, remark: str, reader: Reading, party: str) -> bytes:
    """Return a remark of `party` sealed for the readers of the newest epoch, and tell them.

    Raises NotAReadingKey without a key; NoEpoch, NoPart, RemarkTooLong.
    """
    words = epochs.sealing(reader.key, party).seal_remark(remark, party)
    tell_readers(epochs, reader.key)
    return words


def tell_readers(epochs: Epochs, key: ReadingKey) -> None:
    """Tell a person, on stderr, who can read what is sealed now."""
    names = epochs.opened(key).names
    told = [called(each, names) for each in sorted(epochs.cards(epochs.count - 1))]
    output.note(READ_BY.format(parties=", ".join(told)))


def called(party: str, names: Mapping[str, str]) -> str:
    """Return a party as people read it: with its name, where that can be read."""
    return f"{names[party]} ({party})" if party in names else party


def show_link(number: int, link: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """Print one action on a title, and its remark below it."""
    asked = " ".join([link["action"], *(called(each or "-", names) for each in link["args"])])
    click.echo(f"{number:>4} {link['time']} {called(link['actor'], names)}: {asked}")
    if remark := remark_line(link):
        click.echo(f"     {remark}")


def remark_line(link: Mapping[str, Any]) -> str:
    """Return what there is to read of an action's remark, '' where there is none."""
    from ledger.title.link import remark_text

    sealed, remark = link.get("sealed"), bytes.fromhex(link["remark"])
    if sealed is not None:
        told = _SEALED if sealed["text"] is None else _PRIVATE
        return say(told.format(**sealed))
    return say(_REMARK.format(text=remark_text(remark))) if remark else ""


def epochs_in(file: Path | None) -> EpochsFile:
    """Return what a file holds of the keys of a title, nothing without one.

    Raises NoSuchFile, NotEpochs.
    """
    from ledger.title.epochsfile import EpochsFile
    from ledger.title.errors import EntryRefused

    if file is None:
        return EpochsFile()
    try:
        return EpochsFile.decode(content(str(file)))
    except EntryRefused as error:
        raise NotEpochs(where=str(file)) from error


@contextmanager
def keeping(path: Path) -> Iterator[Callable[[EpochsFile], None]]:
    """Give what writes a file of epochs, whole and synced, while no other command writes there."""
    folder = os.open(path.absolute().parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield partial(_write, path)
    finally:
        os.close(folder)


def _write(path: Path, file: EpochsFile) -> None:
    beside = path.with_name(f"{path.name}.new")
    with beside.open("wb") as out:
        out.write(file.encode())
        out.flush()
        os.fsync(out.fileno())
    beside.replace(path)
