"""`silkgate lading instructions`: given by a shipper, drafted from by a carrier."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from gateway.cli import output
from gateway.cli.help import Group
from gateway.cli.lading.desk import an_object, common, desk, tell, tenant_option, worked

_BRIEF: Final = (
    "transportDocumentReference",
    "transportDocumentStatus",
    "shippingInstructionsReference",
    "shippingInstructionsStatus",
    "updatedShippingInstructionsStatus",
)

_carrier_option = click.option(
    "--carrier", default="", help="Peer that is the carrier; this gateway if left out."
)
_out_option = click.option("-o", "--out", default="", metavar="FILE", help="Where to write it.")


def add(group: click.Group) -> None:
    """Add the commands to the group of bills of lading."""
    group.add_command(_instructions)


@click.group("instructions", cls=Group)
def _instructions() -> None:
    """Shipping instructions (DCSA EBL 3.0.4): given by shippers, drafted from by carriers."""


def _shippers(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that all of a shipper have."""
    return _carrier_option(tenant_option(common(command)))


@_instructions.command("give")
@click.argument("file")
@click.option("--update", default="", metavar="REFERENCE", help="In place of those given before.")
@_shippers
def _give(file: str, *, update: str, carrier: str, tenant: str, home: Path, as_json: bool) -> None:
    """Give the instructions in FILE, DCSA JSON, to a carrier."""
    with desk(home, tenant) as (service, account):
        there, value = carrier or service.desk.carrier, an_object(file)
        if update:
            service.instructing.update(account, there, update, value)
        reference = update or service.instructing.give(account, there, value)
        worked(service)
    tell({"reference": reference}, as_json=as_json)


@_instructions.command("cancel")
@click.argument("reference")
@click.option("--update-only", is_flag=True, help="The update alone; what was given first stays.")
@_shippers
def _cancel(
    reference: str, *, update_only: bool, carrier: str, tenant: str, home: Path, as_json: bool
) -> None:
    """Cancel instructions, or their update."""
    with desk(home, tenant) as (service, account):
        there = carrier or service.desk.carrier
        service.instructing.cancel(account, there, reference, update_only=update_only)
        worked(service)
    tell({"reference": reference}, as_json=as_json)


@_instructions.command("show")
@click.argument("reference")
@click.option("--updated", is_flag=True, help="The update of them.")
@_out_option
@_shippers
def _show(
    reference: str,
    *,
    updated: bool,
    out: str,
    carrier: str,
    tenant: str,
    home: Path,
    as_json: bool,
) -> None:
    """Show instructions as their carrier has them."""
    with desk(home, tenant) as (service, account):
        there = carrier or service.desk.carrier
        found = service.instructing.shown(account, there, reference, updated=updated)
    _told(found, out, as_json=as_json)


@_instructions.command("document")
@click.argument("reference")
@click.option("--approve", is_flag=True, help="Approve the draft.")
@_out_option
@_shippers
def _document(
    reference: str,
    *,
    approve: bool,
    out: str,
    carrier: str,
    tenant: str,
    home: Path,
    as_json: bool,
) -> None:
    """Show the transport document that the carrier drafted."""
    with desk(home, tenant) as (service, account):
        there = carrier or service.desk.carrier
        if approve:
            service.instructing.approve(account, there, reference)
        found = service.instructing.document(account, there, reference)
        worked(service)
    _told(found, out, as_json=as_json)


@_instructions.command("list")
@common
def _list(*, home: Path, as_json: bool) -> None:
    """List the instructions that came in, as their carrier."""
    from gateway.lading.carrier.instructions import KIND

    with desk(home) as (service, _):
        rows = service.papers(KIND)
    for row in rows:
        if as_json:
            output.line(row)
        else:
            click.echo(f"{row['reference']:36} {row['state']:14} {row['updated_at']}")


@_instructions.command("draft")
@click.argument("reference")
@click.option(
    "--with",
    "added",
    required=True,
    metavar="ADDED.json",
    help="What they do not say: properties of a DCSA transport document.",
)
@common
def _draft(reference: str, *, added: str, home: Path, as_json: bool) -> None:
    """Draft the transport document of instructions, as their carrier."""
    with desk(home) as (service, _):
        made = service.carried.draft(reference, an_object(added))
        worked(service)
    tell({"reference": made}, as_json=as_json)


def _told(found: dict[str, Any], out: str, *, as_json: bool) -> None:
    """Print a document, or write it and print where it stands."""
    if out:
        Path(out).write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    if as_json:
        output.line(found)
    else:
        tell({name: found[name] for name in _BRIEF if name in found}, as_json=False)
