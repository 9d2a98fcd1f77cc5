"""`silkgate archive due`: by when signed files must be archived anew."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import click

from gateway.cli import options, output
from gateway.cli.files import content
from gateway.cli.lazy import say
from schemas.text import Text

_NOT_VERIFIED = 3


@click.command("due")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--detached",
    multiple=True,
    metavar="DATA",
    help="A signed file, if not inside, or an evidence record about FILE.",
)
@click.option(
    "--trust",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder with anchors, as for `verify`; else what the gateway in --home trusts.",
)
@click.option(
    "--within",
    type=click.IntRange(min=0),
    default=180,
    show_default=True,
    metavar="DAYS",
    help="Exit with 3 when a file stops to verify within so many days.",
)
@options.home
@options.as_json
def due(
    files: tuple[str, ...],
    *,
    detached: tuple[str, ...],
    trust: Path | None,
    within: int,
    home: Path,
    as_json: bool,
) -> None:
    """Tell until when each FILE will verify as it is, which is by when to renew it."""
    from certs.due import verifies_until
    from gateway.cli.trustees import trusted_by
    from schemas.clock import iso, utc_now

    now = utc_now()
    store = trusted_by(trust.absolute() if trust else None, home.absolute()).store
    beside = {Path(name).name: content(name) for name in detached}
    soon = False
    for name in files:
        until = verifies_until(content(name), store, beside, now)
        is_due = until is None or until < now + timedelta(days=within)
        soon |= is_due
        result = {"file": name, "until": iso(until) if until else None, "due": is_due}
        output.line(result) if as_json else click.echo(f"{name}: {_told(until, due=is_due)}")
    if soon:
        click.get_current_context().exit(_NOT_VERIFIED)


def _told(until: datetime | None, *, due: bool) -> str:
    if until is None:
        return say(Text("does not verify now", "目前未通过验证"))
    told = say(Text("verifies until", "可验证至")) + f" {until:%Y-%m-%d}"
    return told + (", " + say(Text("renew it", "请续期")) if due else "")
