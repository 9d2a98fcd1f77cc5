"""`silkgate clearance`: one declaration, two sides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli import options, output
from gateway.cli.files import about, content
from gateway.cli.help import Group
from gateway.cli.opened import gateway_in
from gateway.cli.values import given
from schemas.text import Text

if TYPE_CHECKING:
    from gateway.clearance.service import ClearanceService

Json = dict[str, object]
_tenant = click.option(
    "--tenant", default="", help="Whose clearance it is; the gateway's own if left out."
)
_reason = click.option("--reason", required=True, help="Customs and the other side are told.")
_set = click.option("--set", "values", multiple=True, metavar="FIELD=VALUE", help="One value.")


@contextmanager
def _desk(home: Path, tenant: str) -> Iterator[tuple[ClearanceService, str]]:
    """Give the clearances of the gateway in `home`, and the tenant that is meant."""
    with gateway_in(home) as gateway:
        yield gateway.service, tenant or gateway.settings.id


@click.group("clearance", cls=Group)
def group() -> None:
    """One declaration, two sides."""


def _on_one(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the arguments of every command over one clearance."""
    return click.argument("clearance_id")(_tenant(options.home(options.as_json(command))))


@group.command("open")
@click.argument("declaration")
@click.option("--with", "related", multiple=True, help="Invoice, bill of lading.")
@click.option("--corridor", default="", help="By default the one between the two countries.")
@click.option("--key", default="", help="Idempotency key; the content if left out.")
@_tenant
@options.home
@options.as_json
def open_clearance(
    declaration: str,
    *,
    related: tuple[str, ...],
    corridor: str,
    key: str,
    tenant: str,
    home: Path,
    as_json: bool,
) -> None:
    """Open a clearance from DECLARATION; a running gateway carries it on."""
    from gateway.clearance.opening import Opening

    data, joined = content(declaration), [content(name) for name in related]
    with _desk(home, tenant) as (service, owner), about(declaration):
        found = service.open(
            Opening(tenant=owner, declaration=data, related=joined, corridor=corridor, key=key)
        )
    output.line(found) if as_json else click.echo(str(found["id"]))


@group.command("show")
@_on_one
def show(clearance_id: str, *, tenant: str, home: Path, as_json: bool) -> None:
    """Show one clearance with every status of both sides."""
    with _desk(home, tenant) as (service, owner):
        _print(service.show(owner, clearance_id), as_json=as_json)


@group.command("board")
@_tenant
@options.home
@options.as_json
def board(*, tenant: str, home: Path, as_json: bool) -> None:
    """Show both sides of every clearance."""
    with _desk(home, tenant) as (service, owner):
        rows = service.board(owner)
    output.nothing(rows, Text("No clearance has been opened yet.", "尚未开启任何双边通关。"))
    for row in rows:
        if as_json:
            output.line(row)
        else:
            export, import_ = _status(row["export"]), _status(row["import"])
            click.echo(
                f"{row['id']}  {row['corridor']:6} {export:28} | {import_:28} {row['document']}"
            )


@group.command("form")
@_on_one
def form(clearance_id: str, *, tenant: str, home: Path, as_json: bool) -> None:
    """Show what the importer must still add."""
    with _desk(home, tenant) as (service, owner):
        asked = service.form(owner, clearance_id)
    if as_json:
        output.line(asked)
        return
    for field in output.rows(asked["fields"]):
        codes = " ".join(str(code["code"]) for code in output.rows(field["codes"]))
        shape = codes or field["pattern"]
        click.echo(f"{field['id']}\n  {output.say_dict(field['label'])}  [{shape}]")
        click.echo(f"  {output.say_dict(field['why'])}  {field['value']}".rstrip())


@group.command("answer")
@_on_one
@click.argument("file", required=False, default="")
@_set
def answer(
    clearance_id: str, *, file: str, values: tuple[str, ...], tenant: str, home: Path, as_json: bool
) -> None:
    """Answer the form: FILE is a JSON object of values by field, `--set` gives single ones."""
    with _desk(home, tenant) as (service, owner):
        found = service.answer(owner, clearance_id, given(file, values))
    _print(found, as_json=as_json)


@group.command("amend")
@_on_one
@click.argument("file", required=False, default="")
@_set
@_reason
def amend(
    clearance_id: str,
    *,
    file: str,
    values: tuple[str, ...],
    reason: str,
    tenant: str,
    home: Path,
    as_json: bool,
) -> None:
    """Amend this side's declaration: FILE is the corrected one, or give values with `--set`."""
    if bool(file) == bool(values):
        raise click.UsageError("give either FILE or --set")
    with _desk(home, tenant) as (service, owner):
        if file:
            found = service.amend(owner, clearance_id, content(file), reason)
        else:
            found = service.correct(owner, clearance_id, given("", values), reason)
    _print(found, as_json=as_json)


@group.command("cancel")
@_on_one
@_reason
def cancel(clearance_id: str, *, reason: str, tenant: str, home: Path, as_json: bool) -> None:
    """Cancel this side's declaration and tell the other."""
    with _desk(home, tenant) as (service, owner):
        _print(service.cancel(owner, clearance_id, reason), as_json=as_json)


@group.command("confirm")
@_on_one
@click.argument("number", type=int)
def confirm(clearance_id: str, *, number: int, tenant: str, home: Path, as_json: bool) -> None:
    """Confirm change NUMBER of the other side; it goes to the customs of this one."""
    with _desk(home, tenant) as (service, owner):
        _print(service.confirm(owner, clearance_id, number), as_json=as_json)


@group.command("decline")
@_on_one
@click.argument("number", type=int)
@_reason
def decline(
    clearance_id: str, *, number: int, reason: str, tenant: str, home: Path, as_json: bool
) -> None:
    """Decline change NUMBER of the other side, which is told the reason."""
    with _desk(home, tenant) as (service, owner):
        _print(service.decline(owner, clearance_id, number, reason), as_json=as_json)


@group.command("evidence")
@_on_one
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="Output file.")
def evidence(clearance_id: str, *, out: Path, tenant: str, home: Path, as_json: bool) -> None:
    """Write the evidence package of this side: one ASiC-E file that is verified offline."""
    with gateway_in(home) as gateway:
        package = gateway.clearance_evidence(tenant or gateway.settings.id, clearance_id)
    out.write_bytes(package)
    shown = {"id": clearance_id, "out": str(out), "bytes": len(package)}
    output.line(shown) if as_json else click.echo(f"{out} ({len(package)} bytes)")


def _status(side: object) -> str:
    return output.say_dict(side) if isinstance(side, Mapping) else "-"


def _print(found: Json, *, as_json: bool) -> None:
    if as_json:
        output.line(found)
        return
    for side in ("export", "import"):
        _tell_side(side, found[side])
    for change in output.rows(found["changes"]):
        _tell_change(change)


def _tell_side(side: str, shown: Any) -> None:  # noqa: ANN401 - JSON
    click.echo(f"{side} {shown['country']} {_status(shown['status'])} {shown['reference']}")
    for seen in output.rows(shown["timeline"]):
        click.echo(f"  {seen['at']}  {seen['code']:4} {output.say_dict(seen)}  {seen['note']}")


def _tell_change(change: Mapping[str, object]) -> None:
    click.echo(
        f"{change['number']}  {change['kind']} {change['by']} {change['at']}"
        f"  {change['state']}  {change['reason']}"
    )
    for field in output.rows(change["changes"]):
        click.echo(f"  {output.say_dict(field['name'])}: {field['old']} -> {field['new']}")
