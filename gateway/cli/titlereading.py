"""A party's reading key as commands take it, and private remarks as they show them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.cli.files import content
from gateway.cli.lazy import say
from schemas.errors import InputError
from schemas.text import Text

if TYPE_CHECKING:
    from ledger.title.epochs import Epochs
    from ledger.title.readers import ReadingKey

_REFERENCES: Final = ("env:", "file:")
_SEALED: Final = Text("sealed (epoch {epoch})", "已加密(第 {epoch} 期)")
_PRIVATE: Final = Text("private (epoch {epoch}): {text}", "私密(第 {epoch} 期):{text}")
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


def reader_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a reading key, as one argument `reader`."""

    @wraps(command)
    def gathered(
        *,
        reader_key: str,
        reader_secret: str,
        **others: Any,  # noqa: ANN401 - the options of the command itself
    ) -> Any:  # noqa: ANN401
        return command(reader=reading_key(reader_key, reader_secret), **others)

    for option in reversed(_OPTIONS):
        gathered = option(gathered)
    return gathered


def reading_key(ref: str, secret: str) -> ReadingKey | None:
    """Return the reading key that a reference names, None for no reference.

    Raises NoSuchFile, SecretMissing, NotAReadingKey.
    """
    from certs.keys import read_secret
    from ledger.title.errors import EntryRefused
    from ledger.title.readers import ReadingKey

    if not ref:
        return None
    pem = read_secret(ref) if ref.startswith(_REFERENCES) else content(ref)
    try:
        return ReadingKey.read(pem, read_secret(secret) if secret else None)
    except (ValueError, TypeError, EntryRefused) as error:
        raise NotAReadingKey(where=ref) from error


def required(reader: ReadingKey | None) -> ReadingKey:
    """Return the reading key that a command cannot do without; raises NotAReadingKey."""
    if reader is None:
        raise NotAReadingKey(where="--reader-key")
    return reader


def sealed(epochs: Epochs, remark: str, reader: ReadingKey | None, party: str) -> bytes:
    """Return a remark of `party` sealed for the readers of the newest epoch.

    Raises NotAReadingKey without a key; NoEpoch, NoPart, RemarkTooLong.
    """
    return epochs.sealing(required(reader), party).seal_remark(remark)


def called(party: str, names: Mapping[str, str]) -> str:
    """Return a party as people read it: with its name, where that can be read."""
    return f"{names[party]} ({party})" if party in names else party


def remark_line(link: Mapping[str, Any]) -> str:
    """Return what there is to read of an action's remark, '' where there is none."""
    sealed, remark = link.get("sealed"), bytes.fromhex(link["remark"])
    if sealed is not None:
        told = _SEALED if sealed["text"] is None else _PRIVATE
        return say(told.format(**sealed))
    return say(_REMARK.format(text=_readable(remark))) if remark else ""


def _readable(remark: bytes) -> str:
    """Return a remark as text, in hex where it is none."""
    text = remark.decode("utf-8", "replace")
    return text if text.isprintable() and "\ufffd" not in text else remark.hex()


def epochs_in(file: Path | None) -> list[str]:
    """Return the signed epochs in a file, none without one; raises NotEpochs."""
    if file is None:
        return []
    try:
        found = json.loads(content(str(file)))["epochs"]
    except (ValueError, TypeError, KeyError) as error:
        raise NotEpochs(where=str(file)) from error
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise NotEpochs(where=str(file))
    return found
