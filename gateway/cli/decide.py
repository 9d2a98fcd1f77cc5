"""`silkgate decide`: an EN 319 102-1 decision over diagnostic data, without cryptography."""

from __future__ import annotations

import sys
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli import options, output
from gateway.cli.files import Result, about, content, each, guarded, worst
from gateway.cli.lazy import say
from schemas.text import Text

if TYPE_CHECKING:
    from certs.decision.policy import Policy

_PASSED: Final = "TOTAL-PASSED"
_NOT_VERIFIED: Final = 3
_SIGNATURE: Final = Text("signature", "签名")
_TIMESTAMP: Final = Text("time-stamp", "时间戳")


@click.command("decide")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--policy",
    type=click.Path(path_type=Path),
    help="Validation policy (ConstraintsParameters XML), else the built-in one.",
)
@options.jobs
@options.as_json
def command(files: tuple[str, ...], *, policy: Path | None, jobs: int, as_json: bool) -> None:
    """Decide on each FILE of diagnostic data, at its own time; exit 3 unless passed."""
    _policy(policy)
    codes = []
    for result, code in each(partial(decide, policy=policy), files, jobs):
        output.line(result) if as_json else _show(result)
        codes.append(code)
    sys.exit(worst(codes))


def decide(name: str, *, policy: Path | None) -> tuple[Result, int]:
    """Return the decision on one file."""
    return guarded(name, partial(_decide, name, policy))


def _decide(name: str, policy: Path | None, data: bytes) -> tuple[Result, int]:
    from certs import decision

    found = decision.decide(data, _policy(policy))
    overall = found.overall
    result: Result = {
        "file": name,
        "indication": overall.indication.value,
        "subindication": overall.subindication and overall.subindication.value,
        "reason": overall.reason and overall.reason.as_dict(),
        "signatures": [one.as_dict() for one in found.signatures],
        "timestamps": [one.as_dict() for one in found.timestamps],
    }
    return result, 0 if overall.indication.value == _PASSED else _NOT_VERIFIED


@cache
def _policy(path: Path | None) -> Policy | None:
    """Return the policy in a file; raises when it cannot be read, before any file is looked at."""
    if path is None:
        return None
    from certs.decision import policy

    with about(str(path)):
        return policy.read(content(str(path)))


def _show(result: Result) -> None:
    if "error" in result:
        output.failed(result)
        return
    click.secho(f"{result['file']}: {result['indication']}", bold=True)
    for kind, name in ((_SIGNATURE, "signatures"), (_TIMESTAMP, "timestamps")):
        for one in output.rows(result[name]):
            why = f" [{one['subindication']}]" if one["subindication"] else ""
            reason = f": {output.say_dict(one['reason'])}" if one["reason"] else ""
            click.echo(f"  {say(kind)} {one['id']} {one['indication']}{why}{reason}")
