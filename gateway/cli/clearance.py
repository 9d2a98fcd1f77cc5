"""`silkgate clearance`: one declaration, two sides."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from gateway.cli import options, output
from gateway.cli.files import content
from gateway.settings import load


@click.group("clearance")
def group() -> None:
    """One declaration, two sides."""


@group.command("open")
@click.argument("declaration")
@click.option("--with", "related", multiple=True, help="Invoice, bill of lading.")
@click.option("--corridor", default="", help="By default the one between the two countries.")
@click.option("--key", default="", help="Idempotency key; the content if left out.")
@click.option("--tenant", default="", help="Whose clearance it is; the gateway's own if left out.")
@options.home
@options.as_json
def open_clearance(
    declaration: str,
    *,
    related: tuple[str, ...],
    corridor: str,
    key: str,
    tenant: str,
    home: Path,
    as_json: bool,
) -> None:
    """Open a clearance from DECLARATION; a running gateway carries it on."""
    from gateway.clearance.opening import Opening
    from gateway.wiring.assembly import Gateway

    gateway = Gateway(load(home))
    found = gateway.service.open(
        Opening(
            tenant=tenant or gateway.settings.id,
            declaration=content(declaration),
            related=[content(name) for name in related],
            corridor=corridor,
            key=key,
        )
    )
    output.line(found) if as_json else click.echo(str(found["id"]))
    gateway.close()


@group.command("show")
@click.argument("clearance_id")
@click.option("--tenant", default="")
@options.home
@options.as_json
def show(clearance_id: str, *, tenant: str, home: Path, as_json: bool) -> None:
    """Show one clearance with every status of both sides."""
    from gateway.wiring.assembly import Gateway

    gateway = Gateway(load(home))
    found = gateway.service.show(tenant or gateway.settings.id, clearance_id)
    if as_json:
        output.line(found)
    else:
        _tell(found)
    gateway.close()


@group.command("board")
@click.option("--tenant", default="")
@options.home
@options.as_json
def board(*, tenant: str, home: Path, as_json: bool) -> None:
    """Show both sides of every clearance."""
    from gateway.wiring.assembly import Gateway

    gateway = Gateway(load(home))
    for row in gateway.service.board(tenant or gateway.settings.id):
        if as_json:
            output.line(row)
        else:
            export, import_ = _status(row["export"]), _status(row["import"])
            click.echo(
                f"{row['id']}  {row['corridor']:6} {export:28} | {import_:28} {row['document']}"
            )
    gateway.close()


def _status(side: object) -> str:
    return output.say_dict(side) if isinstance(side, Mapping) else "-"


def _tell(found: Mapping[str, object]) -> None:
    for side in ("export", "import"):
        shown = found[side]
        if not isinstance(shown, Mapping):
            continue
        click.echo(f"{side} {shown['country']} {_status(shown['status'])} {shown['reference']}")
        listed = shown["timeline"]
        for seen in listed if isinstance(listed, list) else ():
            click.echo(f"  {seen['at']}  {seen['code']:4} {output.say_dict(seen)}  {seen['note']}")
