"""`silkgate inspect`: what a document is and which business terms it holds."""

from __future__ import annotations

import sys
from functools import partial

import click

import adapters
from gateway.cli import options, output
from gateway.cli.files import Result, each, guarded, worst
from gateway.cli.lazy import say
from schemas import terms
from schemas.document import Document, Family
from schemas.model.business_terms import business_terms


@click.command("inspect")
@options.documents
def command(files: tuple[str, ...], *, jobs: int, as_json: bool) -> None:
    """Detect the format of each FILE and list its business terms."""
    codes = []
    for result, code in each(inspect, files, jobs):
        output.line(result) if as_json else _show(result)
        codes.append(code)
    sys.exit(worst(codes))


def inspect(name: str) -> tuple[Result, int]:
    """Return format, edition, family and terms of one file."""
    return guarded(name, partial(_inspect, name))


def _inspect(name: str, data: bytes) -> tuple[Result, int]:
    document = adapters.read(data).document
    return {
        "file": name,
        "format": document.format,
        "edition": document.edition,
        "family": document.family.value,
        "terms": _terms(document),
    }, 0


def _terms(document: Document) -> list[list[object]]:
    """Return path, value and attributes; an invoice by the business terms of EN 16931."""
    if document.family is Family.INVOICE:
        return [list(term) for term in business_terms(document)]
    return [[term.id, term.value, dict(term.attrs)] for term in document]


def _show(result: Result) -> None:
    if "error" in result:
        output.failed(result)
        return
    click.echo(f"{result['file']}: {result['format']} {result['edition']} ({result['family']})")
    listed = result["terms"]
    for path, value, attrs in listed if isinstance(listed, list) else ():
        name = say(terms.name(path))
        extra = "".join(f" {key}={text}" for key, text in attrs.items())
        click.echo(f"  {path}  {value}{extra}" + (f"  ({name})" if name else ""))
