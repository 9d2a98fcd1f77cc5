"""`silkgate archive renew`: a fresh archive time-stamp before the last one, or its digest, dies."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from gateway.cli import options, output
from gateway.cli.files import content
from gateway.cli.lazy import say
from schemas.errors import InputError
from schemas.text import Text

_DIGESTS: Final = ("sha256", "sha384", "sha512")


class OneOut(InputError):
    """Several files are renewed, and one output file is named."""

    code = "SG-1129"
    title = Text("{where} cannot take several files.", "{where} 无法容纳多个文件。")
    hint = Text("Name a folder with -o, or one file.", "请用 -o 指定目录,或只给出一个文件。")
    exit_code = 2


@click.group("archive")
def group() -> None:
    """Keep signatures and evidence alive over decades."""


@group.command("renew")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--detached", multiple=True, metavar="DATA", help="The signed file, if not inside.")
@click.option(
    "--digest",
    type=click.Choice(_DIGESTS),
    default="sha256",
    show_default=True,
    help="Hash function of the new time-stamp; change it before the old one weakens.",
)
@click.option(
    "-o", "--out", required=True, type=click.Path(path_type=Path), help="Output file or folder."
)
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
    """Put a fresh archive time-stamp on each FILE: container, XML signature, JWS or CMS."""
    from certs.renewal import renew_any
    from gateway.cli.sign import NoAuthority
    from gateway.wiring import lasting

    if len(files) > 1 and not out.is_dir():
        raise OneOut(where=str(out))
    stamper = lasting.stamper(home)
    if stamper is None:
        raise NoAuthority(where=str(home))
    gatherer = lasting.gatherer(home)
    beside = {Path(name).name: content(name) for name in detached}
    for name in files:
        renewed = renew_any(
            content(name), stamper, gatherer, detached=beside, digest=lasting.digest(digest)
        )
        place = out / Path(name).name if out.is_dir() else out
        place.write_bytes(renewed)
        result = {"file": name, "digest": digest, "out": str(place)}
        output.line(result) if as_json else _show(result)


def _show(result: dict[str, str]) -> None:
    archived = say(Text("archived anew", "已续期归档"))
    click.echo(f"{result['out']}: {archived}, {result['digest']}")
