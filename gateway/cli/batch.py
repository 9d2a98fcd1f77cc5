"""`silkgate batch`: validate, verify or convert the files of a whole folder, however many."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from gateway.cli import options, output
from gateway.cli.batchrun import DOCUMENTS, Part, Run
from gateway.cli.files import Result, Work, present
from gateway.cli.help import Group
from schemas.errors import SilkgateError

_ENDINGS: Final = {"application/json": ".json", "application/pdf": ".pdf"}


@click.group("batch", cls=Group)
def group() -> None:
    """The same over the files of a whole folder: resumable, results in one file."""


def _part(context: click.Context, parameter: click.Parameter, value: str) -> Part:  # noqa: ARG001 - click's signature
    number, slash, count = value.partition("/")
    if not re.fullmatch(r"[1-9]\d{0,5}/[1-9]\d{0,5}", value) or int(number) > int(count):
        raise click.BadParameter(f"{value!r} is not like 1/4")
    return Part(int(number), int(count)) if slash else Part()


def _run(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command what every run takes."""
    source = click.argument("source", type=click.Path(path_type=Path))
    out = click.option(
        "-o",
        "--out",
        required=True,
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder for results.jsonl and summary.json; the same one again goes on.",
    )
    part = click.option(
        "--part",
        default="1/1",
        show_default=True,
        callback=_part,
        help="Only this part of the files, such as 2/4: so several machines share a folder.",
    )
    return source(out(part(options.jobs(options.as_json(command)))))


@group.command("validate")
@click.option("--rules", default="auto", show_default=True, help="auto, or rule sets: ID,ID,...")
@click.option(
    "--mode",
    type=click.Choice(["official", "norm"]),
    default="norm",
    show_default=True,
    help="As the official artefacts decide, or as the standards read.",
)
@_run
def validate(
    source: Path, *, rules: str, mode: str, out: Path, part: Part, jobs: int, as_json: bool
) -> None:
    """Check every file of SOURCE; exit 3 when one is invalid."""
    from gateway.cli.validate import validate as one

    run = Run(source, out, _asked("validate", source, part, rules=rules, mode=mode), part)
    _carry_out(run, _by_path(run, partial(one, rules=rules, mode=mode)), jobs, as_json=as_json)


@group.command("verify")
@click.option("--trust", type=click.Path(path_type=Path), help="Trust folder, else --home's.")
@click.option("--at", help="Time of validation (RFC 3339), else that of the start.")
@options.home
@_run
def verify(
    source: Path,
    *,
    trust: Path | None,
    at: str | None,
    home: Path,
    out: Path,
    part: Part,
    jobs: int,
    as_json: bool,
) -> None:
    """Verify every file of SOURCE, offline; exit 3 when one is not verified."""
    from gateway.cli.verify import moment
    from gateway.cli.verify import verify as one

    if trust is not None:
        present(trust)
    asked = _asked("verify", source, part, trust=trust and str(trust), at=at)
    run = Run(source, out, asked, part)
    work = partial(one, trust=trust, home=home, detached={}, at=moment(at))
    _carry_out(run, _by_path(run, work), jobs, as_json=as_json)


@group.command("convert")
@click.option("--to", "target", required=True, help="Format id; see `silkgate adapters`.")
@click.option("--profile", help="Corridor: its id (cn-sg), or a profile of your own (TOML).")
@_run
def convert(
    source: Path,
    *,
    target: str,
    profile: str | None,
    out: Path,
    part: Part,
    jobs: int,
    as_json: bool,
) -> None:
    """Translate every file of SOURCE into the folder `documents` of the results."""
    from adapters.registry import get

    ending = _ENDINGS.get(get(target).media_type, ".xml")
    run = Run(source, out, _asked("convert", source, part, to=target, profile=profile), part)
    work = partial(_convert, run=run, target=target, profile=profile, ending=ending)
    _carry_out(run, work, jobs, as_json=as_json)


def _convert(
    name: str, *, run: Run, target: str, profile: str | None, ending: str
) -> tuple[Result, int]:
    """Translate one file; what lacks something is written all the same, as by `convert`."""
    from gateway.cli.convert import failed, rendered, summary

    try:
        rendering = rendered(str(run.place(name)), target, profile, (), None)
    except SilkgateError as error:
        return {"file": name, "error": error.as_dict()}, error.exit_code
    place = run.out / DOCUMENTS / f"{name}{ending}"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(rendering.data)
    return summary(name, place, rendering), failed(rendering)


def _asked(command: str, source: Path, part: Part, **more: object) -> dict[str, object]:
    where = f"{part.number}/{part.count}"
    return {"command": command, "source": str(source.absolute()), "part": where, **more}


def _named(name: str, *, run: Run, work: Work) -> tuple[Result, int]:
    """Work on one file, and call it by its path in the source."""
    result, code = work(str(run.place(name)))
    return {**result, "file": name}, code


def _by_path(run: Run, work: Work) -> Work:
    """Return work on a file by its path in the source."""
    return partial(_named, run=run, work=work)


def _carry_out(run: Run, work: Work, jobs: int, *, as_json: bool) -> None:
    summary, code = run.carry_out(work, jobs)
    if as_json:
        output.line(summary)
    else:
        for name, value in summary.items():
            click.echo(f"{name}: {value}")
    sys.exit(code)
