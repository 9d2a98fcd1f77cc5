"""`silkgate anchor`: the newest checkpoint on the chain, and how final each anchor is."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli import options, output
from gateway.settings import load


@click.group("anchor", invoke_without_command=True)
@options.home
@options.as_json
@click.pass_context
def group(context: click.Context, *, home: Path, as_json: bool) -> None:
    """Anchor the newest checkpoint."""
    if context.invoked_subcommand is not None:
        return
    from gateway.wiring.assembly import Gateway

    gateway = Gateway(load(home))
    gateway.sealer.round()
    anchor = gateway.anchoring.open()
    if anchor is not None:
        gateway.anchoring.step(anchor)
    _list(gateway.anchoring.listed(), as_json=as_json)
    gateway.close()


@group.command("status")
@options.home
@options.as_json
def status(*, home: Path, as_json: bool) -> None:
    """List the anchors and how final they are."""
    from gateway.wiring.assembly import Gateway

    gateway = Gateway(load(home))
    _list(gateway.anchoring.listed(), as_json=as_json)
    gateway.close()


def _list(intents: object, *, as_json: bool) -> None:
    for intent in intents if isinstance(intents, list) else ():
        row = {
            "origin": intent.origin,
            "size": intent.size,
            "root": intent.root.hex(),
            "anchor": intent.anchor,
            "state": intent.state.value,
            "block": intent.block_number,
            "gas": intent.gas_used,
            "transactions": [f"0x{attempt.hash.hex()}" for attempt in intent.attempts],
        }
        if as_json:
            output.line(row)
        else:
            click.echo("  ".join(str(value) for value in row.values()))
