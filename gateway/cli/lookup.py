"""`silkgate adapters`, `schema` and `codes`: what can be read, written and looked up."""

from __future__ import annotations

import sys

import click

import adapters
from gateway.cli import options, output
from gateway.cli.lazy import say
from schemas import codes
from schemas.errors import InputError
from schemas.text import Text


class NoSuchThing(InputError):
    """A format or code list that was asked for is not there."""

    code = "SG-1129"
    title = Text("There is no {where}.", "没有 {where}。")
    hint = Text("Use of: {known}.", "可用的有:{known}。")
    exit_code = 4
    status = 404


class NoSuchCode(InputError):
    """A code that was asked for is not in its list."""

    code = "SG-1136"
    title = Text("There is no {where} in {list}.", "{list} 中没有 {where}。")
    hint = Text("See them all: silkgate codes {list}", "查看全部:silkgate codes {list}")
    exit_code = 4
    status = 404


@click.command("adapters")
@click.argument("format_id", required=False)
@options.as_json
def adapters_command(format_id: str | None, *, as_json: bool) -> None:
    """List the formats, or show one with its rule sets and placeholders."""
    if format_id is not None and format_id not in adapters.formats():
        raise NoSuchThing(where=format_id, known=", ".join(adapters.formats()))
    for name, form in adapters.formats().items():
        if format_id in (None, name):
            shown = form.as_dict(full=format_id is not None)
            if as_json:
                output.line(shown)
                continue
            click.echo(f"{name:14} {shown['family']:12} {say(form.title)}")
            for key in ("editions", "rulesets", "placeholders") if format_id else ():
                click.echo(f"  {key}: {shown.get(key)}")


@click.command("schema")
@click.argument("action", type=click.Choice(["export"]))
@click.argument("format_id")
@options.as_json
def schema_command(action: str, format_id: str, *, as_json: bool) -> None:  # noqa: ARG001 - the only action
    """Write the schema of FORMAT_ID: XSD for XML formats, JSON Schema for JSON formats."""
    schema = adapters.schema(format_id)
    if as_json:
        output.line({"format": format_id, "schema": schema.decode()})
    else:
        sys.stdout.buffer.write(schema)


@click.command("codes")
@click.argument("list_id", required=False)
@click.argument("code", required=False)
@click.option("--to", "target", help="Convert into this list.")
@options.as_json
def codes_command(
    list_id: str | None, code: str | None, *, target: str | None, as_json: bool
) -> None:
    """Show the code lists, one list, one code, or its counterpart in another list."""
    for wanted in (list_id, target):
        if wanted is not None and wanted not in codes.lists():
            raise NoSuchThing(where=wanted, known=", ".join(codes.lists()))
    if list_id is None:
        found: object = list(codes.lists())
    elif code is None:
        found = [dict(row) for row in codes.table(list_id).rows.values()]
    elif target is None:
        if code not in codes.table(list_id).rows:
            raise NoSuchCode(where=code, list=list_id)
        found = dict(codes.table(list_id).row(code))
    else:
        there = codes.convert(list_id, target, code)
        found = {
            "code": code,
            "value": there.value,
            "class": there.cls.value,
            "reason": there.reason,
            "factor": str(there.factor),
        }
    if as_json:
        output.line(found)
    else:
        for row in found if isinstance(found, list) else [found]:
            click.echo(row if isinstance(row, str) else _plain(row))


def _plain(row: object) -> str:
    values = row.values() if isinstance(row, dict) else (row,)
    return "  ".join(str(value) for value in values)
