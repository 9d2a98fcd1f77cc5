"""`silkgate lading papers|bundle`: what was asked and answered, and the policy beside a bill."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from gateway.cli import output
from gateway.cli.lading.desk import common, desk, tell, tenant_option

_KINDS: Final = (
    "issuance",
    "issuance-request",
    "surrender",
    "surrender-request",
    "delivery-order",
    "presentation",
)
_BUNDLE: Final = ("id", "policy", "invoice", "state")


def add(group: click.Group) -> None:
    """Add the commands to the group of bills of lading."""
    for command in (_papers, _bundle):
        group.add_command(command)


@click.command("papers")
@common
def _papers(*, home: Path, as_json: bool) -> None:
    """List what was asked and answered: issuances, surrenders, delivery orders, presentations."""
    with desk(home) as (service, _):
        rows = service.papers(*_KINDS)
    for row in rows:
        if as_json:
            output.line(row)
        else:
            told = (row[name] for name in ("kind", "bill", "state", "reference"))
            click.echo("{:18} {:20} {:10} {}".format(*told))


@click.command("bundle")
@click.argument("reference")
@click.option("--policy", default="", help="Bind this insurance policy to the bill.")
@click.option("--invoice", default="", help="The invoice that policy and bill are for.")
@tenant_option
@common
def _bundle(
    reference: str, *, policy: str, invoice: str, tenant: str, home: Path, as_json: bool
) -> None:
    """Bind a policy to a bill, or show whose the policy of a bill is now."""
    if bool(policy) is not bool(invoice):
        raise click.UsageError("A policy is bound together with its invoice: --policy, --invoice.")
    with desk(home, tenant) as (service, account):
        if policy:
            service.bundles.bind(account, reference, policy, invoice)
        found = service.bundles.shown(reference)
    if as_json:
        output.line(found)
        return
    told = {name: found[name] for name in _BUNDLE}
    tell({**told, "assignee": found["assignee"]["partyName"]}, as_json=False)
