"""`silkgate lading registers|prepare`: the title registers under bills, and what parties sign."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from gateway.cli import output
from gateway.cli.lading import desk as ladingdesk
from gateway.cli.lading.desk import common, desk, tenant_option


@click.command("registers")
@common
def registers(*, home: Path, as_json: bool) -> None:
    """List the title registers of the settings, and our account on each."""
    with desk(home) as (service, _):
        found = [
            {"register": uri, "account": book.own, "issues": uri == service.desk.registry}
            for uri, book in service.desk.books.items()
        ]
    for row in found:
        output.line(row) if as_json else click.echo(f"{row['register']} {row['account']}")


@click.command("prepare")
@click.argument("reference")
@click.argument("action")
@click.option("--to", "recipient", default="", metavar="PARTY.json", help="Whom it is to.")
@click.option("--reason", default="", help="Of a surrender: SWTP, COD, SWI.")
@click.option("--comments", default="", help="As they will be given.")
@tenant_option
@common
def prepare(
    reference: str,
    action: str,
    recipient: str,
    reason: str,
    comments: str,
    tenant: str,
    *,
    home: Path,
    as_json: bool,
) -> None:
    """Print what the holder of REFERENCE has to sign for ACTION (`silkgate title sign`)."""
    made: dict[str, Any] = {"actionCode": action}
    made.update({"recipient": ladingdesk.an_object(recipient)} if recipient else {})
    made.update({"reasonCode": reason} if reason else {})
    made.update({"comments": comments} if comments else {})
    with desk(home, tenant) as (service, account):
        asked = service.prepare(account, reference, made)
    output.line(asked) if as_json else click.echo(json.dumps(asked, indent=1))


def add(group: click.Group) -> None:
    """Add the commands to the group of bills of lading."""
    for command in (registers, prepare):
        group.add_command(command)
