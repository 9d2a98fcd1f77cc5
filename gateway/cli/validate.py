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
from schemas.finding import Finding, Flag

_INVALID = 3


@click.command("validate")
@click.option("--rules", default="auto", show_default=True, help="auto, or rule sets: ID,ID,...")
@click.option("--mode", type=click.Choice(["official", "norm"]), default="norm", show_default=True)
@click.option("--together", is_flag=True, help="Also check the files against each other.")
@options.documents
def command(
    files: tuple[str, ...], *, rules: str, mode: str, together: bool, jobs: int, as_json: bool
) -> None:
    """Check each FILE; exit 3 when one is invalid."""
    if together:
        results = _together(files, rules)
    else:
        results = list(each(partial(validate, rules=rules, mode=mode), files, jobs))
    for result, _ in results:
        output.line(result) if as_json else _show(result)
    sys.exit(worst(code for _, code in results))


def validate(name: str, rules: str = "auto", mode: str = "norm") -> tuple[Result, int]:  # noqa: ARG001 - one mode until there are official artefacts to equal
    """Return verdict and findings of one file; what cannot be read is invalid, with a finding."""
    result, code = guarded(name, partial(_validate, name, rules=rules))
    if "error" in result and code != InputError.exit_code:
        return result, code
    if "error" in result:
        return _unreadable(name, result), _INVALID
    return result, code


def _validate(name: str, data: bytes, *, rules: str) -> tuple[Result, int]:
    reading = adapters.read(data)
    return _result(name, reading, adapters.validate(reading, rules))


def _result(name: str, reading: adapters.Reading, findings: list[Finding]) -> tuple[Result, int]:
    valid = not any(finding.flag is Flag.FATAL for finding in findings)
    return {
        "file": name,
        "format": reading.format,
        "rulesets": list(adapters.rulesets(reading)),
        "valid": valid,
        "findings": [finding.as_dict() for finding in findings],
    }, 0 if valid else _INVALID


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
    """Check each file, and the readable ones against each other as one shipment."""
    results = [validate(name, rules) for name in files]
    readable = []
    for at, name in enumerate(files):
        try:
            readable.append((at, adapters.read(content(name))))
        except SilkgateError:
            continue
    matches = adapters.validate_together([reading for _, reading in readable])
    for (at, reading), more in zip(readable, matches, strict=True):
        if more:
            results[at] = _result(files[at], reading, [*adapters.validate(reading, rules), *more])
    return results


def _show(result: Result) -> None:
    if "error" in result:
        error = result["error"]
        text = output.say_dict(error["message"]) if isinstance(error, dict) else ""
        click.echo(f"{result['file']}: {text}")
        return
    verdict = "valid 有效" if result["valid"] else "INVALID 无效"
    click.echo(f"{result['file']}: {verdict} ({result['format']})")
    findings = result["findings"]
    for found in findings if isinstance(findings, list) else ():
        click.echo(f"  [{found['flag']}] {found['rule']} {found['path']} : {found['line']}")
        click.echo(f"      {output.say_dict(found['message'])}")
        if output.say_dict(found["hint"]):
            click.echo(f"      -> {output.say_dict(found['hint'])}")


__all__ = ["command", "say", "validate"]
