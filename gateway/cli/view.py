"""`silkgate view`: an invoice as people read it, as HTML or PDF."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gateway.cli import options, output
from gateway.cli.reading import document
from schemas.text import Text
from schemas.view import LANGUAGES, html, sheet

_PDF = ".pdf"


@click.command("view")
@click.argument("file")
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    default="both",
    show_default=True,
    help="Language of the page.",
)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="OUT.html or OUT.pdf, else stdout."
)
@options.as_json
def command(file: str, *, lang: str, out: Path | None, as_json: bool) -> None:
    """Show the invoice FILE as a page for people: HTML, or PDF by the name of OUT."""
    page = sheet(document(file))
    if out is not None and out.suffix.lower() == _PDF:
        from schemas.view.pdf import pdf

        data = pdf(page, lang)
    else:
        data = html(page, lang).encode()
    if out is not None:
        out.write_bytes(data)
    elif not as_json:
        sys.stdout.buffer.write(data)
    if as_json:
        output.line({"file": file, "out": out and str(out), "lang": lang})
    elif out is not None:
        output.note(Text(f"written: {out}", f"已写入:{out}"))
