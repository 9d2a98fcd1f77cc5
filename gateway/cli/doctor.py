"""`silkgate doctor`: what is wrong with the set-up, and how to mend it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli import options, output
from gateway.cli.lazy import say
from schemas.text import Text

if TYPE_CHECKING:
    from gateway.wiring.doctor.check import Check

_SHOWN: Final = {
    "ok": (Text("ok", "正常"), "green"),
    "warning": (Text("warning", "警告"), "yellow"),
    "error": (Text("ERROR", "错误"), "red"),
    "skipped": (Text("-", "-"), "white"),
}


@click.command("doctor")
@options.home
@click.option("--mend", is_flag=True, help="Make or migrate the database first.")
@options.as_json
def command(home: Path, *, mend: bool, as_json: bool) -> None:
    """Check Python, keys, partners, database, log, clock and disk; exit 1 when one is in error."""
    from gateway.wiring.doctor.check import State
    from gateway.wiring.doctor.diagnosis import examine

    checks = list(examine(home, mend=mend))
    sound = all(check.state is not State.ERROR for check in checks)
    if as_json:
        listed = [check.as_dict() for check in checks]
        output.line({"home": str(home), "ok": sound, "checks": listed})
    else:
        _show(checks)
    sys.exit(0 if sound else 1)


def _show(checks: Sequence[Check]) -> None:
    for check in checks:
        state, colour = _SHOWN[check.state.value]
        mark = click.style(say(state).ljust(8), fg=colour, bold=True)
        click.echo(f"{mark} {check.name}: {say(check.found)}")
        if check.mend.en:
            click.echo(f"         -> {say(check.mend)}")
