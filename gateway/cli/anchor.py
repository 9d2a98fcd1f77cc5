"""`silkgate anchor`: the newest checkpoint on the chain, and how final each anchor is."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli import options, output
from gateway.cli.help import Group
from gateway.cli.opened import gateway_in
from gateway.settings import load


@click.group("anchor", cls=Group, invoke_without_command=True)
@options.home
@options.as_json
@click.pass_context
def group(context: click.Context, *, home: Path, as_json: bool) -> None:
    """Anchor the newest checkpoint."""
    if context.invoked_subcommand is not None:
        return
    with gateway_in(home) as gateway:
        gateway.sealing.round()
        for target in gateway.settings.anchor.targets:
            gateway.anchoring.step(gateway.anchoring.open(target))
        _list(gateway.anchoring.listed(), as_json=as_json)


@group.command("status")
@options.home
@options.as_json
def status(*, home: Path, as_json: bool) -> None:
    """List the anchors and how final they are."""
    with gateway_in(home) as gateway:
        _list(gateway.anchoring.listed(), as_json=as_json)


@group.command("worker")
@options.home
def worker(home: Path) -> None:
    """Anchor every new checkpoint, in a process of its own, until interrupted.

    The gateway then runs with `silkgate serve --no-anchor`, and the chain account's key is needed
    here alone.
    """
    from gateway.cli.serve import until_told
    from gateway.wiring.assembly import Gateway
    from gateway.wiring.running import anchoring

    with anchoring(Gateway(load(home))):
        until_told()


@group.command("deploy")
@options.home
@click.option("--rpc", help="JSON-RPC address of a node; else `anchor.rpc_url` of the settings.")
@click.option("--chain-id", type=click.IntRange(1), help="The chain that it must be.")
@click.option(
    "--patience",
    type=click.FloatRange(0.1),
    default=120.0,
    show_default=True,
    help="How long to wait, in seconds.",
)
@click.option("--key", default="", help="The chain account; else `anchor.key` of the settings.")
@options.as_json
def deploy(
    *, home: Path, rpc: str | None, chain_id: int | None, patience: float, key: str, as_json: bool
) -> None:
    """Put the anchor contract on a chain, owned by the gateway's chain account.

    Prints what to write into the settings. The account pays about 500,000 gas.
    """
    from gateway.wiring.log.deploying import deploy as put

    made = put(load(home), rpc, chain_id, patience, key)
    if as_json:
        output.line(made.as_dict())
    else:
        click.echo(made.settings())


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
