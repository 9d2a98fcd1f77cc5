"""`silkgate exchange`: the documents on their way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli import options, output
from gateway.cli.files import about, content
from gateway.cli.help import Group
from gateway.cli.opened import gateway_in
from schemas.text import Text

if TYPE_CHECKING:
    from gateway.exchange.submission import Submission
    from gateway.wiring.assembly import Gateway


@click.group("exchange", cls=Group)
def group() -> None:
    """The documents on their way."""


@group.command("send")
@click.argument("file")
@click.option("--to", "receiver", required=True, help="Party id of the receiver.")
@click.option("--format", "target", help="Target format; what the partner wants if left out.")
@click.option("--kind", default="document", show_default=True, help="What it is, in lists.")
@click.option("--with", "related", multiple=True, help="A related document.")
@click.option("--key", default="", help="Idempotency key; the content if left out.")
@click.option("--tenant", default="", help="Whose document it is; the gateway's own if left out.")
@options.home
@options.as_json
def send(
    file: str,
    *,
    receiver: str,
    target: str | None,
    kind: str,
    related: tuple[str, ...],
    key: str,
    tenant: str,
    home: Path,
    as_json: bool,
) -> None:
    """Hand FILE in; a running gateway carries it on."""
    from gateway.exchange.intake import accept

    others = tuple(content(name) for name in related)
    with gateway_in(home) as gateway:
        submission = _submission(gateway, file, receiver, target or "")
        accepted = accept(
            gateway.store,
            replace(
                submission,
                tenant=tenant or gateway.settings.id,
                kind=kind,
                related=others,
                key=key,
            ),
        )
    shown = {"id": accepted.id, "duplicate": accepted.duplicate}
    output.line(shown) if as_json else click.echo(accepted.id)


def _submission(gateway: Gateway, file: str, receiver: str, target: str) -> Submission:
    """Return the document in FILE for a partner, in the format it is to go out in."""
    import adapters
    from gateway.api.errors import PartnerUnknown
    from gateway.exchange.submission import Submission
    from gateway.exchange.wanted import wanted_format

    if target and target not in adapters.formats():
        raise click.BadParameter(
            f"{target}: {', '.join(adapters.formats())}", param_hint="--format"
        )
    partner = gateway.settings.partner(receiver)
    if partner is None:
        raise PartnerUnknown(where="--to", party=receiver)
    data = content(file)
    with about(file):
        source = gateway.tools.detect(data)
    return Submission(
        tenant=gateway.settings.id,
        data=data,
        kind="document",
        sender=gateway.settings.id,
        receiver=receiver,
        source_format=source,
        target_format=target or wanted_format(source, partner.card.formats),
        media_type=adapters.formats()[source].media_type,
    )


@group.command("list")
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1, 1000), help="How many."
)
@options.home
@options.as_json
def list_exchanges(*, limit: int, home: Path, as_json: bool) -> None:
    """List the exchanges, newest first."""
    from gateway.api import views
    from gateway.store import exchanges

    with gateway_in(home) as gateway, gateway.store.read() as tx:
        found = exchanges.listed(tx, limit=limit)
    output.nothing(found, Text("No document has been handed in yet.", "尚未提交任何文件。"))
    for one in found:
        if as_json:
            output.line(views.exchange(one))
        else:
            way = f"{one.sender} -> {one.receiver}"
            click.echo(f"{one.id}  {one.direction:3}  {one.stage}/{one.state}  {one.kind}  {way}")


@group.command("show")
@click.argument("exchange_id")
@options.home
@options.as_json
def show(exchange_id: str, *, home: Path, as_json: bool) -> None:
    """Show one exchange."""
    from gateway.api import views
    from gateway.store import exchanges

    with gateway_in(home) as gateway, gateway.store.read() as tx:
        found = views.exchange(exchanges.get(tx, exchange_id))
    if as_json:
        output.line(found)
    else:
        for name, value in found.items():
            click.echo(f"{name:16} {value}")


@group.command("timeline")
@click.argument("exchange_id")
@options.home
@options.as_json
def timeline(exchange_id: str, *, home: Path, as_json: bool) -> None:
    """Tell what happened to an exchange, step by step."""
    from gateway.exchange.timeline import timeline as told

    with gateway_in(home) as gateway, gateway.store.read() as tx:
        lines = told(tx, exchange_id)
    for line in lines:
        shown = line.as_dict()
        if as_json:
            output.line(shown)
        else:
            click.echo(f"{shown['at']}  {output.say_dict(shown['text'])}")


@group.command("evidence")
@click.argument("exchange_id")
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="Output file.")
@options.home
@options.as_json
def evidence(exchange_id: str, *, out: Path, home: Path, as_json: bool) -> None:
    """Write the evidence package of an exchange: one ASiC-E file that is verified offline."""
    with gateway_in(home) as gateway:
        package = gateway.evidence(exchange_id)
    out.write_bytes(package)
    shown = {"id": exchange_id, "out": str(out), "bytes": len(package)}
    output.line(shown) if as_json else click.echo(f"{out} ({len(package)} bytes)")
