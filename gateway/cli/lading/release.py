"""`silkgate lading` at the end of a voyage: arrival, delivery orders, the gate; what lies on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

import click

from gateway.cli import output
from gateway.cli.lading.desk import Json, an_object, common, desk, tell, tenant_option
from gateway.cli.lazy import say
from gateway.cli.opened import gateway_in
from schemas.text import Text

_NUMBER: Final = Text("Delivery order", "提货单")
_BILL: Final = Text("Bill of lading", "提单")
_STATE: Final = Text("State", "状态")
_AGENT: Final = Text("Held by", "持有代理")
_PAID: Final = Text("Charges paid", "费用结清")
_RELEASED: Final = Text("Customs released", "海关放行")
_BOXES: Final = Text("Containers (left at)", "集装箱(提离时间)")
_YES: Final = Text("yes", "是")
_NO: Final = Text("no", "否")
_TOLD: Final = ("transportDocumentReference", "issueDate", "carrierCode")


def add(group: click.Group) -> None:
    """Add the commands to the group of bills of lading."""
    for command in (_arrival, _order, _delegate, _pay, _gate, _unfinished):
        group.add_command(command)


@click.command("arrival")
@click.argument("reference")
@click.option(
    "--with",
    "known",
    default="",
    metavar="KNOWN.json",
    help="What the document does not say: properties of a DCSA arrival notice.",
)
@click.option("--fetch", is_flag=True, help="Ask the carrier for its notice of a bill held here.")
@tenant_option
@common
def _arrival(
    reference: str, *, known: str, fetch: bool, tenant: str, home: Path, as_json: bool
) -> None:
    """Announce arrival, as the carrier of a bill: the notice its document gives; or fetch it."""
    with desk(home) as (service, _):
        if fetch:
            made = service.arrivals.fetch(reference, tenant or None)
        else:
            made = service.arrivals.derive(reference, an_object(known) if known else {})
    if as_json:
        output.line(made)
        return
    tell({name: made[name] for name in _TOLD if name in made}, as_json=False)


@click.command("order")
@click.argument("reference")
@click.option("--to", "agent", required=True, metavar="PARTY.json", help="The agent.")
@click.option("--container", multiple=True, help="All that are left, if none is named.")
@common
def _order(
    reference: str, *, agent: str, container: tuple[str, ...], home: Path, as_json: bool
) -> None:
    """Give the delivery order of a surrendered bill, as its carrier."""
    with desk(home) as (service, _):
        made = service.release.order(reference, an_object(agent), container)
    _tell(made, as_json=as_json)


@click.command("delegate")
@click.argument("order")
@click.option("--from", "by", required=True, metavar="PARTY.json", help="Who holds it.")
@click.option("--to", required=True, metavar="PARTY.json", help="Who takes it on.")
@common
def _delegate(order: str, *, by: str, to: str, home: Path, as_json: bool) -> None:
    """Hand a delivery order on to another agent."""
    with desk(home) as (service, _):
        made = service.release.delegate(order, an_object(by), an_object(to))
    _tell(made, as_json=as_json)


@click.command("pay")
@click.argument("order")
@common
def _pay(order: str, *, home: Path, as_json: bool) -> None:
    """Note that the carrier's charges are paid."""
    with desk(home) as (service, _):
        made = service.release.pay(order)
    _tell(made, as_json=as_json)


@click.command("gate-out")
@click.argument("order")
@click.argument("container")
@click.option("--agent", required=True, metavar="PARTY.json", help="Who is at the gate.")
@common
def _gate(order: str, container: str, *, agent: str, home: Path, as_json: bool) -> None:
    """Let a container out, once; refused without surrender, payment or customs release."""
    with desk(home) as (service, _):
        made = service.release.gate_out(order, container, an_object(agent))
    _tell(made, as_json=as_json)


def _tell(order: Json, *, as_json: bool) -> None:
    """Print a delivery order: as it is, or what a person at a desk or a gate asks of it."""
    if as_json:
        output.line(order)
        return
    boxes = ", ".join(
        f"{box} ({order['gateOut'][box]})" if box in order["gateOut"] else str(box)
        for box in order["equipmentReferences"]
    )
    told = {
        _NUMBER: order["deliveryOrderReference"],
        _BILL: order["transportDocumentReference"],
        _STATE: order["state"],
        _AGENT: order["holder"]["partyName"],
        _PAID: say(_YES if order["chargesPaid"] else _NO),
        _RELEASED: say(_YES if order["customsReleased"] else _NO),
        _BOXES: boxes,
    }
    for name, value in told.items():
        click.echo(f"{say(name)}: {value}")


@click.command("unfinished")
@click.option("--days", type=click.FloatRange(min=0), help="Nothing came for so long; else as set.")
@click.option("--purge", is_flag=True, help="Forget them, and the documents nothing else needs.")
@common
def _unfinished(*, days: float | None, purge: bool, home: Path, as_json: bool) -> None:
    """List the transfers to us that nobody finished; `silkgate serve` forgets them by itself."""
    with gateway_in(home) as gateway:
        time = gateway.settings.lading.unfinished_days if days is None else days
        retention = gateway.ladings.retention
        work = retention.purge if purge else retention.unfinished
        rows = [each.as_dict() for each in work(timedelta(days=time))]
    for row in rows:
        if as_json:
            output.line(row)
        else:
            missing = f"{len(row['missing'])} missing, {row['documents']} here"
            click.echo(f"{row['reference']:20} {row['platform']:5} {row['since']} {missing}")
