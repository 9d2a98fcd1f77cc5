"""`silkgate title`: the title register from the command line."""

from __future__ import annotations

import io
import sys

import click

from gateway.cli import options, output
from gateway.cli.files import content
from gateway.cli.lazy import say
from ledger.title.history import Outcome, replay
from schemas.text import Text

_ACCEPTED = Text("accepted", "接受")
_REJECTED = Text("rejected", "拒绝")


@click.group("title")
def group() -> None:
    """Title to goods: who holds the bill, and how it came to them."""


@group.command("replay")
@click.argument("files", nargs=-1, required=True, metavar="HISTORY.jsonl...")
@options.as_json
def replay_command(files: tuple[str, ...], *, as_json: bool) -> None:
    """Run title histories through the machine: per action accepted or rejected, and the state."""
    for name in files:
        beside = {"file": name} if len(files) > 1 else {}
        for outcome in replay(io.BytesIO(content(name))):
            output.line({**beside, **outcome.as_dict()}) if as_json else _show(outcome)
    sys.exit(0)


def _show(outcome: Outcome) -> None:
    move, state = outcome.move, outcome.state
    asked = " ".join([move.action, *(each or "-" for each in move.args)])
    verdict = say(_REJECTED if outcome.refused else _ACCEPTED)
    held = f"{state.beneficiary or '-'}/{state.holder or '-'} {state.location.value}"
    click.echo(f"{outcome.n:>4} {move.actor}: {asked}: {verdict} [{held}]")
    if outcome.refused:
        click.echo(f"     {say(outcome.refused.guard.value)}")
