"""`silkgate convert`: one document into another format, with the complete loss report."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

import adapters
from gateway.cli import options, output
from gateway.cli.files import content
from gateway.cli.lazy import say
from gateway.cli.reading import document
from schemas.errors import InputError
from schemas.finding import Flag
from schemas.loss import LossClass
from schemas.text import Text

if TYPE_CHECKING:
    from gateway.clearance.corridor import Corridor

_INVALID = 3


class BadProfile(InputError):
    """A corridor profile cannot be read."""

    code = "SG-1121"
    title = Text("The profile {where} cannot be read: {reason}", "无法读取配置 {where}:{reason}")
    hint = Text("See docs/corridors.md.", "请参阅 docs/corridors.md。")
    exit_code = 2


@click.command("convert")
@click.argument("file")
@click.option("--to", "target", required=True, help="Format id; see `silkgate adapters`.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Output file, else stdout.")
@click.option("--profile", help="Corridor: its id (cn-sg), or a profile of your own (TOML).")
@click.option("--with", "related", multiple=True, help="A document to join (invoice, lading).")
@click.option("--pdf", help="For facturx: the PDF to put the invoice into, else one is drawn.")
@click.option("--report", type=click.Path(path_type=Path), help="Write the loss report (JSON).")
@options.as_json
def command(
    file: str,
    *,
    target: str,
    out: Path | None,
    profile: str | None,
    related: tuple[str, ...],
    pdf: str | None,
    report: Path | None,
    as_json: bool,
) -> None:
    """Translate FILE into the format `--to`; exit 3 if the result would be invalid there."""
    settings = {"pdf": content(pdf)} if pdf else None
    rendering = rendered(file, target, profile, related, settings)
    if report:
        report.write_text(
            json.dumps(rendering.report.as_dict(), ensure_ascii=False, indent=1), encoding="utf-8"
        )
    if out:
        out.write_bytes(rendering.data)
    elif not as_json:
        sys.stdout.buffer.write(rendering.data)
    if as_json:
        output.line(summary(file, out, rendering))
    else:
        _show(rendering)
    sys.exit(failed(rendering))


def rendered(
    file: str,
    target: str,
    profile: str | None,
    related: tuple[str, ...],
    settings: Mapping[str, object] | None,
) -> adapters.Rendering:
    """Read FILE and what is related, and write; along a corridor only what may cross."""
    from gateway.wiring.papers import translate

    along = _corridor(profile) if profile else None
    return translate(document(file), target, list(map(document, related)), along, settings)


def failed(rendering: adapters.Rendering) -> int:
    """Return the exit code: 3 for a result that lacks something mandatory or is invalid."""
    fatal = any(finding.flag is Flag.FATAL for finding in rendering.findings)
    return _INVALID if fatal or rendering.report.missing else 0


def _corridor(profile: str) -> Corridor:
    from gateway.clearance.corridor import corridors, load

    if profile in corridors():
        return corridors()[profile]
    try:
        return load(tomllib.loads(content(profile).decode()))
    except KeyError as error:
        raise BadProfile(where=profile, reason=f"{error} is missing") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise BadProfile(where=profile, reason=str(error)) from error


def summary(file: str, out: Path | None, rendering: adapters.Rendering) -> dict[str, object]:
    """Return what `convert --json` prints of a translation."""
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
        reason = say(Text.of(entry.reason))
        click.echo(f"  {entry.cls.value} {entry.path} = {entry.value}: {reason}", err=True)
    for gap in report.missing:
        missing = say(Text("missing", "缺少"))
        click.echo(f"  {missing} {gap.target} ({gap.term}): {say(Text.of(gap.reason))}", err=True)
    for finding in rendering.findings:
        click.echo(f"  [{finding.flag}] {finding.path}: {say(finding.message)}", err=True)
