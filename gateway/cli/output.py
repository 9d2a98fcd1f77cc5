"""What commands print: JSON Lines for programs, plain lines for people, errors on stderr."""

from __future__ import annotations

import json
from collections.abc import Mapping

import click

from gateway.cli.lazy import say
from schemas.errors import SilkgateError
from schemas.text import Text


def line(value: object) -> None:
    """Print one JSON value on one line."""
    click.echo(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def note(text: Text) -> None:
    """Tell a person something beside the result, on stderr."""
    click.echo(say(text), err=True)


def report(error: SilkgateError, *, as_json: bool) -> int:
    """Print an error of ours and return the exit code of the contract."""
    if as_json:
        line({"error": error.as_dict()})
    place = f" ({error.where})" if error.where else ""
    click.echo(f"{error.code} {say(error.message)}{place}", err=True)
    click.echo(f"  {say(error.advice)}", err=True)
    return error.exit_code


def failure(file: str, error: SilkgateError) -> dict[str, object]:
    """Return the result object of a file that could not be worked on."""
    return {"file": file, "error": error.as_dict()}


def say_dict(texts: object) -> str:
    """Return the caller's language out of `{"en": ..., "zh": ...}`."""
    if isinstance(texts, Mapping):
        return say(Text(str(texts.get("en", "")), str(texts.get("zh", ""))))
    return str(texts)
