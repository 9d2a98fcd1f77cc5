"""What commands print: JSON Lines for programs, plain lines for people, errors on stderr."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import click

from gateway.cli.lazy import say
from gateway.cli.terminal import harmless
from schemas.errors import SilkgateError
from schemas.text import Text


def line(value: object) -> None:
    """Print one JSON value on one line, which no reader splits."""
    click.echo(harmless(json.dumps(value, ensure_ascii=False, separators=(",", ":"))))


def note(text: Text) -> None:
    """Tell a person something beside the result, on stderr."""
    _complain(say(text))


def report(error: SilkgateError, *, as_json: bool, **beside: str) -> int:
    """Print an error of ours, with what stands beside it; return the exit code of the contract."""
    if as_json:
        line({**beside, "error": error.as_dict()})
    said = say(error.message)
    places = (*beside.values(), error.where)
    place = ", ".join(each for each in places if each and each not in said)
    about = f" ({place})" if place else ""
    _complain(f"{error.code} {said}{about}")
    _complain(f"  {say(error.advice)}")
    return error.exit_code


def failed(result: Mapping[str, object]) -> None:
    """Tell a person, on stderr, why a file could not be worked on."""
    error = result["error"]
    found: Mapping[str, object] = error if isinstance(error, Mapping) else {}
    _complain(f"{result['file']}: {found.get('code')} {say_dict(found.get('message'))}")
    _complain(f"  {say_dict(found.get('hint'))}")


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


def _complain(text: str) -> None:
    """Print a line on stderr."""
    click.echo(harmless(text), err=True)
