"""`silkgate keys api`: the keys with which callers come in: make one, list them, revoke one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from gateway.cli import options, output
from gateway.cli.help import Group
from gateway.settings import load


@click.group("api", cls=Group, invoke_without_command=True)
@options.home
@click.option("--tenant", default="", help="Whose documents the key may see.")
@click.option("--scope", "scopes", multiple=True, help="May be given repeatedly; all is all.")
@click.option(
    "--days", default=365, show_default=True, type=click.IntRange(1, 3650), help="Valid so long."
)
@options.as_json
@click.pass_context
def group(
    context: click.Context,
    *,
    home: Path,
    tenant: str,
    scopes: tuple[str, ...],
    days: int,
    as_json: bool,
) -> None:
    """Make an API key; its secret is shown this once and kept nowhere."""
    if context.invoked_subcommand is not None:
        return
    if not tenant or not scopes:
        raise click.UsageError("a key takes --tenant and --scope")
    from gateway.wiring.api_keys import issue

    token = issue(load(home), tenant=tenant, scopes=scopes, days=days)
    output.line({"tenant": tenant, "key": token}) if as_json else click.echo(token)


@group.command("list")
@click.option("--tenant", default="", help="Those of one tenant only.")
@options.home
@options.as_json
def list_keys(*, tenant: str, home: Path, as_json: bool) -> None:
    """List the API keys, the oldest first: whose, for what, and whether they are in force."""
    from gateway.wiring.api_keys import listed

    for row in listed(load(home), tenant):
        output.line(row) if as_json else click.echo(_line(row))


@group.command("revoke")
@click.argument("key", metavar="ID")
@options.home
@options.as_json
def revoke(key: str, *, home: Path, as_json: bool) -> None:
    """Let nobody in by the key ID any more; a running gateway knows within five seconds.

    ID is as listed: what stands between the first two underscores of the key. The whole key does.
    """
    from gateway.wiring.api_keys import revoke as close

    row = close(load(home), key)
    output.line(row) if as_json else click.echo(_line(row))


def _line(row: Mapping[str, Any]) -> str:
    until = row["revoked_at"] or row["expires_at"]
    return "  ".join((row["id"], row["tenant"], row["state"], until, " ".join(row["scopes"])))
