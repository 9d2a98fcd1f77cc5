"""`silkgate lading present`: the bill and other records presented to a bank under eUCP 2.1."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from gateway.cli import output
from gateway.cli.files import content
from gateway.cli.help import Group
from gateway.cli.lading.desk import an_object, common, desk, tell, tenant_option


def add(group: click.Group) -> None:
    """Add the commands to the group of bills of lading."""
    group.add_command(_present)


@click.group("present", cls=Group)
def _present() -> None:
    """Present a bill and other records to a bank (eUCP 2.1)."""


@_present.command("open")
@click.argument("reference")
@click.option("--credit", required=True, help="The documentary credit.")
@click.option("--expiry", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Its last day.")
@click.option("--bank", required=True, metavar="PARTY.json", help="To whom it is presented.")
@tenant_option
@common
def _open(
    reference: str,
    *,
    credit: str,
    expiry: datetime,
    bank: str,
    tenant: str,
    home: Path,
    as_json: bool,
) -> None:
    """Begin a presentation of the bill REFERENCE."""
    with desk(home, tenant) as (service, account):
        party = an_object(bank)
        number = service.presentations.open(
            account, reference, credit=credit, expiry=expiry.date(), bank=party
        )
    tell({"presentation": number}, as_json=as_json)


@_present.command("record")
@click.argument("number")
@click.argument("file")
@click.option("--credit", required=True, help="The credit that the record names.")
@click.option("--name", default="", help="What it is called; the name of the file if left out.")
@tenant_option
@common
def _record(
    number: str, file: str, *, credit: str, name: str, tenant: str, home: Path, as_json: bool
) -> None:
    """Present FILE; one that names another credit is not received."""
    with desk(home, tenant) as (service, account):
        called, data = name or Path(file).name, content(file)
        received = service.presentations.add(
            account, number, name=called, content=data, credit=credit
        )
    tell({"name": called, "received": received}, as_json=as_json)


@_present.command("complete")
@click.argument("number")
@tenant_option
@common
def _complete(number: str, *, tenant: str, home: Path, as_json: bool) -> None:
    """Give the notice of completeness: the bank becomes holder of the bill."""
    with desk(home, tenant) as (service, account):
        made = service.presentations.complete(account, number)
    tell({"presentation": number, **made}, as_json=as_json)


@_present.command("corrupted")
@click.argument("number")
@click.argument("name")
@tenant_option
@common
def _corrupted(number: str, name: str, *, tenant: str, home: Path, as_json: bool) -> None:
    """Ask for the record NAME again, as the bank (--tenant) or as the operator for it."""
    with desk(home) as (service, _):
        made = service.presentations.corrupted(tenant or None, number, name)
    tell({"presentation": number, **made}, as_json=as_json)


@_present.command("show")
@click.argument("number")
@tenant_option
@common
def _show(number: str, *, tenant: str, home: Path, as_json: bool) -> None:
    """Show a presentation: its records, its deadlines, and where it stands."""
    with desk(home) as (service, _):
        shown = service.presentations.shown(tenant or None, number)
    if as_json:
        output.line(shown)
        return
    click.echo(f"{shown['bill']} {shown['credit']} {shown['expiry']} {shown['state']}")
    for each in shown["records"]:
        click.echo(f"  {each['at']} {each['name']} {each['checksum']}")
