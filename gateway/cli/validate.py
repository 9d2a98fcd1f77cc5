"""`silkgate validate`: structure, code lists and business rules; files together as a shipment."""

from __future__ import annotations

import sys
from functools import partial

import click

import adapters
from gateway.cli import options, output
from gateway.cli.files import Result, content, each, guarded, worst
from gateway.cli.lazy import say
from schemas.errors import InputError, SilkgateError
from schemas.finding import Flag
from schemas.text import Text

_INVALID = 3


@click.command("validate")
@click.option("--rules", default="auto", show_default=True, help="auto, or rule sets: ID,ID,...")
@click.option(
    "--mode",
    type=click.Choice(["official", "norm"]),
    default="norm",
    show_default=True,
    help="As the official artefacts decide, or as the standards read.",
)
@click.option("--together", is_flag=True, help="Also check the files against each other.")
@options.documents
def command(
    files: tuple[str, ...], *, rules: str, mode: str, together: bool, jobs: int, as_json: bool
) -> None:
    """Check each FILE; exit 3 when one is invalid."""
    work = partial(validate, rules=rules, mode=mode)
    codes = []
    for result, code in _together(files, rules) if together else each(work, files, jobs):
        output.line(result) if as_json else _show(result)
        codes.append(code)
    sys.exit(worst(codes))


def validate(name: str, rules: str = "auto", mode: str = "norm") -> tuple[Result, int]:
    """Return verdict and findings of one file; what cannot be read is invalid, with a finding."""
    result, code = guarded(name, partial(_validate, name, rules=rules, mode=mode))
    if "error" in result and code != InputError.exit_code:
        return result, code
    if "error" in result:
        return _unreadable(name, result), _INVALID
    return result, code


def _validate(name: str, data: bytes, *, rules: str, mode: str) -> tuple[Result, int]:
    return _result(name, (adapters.audit if mode == "official" else adapters.check)(data, rules))


def _result(name: str, found: adapters.Audit) -> tuple[Result, int]:
    return {"file": name, **found.as_dict()}, 0 if found.valid else _INVALID


def _unreadable(name: str, result: Result) -> Result:
    error = result["error"]
    found: dict[str, object] = error if isinstance(error, dict) else {}
    finding = {
        "rule": f"structure {found['code']}",
        "ruleset": "input",
        "flag": Flag.FATAL.value,
        "path": "",
        "line": 0,
        "term": "",
        "found": str(found.get("where", "")),
        "expected": "",
        "message": found["message"],
        "hint": found["hint"],
    }
    return {"file": name, "format": None, "rulesets": [], "valid": False, "findings": [finding]}


def _together(files: tuple[str, ...], rules: str) -> list[tuple[Result, int]]:
    """Check each file, and those that can be read against each other as one shipment."""
    from schemas.rules import shipment

    results = [validate(name, rules) for name in files]
    readings = {}
    for at, name in enumerate(files):
        try:
            readings[at] = adapters.read(content(name))
        except SilkgateError:
            continue
    matches = shipment([reading.document for reading in readings.values()])
    for (at, reading), more in zip(readings.items(), matches, strict=True):
        if more:
            found = [*adapters.validate(reading, rules), *more]
            sets = adapters.rulesets(reading)
            results[at] = _result(files[at], adapters.Audit(reading.format, sets, found))
    return results


def _show(result: Result) -> None:
    if "error" in result:
        output.failed(result)
        return
    verdict = say(Text("valid", "有效") if result["valid"] else Text("INVALID", "无效"))
    unknown = say(Text("of no known format", "格式不明"))
    click.echo(f"{result['file']}: {verdict} ({result['format'] or unknown})")
    for found in output.rows(result["findings"]):
        place = f" {found['path']} : {found['line']}" if found["path"] else ""
        click.echo(f"  [{found['flag']}] {found['rule']}{place}")
        click.echo(f"      {output.say_dict(found['message'])}")
        if output.say_dict(found["hint"]):
            click.echo(f"      -> {output.say_dict(found['hint'])}")
