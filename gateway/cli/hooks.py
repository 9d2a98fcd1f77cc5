"""`silkgate hooks`: webhooks of tenants, and how a receiver checks one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli import options, output
from gateway.cli.files import about, content
from gateway.cli.help import Group
from gateway.cli.opened import gateway_in

if TYPE_CHECKING:
    from gateway.hooks.service import HookService

Json = Mapping[str, object]
_tenant = click.option("--tenant", default="", help="Whose; the gateway's own if left out.")
_MOST_SECONDS = 10 * 365 * 24 * 3600


@contextmanager
def _hooks(home: Path) -> Iterator[HookService]:
    """Give the hooks of the gateway in `home`; raises NoHooks where it tells nobody anything."""
    from gateway.hooks.errors import NoHooks

    with gateway_in(home) as gateway:
        if not gateway.settings.webhooks.hosts:
            raise NoHooks(where=str(home))
        yield gateway.hooks


@click.group("hooks", cls=Group)
def group() -> None:
    """Webhooks: who is told what happens."""


@group.command("add")
@click.argument("url")
@click.option("--event", "events", multiple=True, help="A name, family.*, or *; all if left out.")
@_tenant
@options.home
@options.as_json
def add(url: str, *, events: tuple[str, ...], tenant: str, home: Path, as_json: bool) -> None:
    """Tell URL, on a host that the settings allow, what happens."""
    with _hooks(home) as service:
        made = service.add(tenant or service.source, url, events)
    output.line(made) if as_json else click.echo(str(made["id"]))


@group.command("list")
@click.option("--tenant", default="", help="Those of one tenant only.")
@options.home
@options.as_json
def list_hooks(*, tenant: str, home: Path, as_json: bool) -> None:
    """List the hooks, and how much waits for each or was given up."""
    with _hooks(home) as service:
        for hook in service.listed(tenant or None):
            output.line(hook) if as_json else click.echo(_line(hook))


def _on_one(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the arguments of every command over one hook."""
    return click.argument("hook_id", metavar="ID")(options.home(options.as_json(command)))


@group.command("show")
@_on_one
def show(hook_id: str, *, home: Path, as_json: bool) -> None:
    """Show a hook with what is still to be delivered, and what went wrong."""
    with _hooks(home) as service:
        hook = service.show(hook_id)
    if as_json:
        output.line(hook)
        return
    click.echo(_line(hook))
    for one in output.rows(hook["deliveries"]):
        said = f"{one['at']}  {one['event']}  {one['subject']}  {one['state']}"
        click.echo(f"  {said}  {one['attempts']}  {one['problem']}".rstrip())


@group.command("remove")
@_on_one
def remove(hook_id: str, *, home: Path, as_json: bool) -> None:
    """Take a hook away, with all that was to be delivered to it."""
    with _hooks(home) as service:
        _say(service.remove(hook_id), as_json=as_json)


@group.command("retry")
@_on_one
def retry(hook_id: str, *, home: Path, as_json: bool) -> None:
    """Deliver what waits or was given up; a running gateway does it."""
    with _hooks(home) as service:
        _say(service.retry(hook_id), as_json=as_json)


@group.command("test")
@_on_one
def test(hook_id: str, *, home: Path, as_json: bool) -> None:
    """Tell a hook at once that this is a test; exit code 1 unless it is taken."""
    with _hooks(home) as service:
        found = service.test(hook_id)
    if as_json:
        output.line(found)
    else:
        problem = found["problem"]
        why = problem.get("message", "") if isinstance(problem, Mapping) else found["status"]
        click.echo(output.say_dict(why))
    if not found["taken"]:
        raise SystemExit(1)


@group.command("keys")
@options.home
@options.as_json
def keys(*, home: Path, as_json: bool) -> None:
    """Print the public keys (JWK Set) that receivers check signatures with."""
    del as_json  # it is JSON anyhow
    with _hooks(home) as service:
        output.line(dict(service.keys()))


@group.command("verify")
@click.argument("request", metavar="REQUEST")
@click.option("--keys", "keys", required=True, help="The JWK Set of the gateway, as a file.")
@click.option("--url", "base", default="", help="Scheme and authority it was sent to.")
@click.option("--at", "at", default="", help="As of this time; now if left out.")
@click.option(
    "--age",
    default=300,
    show_default=True,
    type=click.IntRange(1, _MOST_SECONDS),
    help="Seconds that a signature counts.",
)
@options.as_json
def verify(request: str, *, keys: str, base: str, at: str, age: int, as_json: bool) -> None:
    """Check a request as it was received: REQUEST holds its octets (HTTP/1.1), body and all.

    Exit code 3 when the signature does not hold, is too old, or does not cover what it has to.
    """
    from datetime import timedelta

    from certs.httpsig import Expected, read_request
    from certs.httpsig import verify as check
    from certs.jose.jwk import read
    from schemas.clock import iso, utc_now

    with about(keys):
        known = {each.kid: each.key for each in read(content(keys), keys)}
    try:
        moment = datetime.fromisoformat(at).astimezone() if at else utc_now()
    except ValueError as error:
        raise click.BadParameter(at, param_hint="--at") from error
    with about(request):
        message = read_request(content(request), base)
        found = check(message, known, moment, Expected(age=timedelta(seconds=age)))
    shown = {
        "file": request,
        "key": found.key_id,
        "algorithm": found.algorithm,
        "created": iso(found.created),
        "nonce": found.nonce,
        "tag": found.tag,
        "covered": list(found.covered),
    }
    output.line(shown) if as_json else click.echo(
        f"{request}  {found.key_id}  {iso(found.created)}"
    )


def _say(hook: Json, *, as_json: bool) -> None:
    output.line(hook) if as_json else click.echo(_line(hook))


def _line(hook: Json) -> str:
    events = hook["events"]
    names = " ".join(map(str, events)) if isinstance(events, list) else ""
    waits = f"waiting {hook['waiting']}, given up {hook['given_up']}"
    return f"{hook['id']}  {hook['tenant']}  {hook['url']}  {names}  {waits}"
