"""`silkgate archive`: fresh time-stamps before the last ones, or their digests, die."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli import options, output
from gateway.cli.archivedue import due
from gateway.cli.files import content
from gateway.cli.help import Group
from gateway.cli.lazy import say
from schemas.errors import InputError
from schemas.text import Text

if TYPE_CHECKING:
    from certs.authority.tsa import TimeStamper

_RECORD: Final = ".ers"
_XML_RECORD: Final = ".ers.xml"
_DIGESTS: Final = ("sha256", "sha384", "sha512")


class OneOut(InputError):
    """Several files are renewed, and one output file is named."""

    code = "SG-1144"
    title = Text("{where} cannot take several files.", "{where} 无法容纳多个文件。")
    hint = Text("Name a folder with -o, or one file.", "请用 -o 指定目录,或只给出一个文件。")
    exit_code = 2


@click.group("archive", cls=Group)
def group() -> None:
    """Keep signatures and evidence alive over decades."""


group.add_command(due)


_files = click.argument("files", nargs=-1, required=True, metavar="FILE...")
_detached = click.option(
    "--detached", multiple=True, metavar="DATA", help="A signed file, if not inside."
)
_digest = click.option(
    "--digest",
    type=click.Choice(_DIGESTS),
    default="sha256",
    show_default=True,
    help="Hash function of the new time-stamp; change it before the old one weakens.",
)
_out = click.option(
    "-o", "--out", required=True, type=click.Path(path_type=Path), help="Output file or folder."
)


@group.command("renew")
@_files
@_detached
@_digest
@_out
@options.home
@options.as_json
def renew(
    files: tuple[str, ...],
    *,
    detached: tuple[str, ...],
    digest: str,
    out: Path,
    home: Path,
    as_json: bool,
) -> None:
    """Put a fresh archive time-stamp on each FILE: container, XML, JWS, PDF or CMS.

    Evidence records (PACKAGE.ers beside its PACKAGE) are renewed together, under one time-stamp.
    """
    from certs.ers import is_record
    from certs.renewal import renew_any
    from gateway.wiring import lasting

    _check_out(files, out)
    stamper, gatherer = _stamper(home), lasting.gatherer(home)
    data = {name: content(name) for name in files}
    kept = [name for name in files if is_record(data[name])]
    renewed = dict(zip(kept, _records(kept, data, digest, home), strict=True))
    beside = _beside(detached)
    for name in files:
        if name not in renewed:
            renewed[name] = renew_any(
                data[name], stamper, gatherer, detached=beside, digest=lasting.digest(digest)
            )
        result = {"file": name, "digest": digest, "out": _written(name, renewed[name], out)}
        output.line(result) if as_json else _show(result)


@group.command("augment")
@_files
@click.option(
    "--level",
    type=click.Choice(("t", "lt", "lta")),
    default="lta",
    show_default=True,
    help="Level that every signature is to have at least.",
)
@_detached
@_digest
@_out
@options.home
@options.as_json
def augment(
    files: tuple[str, ...],
    *,
    level: str,
    detached: tuple[str, ...],
    digest: str,
    out: Path,
    home: Path,
    as_json: bool,
) -> None:
    """Raise every signature in each FILE to a level: time-stamps and validation data put in."""
    from certs.levels import Level
    from certs.renewal import augment_any
    from gateway.wiring import lasting

    _check_out(files, out)
    stamper, gatherer, beside = _stamper(home), lasting.gatherer(home), _beside(detached)
    for name in files:
        data = augment_any(
            content(name),
            Level.named(level),
            stamper,
            gatherer,
            detached=beside,
            digest=lasting.digest(digest),
        )
        result = {"file": name, "level": level, "out": _written(name, data, out)}
        output.line(result) if as_json else click.echo(f"{result['out']}: {level}")


def _check_out(files: Sequence[str], out: Path) -> None:
    if len(files) > 1 and not out.is_dir():
        raise OneOut(where=str(out))


def _beside(detached: Sequence[str]) -> dict[str, bytes]:
    return {Path(name).name: content(name) for name in detached}


def _written(name: str, data: bytes, out: Path) -> str:
    """Write what became of a file, and return where."""
    place = out / Path(name).name if out.is_dir() else out
    place.write_bytes(data)
    return str(place)


def _records(
    names: Sequence[str], data: Mapping[str, bytes], digest: str, home: Path
) -> list[bytes]:
    """Return the evidence records renewed together: under a new digest with what they are about.

    The package of PACKAGE.ers lies beside it.
    """
    from certs.ers import newest_digest, renew_hash_tree, renew_time_stamps
    from gateway.wiring import lasting

    if not names:
        return []
    stamper, gatherer = _stamper(home), lasting.gatherer(home)
    wanted = lasting.digest(digest)
    encoded = [data[name] for name in names]
    if all(newest_digest(each) == wanted for each in encoded):
        return renew_time_stamps(encoded, stamper, gatherer)
    kept = [(data[name], [content(_about(name))]) for name in names]
    return renew_hash_tree(kept, stamper, gatherer, wanted)


def _about(name: str) -> str:
    """Return the package that a record lies beside."""
    return name.removesuffix(_XML_RECORD).removesuffix(_RECORD)


@group.command("record")
@click.argument("files", nargs=-1, required=True, metavar="PACKAGE...")
@click.option(
    "--digest",
    type=click.Choice(_DIGESTS),
    default="sha256",
    show_default=True,
    help="Hash function of the tree and its time-stamp.",
)
@click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the records, PACKAGE.ers or PACKAGE.ers.xml each, or for the packages with"
    " --inside.",
)
@click.option(
    "--inside",
    is_flag=True,
    help="Put each record into its package, an ASiC container, beside what is signed.",
)
@click.option(
    "--syntax",
    type=click.Choice(("asn1", "xml")),
    default="asn1",
    show_default=True,
    help="How a record is written: RFC 4998 or RFC 6283.",
)
@options.home
@options.as_json
def record(
    files: tuple[str, ...],
    *,
    digest: str,
    out: Path,
    inside: bool,
    syntax: str,
    home: Path,
    as_json: bool,
) -> None:
    """Put many packages under one time-stamp: an evidence record for each."""
    from certs.asic.records import keep
    from certs.ers import Syntax, make
    from gateway.wiring import lasting

    stamper, wanted = _stamper(home), lasting.digest(digest)
    if inside:
        made = keep([content(name) for name in files], stamper, wanted, Syntax(syntax))
    else:
        made = make(([content(name)] for name in files), stamper, wanted, Syntax(syntax))
    out.mkdir(parents=True, exist_ok=True)
    ending = "" if inside else {"asn1": _RECORD, "xml": _XML_RECORD}[syntax]
    for name, each in zip(files, made, strict=True):
        place = out / f"{Path(name).name}{ending}"
        place.write_bytes(each)
        result = {"file": name, "digest": digest, "out": str(place)}
        output.line(result) if as_json else _show(result)


def _stamper(home: Path) -> TimeStamper:
    from gateway.cli.sign import NoAuthority
    from gateway.wiring import lasting

    found = lasting.stamper(home)
    if found is None:
        raise NoAuthority(where=str(home))
    return found


def _show(result: dict[str, str]) -> None:
    archived = say(Text("archived anew", "已续期归档"))
    click.echo(f"{result['out']}: {archived}, {result['digest']}")
