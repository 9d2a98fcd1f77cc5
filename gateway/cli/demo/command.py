"""The command line of the demo."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
import threading
from contextlib import ExitStack, suppress
from pathlib import Path

import click

from gateway.cli.demo.stage import stage
from gateway.cli.demo.story import tell
from gateway.cli.demo.teller import Teller
from schemas.text import Text


@click.command("demo")
@click.option(
    "--shipment",
    type=click.Choice(["g01", "g06"]),
    default="g01",
    show_default=True,
    help="g01: electronics to Singapore; g06: machines to the United Kingdom.",
)
@click.option("--keep", is_flag=True, help="Leave it running until interrupted.")
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to put both gateways and the evidence; a temporary folder if left out.",
)
@click.option("--json", "as_json", is_flag=True, help="The outcome as one JSON object.")
def command(*, shipment: str, keep: bool, home: Path | None, as_json: bool) -> None:
    """Clear one shipment on both sides: two gateways, two customs, one evidence file."""
    teller = Teller(silent=as_json)
    # Told to end, it ends its gateways too; by itself the signal would leave them running. A
    # shell starts what is in the background with interrupts ignored: here they count.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with ExitStack() as stack:
        temporary = home is None and not keep
        folder = home or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="silkgate-demo-"))
            if temporary
            else tempfile.mkdtemp(prefix="silkgate-demo-")
        )
        theatre = stack.enter_context(stage(folder, shipment, teller))
        outcome = tell(theatre, teller, keep=keep)
        if as_json:
            click.echo(json.dumps(outcome, ensure_ascii=False))
        if keep:
            _wait(teller, folder)
    sys.exit(0 if outcome["cleared"] and outcome["verified"] else 1)


def _wait(teller: Teller, folder: Path) -> None:
    teller.say(
        Text(
            f"Running on, with everything in {folder}. Ctrl-C ends it.",
            f"继续运行,所有数据在 {folder}。按 Ctrl-C 结束。",
        )
    )
    with suppress(KeyboardInterrupt):
        threading.Event().wait()
