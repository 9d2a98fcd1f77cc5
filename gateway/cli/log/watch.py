"""`silkgate log watch`: follow another operator's log, and raise an alarm when it misbehaves."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli import options, output
from gateway.cli.files import present
from gateway.cli.lazy import say
from gateway.cli.log.keys import log_key, policy_of
from schemas.errors import InputError
from schemas.text import Text

if TYPE_CHECKING:
    from gateway.wiring.log.watching import Seen

_ALARM: Final = 3
_AWAY: Final = 1


class WouldForget(InputError):
    """A monitor without a memory cannot see a fork."""

    code = "SG-1131"
    title = Text("The folder of {where} is not there.", "{where} 所在目录不存在。")
    hint = Text("Name a file with --state in a folder that exists.", "请用 --state 指定现有目录。")
    exit_code = 2


@click.command("watch")
@click.argument("url")
@click.option("--key", required=True, help="File with the log's verifier key.")
@click.option("--witness", multiple=True, help="File with a witness's key; all must have cosigned.")
@click.option("--shard", default="", help="Follow this shard of the log, e.g. 2026q4.")
@click.option(
    "--ca",
    type=click.Path(path_type=Path, dir_okay=False),
    help="PEM of the authority that the log's TLS certificate is from; else the system's.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("watch.json"),
    show_default=True,
    help="What was seen last; evidence of alarms goes beside it.",
)
@click.option("--once", is_flag=True, help="Look once, for cron and the like.")
@click.option(
    "--every",
    type=click.FloatRange(0.1),
    default=60.0,
    show_default=True,
    help="Seconds between looks.",
)
@click.option(
    "--late-after",
    type=click.FloatRange(0, min_open=True),
    default=24.0,
    show_default=True,
    help="Hours without a new checkpoint after which it is late.",
)
@click.option("--keep-going", is_flag=True, help="Watch on after an alarm.")
@options.as_json
def watch(
    url: str,
    *,
    key: str,
    witness: tuple[str, ...],
    shard: str,
    ca: Path | None,
    state: Path,
    once: bool,
    every: float,
    late_after: float,
    keep_going: bool,
    as_json: bool,
) -> None:
    """Follow the log at URL, such as https://gateway.example/log.

    Every look checks signature, consistency and each new entry. The first alarm ends the watch
    with exit code 3 (fork, unsigned, unwitnessed, missing, late); with --once a log that does
    not answer is exit code 1.
    """
    from gateway.wiring.log.watching import Watch, line_to, source_of
    from ledger.monitor import Monitor
    from ledger.shards import key_for
    from ledger.signature import verifier_for

    if not state.absolute().parent.is_dir():
        raise WouldForget(where=str(state))
    known, policy = log_key(key), policy_of(witness)
    log = verifier_for(key_for(known, f"{known.name}/{shard}") if shard else known)
    with line_to(f"{url}/shard/{shard}" if shard else url, ca and present(ca)) as line:
        monitor = Monitor(source_of(line), log, policy, late_after=timedelta(hours=late_after))
        watching = Watch(monitor, log, state)
        while True:
            seen = watching.look()
            _show(seen, as_json=as_json)
            if seen.look.alarms and (once or not keep_going):
                sys.exit(_ALARM)
            if once:
                sys.exit(_AWAY if seen.away else 0)
            time.sleep(every)


def _show(seen: Seen, *, as_json: bool) -> None:
    if as_json:
        output.line(seen.as_dict())
        return
    if seen.away:
        click.echo(seen.away, err=True)
    for alarm, text in seen.look.alarms:
        click.echo(f"ALARM {alarm.value}: {say(text)}", err=True)
    if not seen.away and not seen.look.alarms:
        click.echo(f"ok {seen.size}")
