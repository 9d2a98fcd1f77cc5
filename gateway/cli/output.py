"""What commands print: JSON Lines for programs, plain lines for people, errors on stderr."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

import click

from gateway.cli.lazy import say
from schemas.errors import SilkgateError
from schemas.text import Text

_ENDS: Final = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
"""What ends a line in Unicode and not in JSON: escaped, for readers that split there."""


def line(value: object) -> None:
    """Print one JSON value on one line."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    click.echo(text if text.isascii() else text.translate(_ENDS))


def note(text: Text) -> None:
    """Tell a person something beside the result, on stderr."""
    click.echo(say(text), err=True)


def report(error: SilkgateError, *, as_json: bool, **beside: str) -> int:
    """Print an error of ours, with what stands beside it; return the exit code of the contract."""
    if as_json:
        line({**beside, "error": error.as_dict()})
    said = say(error.message)
    places = (*beside.values(), error.where)
    place = ", ".join(each for each in places if each and each not in said)
    about = f" ({place})" if place else ""
    click.echo(f"{error.code} {said}{about}", err=True)
    click.echo(f"  {say(error.advice)}", err=True)
    return error.exit_code


def failed(result: Mapping[str, object]) -> None:
    """Tell a person, on stderr, why a file could not be worked on."""
    error = result["error"]
    found: Mapping[str, object] = error if isinstance(error, Mapping) else {}
    click.echo(f"{result['file']}: {found.get('code')} {say_dict(found.get('message'))}", err=True)
    click.echo(f"  {say_dict(found.get('hint'))}", err=True)


def nothing(found: Sequence[object], text: Text) -> None:
    """Tell a person, on stderr, when a list has nothing in it."""
    if not found:
        note(text)


def rows(value: object) -> Sequence[Mapping[str, object]]:
    """Return a list of objects out of a result, empty if there is none."""
    return value if isinstance(value, list | tuple) else ()


def say_dict(texts: object) -> str:
    """Return the caller's language out of `{"en": ..., "zh": ...}`."""
    if isinstance(texts, Mapping):
        return say(Text(str(texts.get("en", "")), str(texts.get("zh", ""))))
    return str(texts)
