"""`silkgate convert`: one document into another format, with the complete loss report."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import click

import adapters
from gateway.cli import options, output
from gateway.cli.files import content
from gateway.cli.lazy import say
from schemas.errors import InputError
from schemas.finding import Flag
from schemas.loss import LossClass
from schemas.text import Text

_INVALID = 3


class BadProfile(InputError):
    """A corridor profile is not TOML."""

    code = "SG-1121"
    title = Text("The profile {where} is not TOML: {reason}", "配置 {where} 不是 TOML:{reason}")
    hint = Text("See docs/corridors.md.", "请参阅 docs/corridors.md。")
    exit_code = 2


@click.command("convert")
@click.argument("file")
@click.option("--to", "target", required=True, help="Format id; see `silkgate adapters`.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Output file, else stdout.")
@click.option("--profile", type=click.Path(path_type=Path), help="Corridor profile (TOML).")
@click.option("--with", "related", multiple=True, help="A document to join (invoice, lading).")
@click.option("--report", type=click.Path(path_type=Path), help="Write the loss report (JSON).")
@options.as_json
def command(
    file: str,
    *,
    target: str,
    out: Path | None,
    profile: Path | None,
    related: tuple[str, ...],
    report: Path | None,
    as_json: bool,
) -> None:
    """Translate FILE into the format `--to`; exit 3 if the result would be invalid there."""
    rendering = adapters.convert(
        content(file),
        target,
        profile=_profile(profile),
        related=[content(name) for name in related],
    )
    if report:
        report.write_text(
            json.dumps(rendering.report.as_dict(), ensure_ascii=False, indent=1), encoding="utf-8"
        )
    if out:
        out.write_bytes(rendering.data)
    elif not as_json:
        sys.stdout.buffer.write(rendering.data)
    if as_json:
        output.line(_summary(file, out, rendering))
    else:
        _show(rendering)
    fatal = any(finding.flag is Flag.FATAL for finding in rendering.findings)
    sys.exit(_INVALID if fatal or rendering.report.missing else 0)


def _profile(path: Path | None) -> dict[str, object] | None:
    if path is None:
        return None
    try:
        return tomllib.loads(content(str(path)).decode())
    except ValueError as error:
        raise BadProfile(where=str(path), reason=str(error)) from error


def _summary(file: str, out: Path | None, rendering: adapters.Rendering) -> dict[str, object]:
    return {
        "file": file,
        "out": None if out is None else str(out),
        "findings": [finding.as_dict() for finding in rendering.findings],
        "report": rendering.report.as_dict(),
    }


def _show(rendering: adapters.Rendering) -> None:
    report = rendering.report
    counted = {cls: sum(entry.cls is cls for entry in report.entries) for cls in LossClass}
    click.echo(
        ", ".join(f"{cls.value} {count}" for cls, count in counted.items() if count), err=True
    )
    for entry in report.lost():
        click.echo(f"  {entry.cls.value} {entry.path} = {entry.value}: {entry.reason}", err=True)
    for gap in report.missing:
        missing = say(Text("missing", "缺少"))
        click.echo(f"  {missing} {gap.target} ({gap.term}): {gap.reason}", err=True)
    for finding in rendering.findings:
        click.echo(f"  [{finding.flag}] {finding.path}: {say(finding.message)}", err=True)
