"""`silkgate seal`: electronic seals of GB/T 38540, made and shown; `silkgate sign` affixes them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli import options, output
from gateway.cli.files import content
from gateway.cli.help import Group
from gateway.cli.keyref import load_key

if TYPE_CHECKING:
    from certs.seal import Seal

_MILLIMETRES = click.IntRange(1, 500)


@click.group("seal", cls=Group)
def group() -> None:
    """Electronic seals of GB/T 38540."""


@group.command("make")
@click.argument("picture")
@options.signing_key
@click.option("--name", required=True, help="What the seal is called, such as a company's name.")
@click.option(
    "--user", "users", multiple=True, required=True, help="Certificate that may affix it; repeated."
)
@click.option("--id", "identifier", default="", help="The seal's number; drawn if left out.")
@click.option("--vendor", default="SILKGATE", show_default=True, help="Who makes the seal.")
@click.option(
    "--days",
    default=1825,
    show_default=True,
    type=click.IntRange(1, 7300),
    help="How long it is valid.",
)
@click.option("--width", default=42, show_default=True, type=_MILLIMETRES, help="In millimetres.")
@click.option("--height", default=42, show_default=True, type=_MILLIMETRES, help="In millimetres.")
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="Output file.")
@options.home
@options.as_json
def make(
    picture: str,
    *,
    ref: str,
    secret: str,
    name: str,
    users: tuple[str, ...],
    identifier: str,
    vendor: str,
    days: int,
    width: int,
    height: int,
    out: Path,
    home: Path,
    as_json: bool,
) -> None:
    """Make the seal that looks like PICTURE, signed by the maker's SM2 key, and write it to OUT."""
    from certs.seal import Picture, SealData, make_seal, read_seal
    from certs.x509.certificate import load_all
    from schemas.clock import utc_now

    now = utc_now()
    data = SealData(
        identifier=identifier or uuid.uuid4().hex,
        name=name,
        vendor=vendor,
        users=[load_all(content(each))[0] for each in users],
        picture=Picture(Path(picture).suffix[1:].lower(), content(picture), width, height),
        not_before=now,
        not_after=now + timedelta(days=days),
    )
    made = make_seal(data, load_key(ref, secret, home), now=now)
    out.write_bytes(made)
    _told({"out": str(out)}, read_seal(made), as_json=as_json)


@group.command("show")
@click.argument("file")
@options.as_json
def show(file: str, *, as_json: bool) -> None:
    """Show what the seal in FILE is, who made it and who may affix it; exit 3 if it was changed."""
    from certs.seal import read_seal

    _told({"file": file}, read_seal(content(file)), as_json=as_json)


def _told(where: dict[str, object], seal: Seal, *, as_json: bool) -> None:
    from certs.errors import SealChanged
    from certs.seal import maker_of
    from certs.verdict import Refused
    from certs.x509.certificate import load
    from schemas.clock import iso

    try:
        maker = maker_of(seal)
    except Refused as refused:
        raise SealChanged(where=seal.identifier, reason=refused.reason.en) from refused
    row = {
        **where,
        "id": seal.identifier,
        "name": seal.name,
        "version": seal.version,
        "maker": maker.name,
        "users": [load(each).name for each in seal.certificates],
        "not_before": iso(seal.not_before),
        "not_after": iso(seal.not_after),
        "picture": {
            "kind": seal.picture.kind,
            "bytes": len(seal.picture.data),
            "width": seal.picture.width,
            "height": seal.picture.height,
        },
    }
    if as_json:
        output.line(row)
    else:
        click.echo(f"{seal.name} ({seal.identifier}), {maker.name}, {seal.not_after:%Y-%m-%d}")
