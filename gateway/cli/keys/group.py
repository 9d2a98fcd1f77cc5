"""`silkgate keys`: make a gateway, list its keys, introduce it to others, give out API keys."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import click

from gateway import setup
from gateway.cli import options, output
from gateway.cli.files import content, present
from gateway.cli.help import Group
from gateway.cli.keys import api, certs
from gateway.settings import load
from gateway.settings.certs import ADDRESS, PkiSettings
from gateway.settings.parties import PARTY_ID

_PORT: Final = click.IntRange(0, 65535)


@click.group("keys", cls=Group)
def group() -> None:
    """Keys, certificates and the gateway's folder."""


def _alpha2(context: click.Context, parameter: click.Parameter, value: str) -> str:  # noqa: ARG001 - click's signature
    if not re.fullmatch("[A-Z]{2}", value):
        raise click.BadParameter(f"{value!r} is not two capital letters, such as CN or SG")
    return value


def _party(context: click.Context, parameter: click.Parameter, value: str) -> str:  # noqa: ARG001 - as above
    if not re.fullmatch(PARTY_ID, value):
        raise click.BadParameter(
            f"{value!r} is not letters and digits with . _ : - between them, such as cn-port"
        )
    return value


def _address(context: click.Context, parameter: click.Parameter, value: str) -> str:  # noqa: ARG001 - as above
    if value and not re.fullmatch(ADDRESS, value):
        raise click.BadParameter(f"{value!r} is not an address such as https://port.example")
    return value


@group.command("init")
@options.home
@click.option(
    "--id", "party", required=True, callback=_party, help="The party id others know it by."
)
@click.option("--name", help="The operator's name; the id if left out.")
@click.option("--country", required=True, callback=_alpha2, help="ISO 3166 alpha-2.")
@click.option(
    "--port", default=8443, show_default=True, type=click.IntRange(1, 65535), help="To listen on."
)
@click.option(
    "--database",
    default="sqlite:///silkgate.db",
    show_default=True,
    help="sqlite:///FILE in the folder, or postgresql://...",
)
@click.option(
    "--url",
    default="",
    callback=_address,
    help="Where others reach it, if not at this machine's address.",
)
@click.option("--pki-port", default=0, type=_PORT, help="Serve OCSP and lists here in plain HTTP.")
@click.option(
    "--pki-url",
    default="",
    callback=_address,
    help="How others reach that port; certificates name it.",
)
@options.as_json
def init(
    home: Path,
    *,
    party: str,
    name: str | None,
    country: str,
    port: int,
    database: str,
    url: str,
    pki_port: int,
    pki_url: str,
    as_json: bool,
) -> None:
    """Make keys, certificates, log key and settings of a new gateway."""
    settings = setup.create(
        home,
        party=party,
        name=name or party,
        country=country,
        port=port,
        database=database,
        url=url,
        pki=PkiSettings(port=pki_port, url=pki_url),
    )
    if as_json:
        output.line(
            {"home": str(home), "id": settings.id, "card": setup.card(settings).model_dump()}
        )
    else:
        click.echo(f"{home}: {settings.id} ({settings.name}, {settings.country})")
        click.echo(f"log key: {setup.card(settings).log_key}")


@group.command("card")
@options.home
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Output file, else stdout.")
@options.as_json
def card(home: Path, *, out: Path | None, as_json: bool) -> None:
    """Write the card that another gateway needs to know this one."""
    made = setup.card(load(home))
    if out:
        out.write_text(made.model_dump_json(indent=1) + "\n", encoding="utf-8")
    if as_json:
        output.line({"out": str(out)} if out else made.model_dump())
    elif not out:
        click.echo(made.model_dump_json(indent=1))


@group.command("trust")
@options.home
@click.argument("card_file")
@click.option(
    "--encrypt-to",
    "certificate",
    type=click.Path(path_type=Path),
    help="Certificate of its access point: containers for it are then encrypted.",
)
@options.as_json
def trust(home: Path, *, card_file: str, certificate: Path | None, as_json: bool) -> None:
    """Make this gateway know the one whose CARD_FILE is given."""
    load(home)
    other = setup.read_card(content(card_file), card_file)
    setup.introduce(home, other)
    if certificate is not None:
        setup.encrypt_to(home, other, present(certificate))
    if as_json:
        output.line({"home": str(home), "trusted": other.model_dump()})
    else:
        click.echo(f"{other.id} ({other.name}, {other.country}) {other.url}")


for _each in (*certs.COMMANDS, api.group):
    group.add_command(_each)
