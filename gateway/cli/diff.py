"""`silkgate diff`: two documents of any formats, compared by business term."""

from __future__ import annotations

import click

import adapters
from gateway.cli import options, output
from gateway.cli.lazy import say
from gateway.cli.reading import document
from schemas import terms


@click.command("diff")
@click.argument("a")
@click.argument("b")
@options.as_json
def command(a: str, b: str, *, as_json: bool) -> None:
    """List the business terms in which documents A and B differ."""
    differences = adapters.diff(document(a), document(b))
    if as_json:
        output.line(differences)
        return
    for row in differences:
        name = say(terms.name(str(row["term"])))
        click.echo(f"{row['term']}  {row['a']!r} -> {row['b']!r}  {name}")
