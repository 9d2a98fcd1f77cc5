"""`silkgate title`: the title register from the command line."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli import options, output
from gateway.cli.files import content, worst
from gateway.cli.help import Group
from gateway.cli.lazy import say
from gateway.cli.log.keys import log_key, policy_of
from gateway.cli.title.act import act, issue, key
from gateway.cli.title.chain import deploy, status
from gateway.cli.title.cross import cross
from gateway.cli.title.home import home, readable_in, shown, tell
from gateway.cli.title.move import move, moves
from gateway.cli.title.order import grant, sign
from gateway.cli.title.place import Place, place_options
from gateway.cli.title.reading import (
    Reading,
    epochs_in,
    epochs_option,
    reader_options,
    show_link,
)
from gateway.cli.title.share import reader_command, share
from ledger.title.history import Outcome, replay
from schemas.errors import LedgerError, SilkgateError
from schemas.text import Text

if TYPE_CHECKING:
    from ledger.title.historyfile import VerifiedHistory

_ACCEPTED: Final = Text("accepted", "接受")
_REJECTED: Final = Text("rejected", "拒绝")
_REFUSED: Final = 3


@click.group("title", cls=Group)
def group() -> None:
    """Title to goods: who holds the bill, and how it came to them."""


for each in (
    act,
    issue,
    key,
    deploy,
    status,
    grant,
    sign,
    cross,
    reader_command,
    share,
    move,
    moves,
):
    group.add_command(each)


@group.command("replay")
@click.argument("files", nargs=-1, required=True, metavar="HISTORY.jsonl...")
@options.as_json
def replay_command(files: tuple[str, ...], *, as_json: bool) -> None:
    """Run title histories through the machine: per action accepted or rejected, and the state."""
    codes = []
    for name in files:
        beside = {"file": name} if len(files) > 1 else {}
        try:
            for outcome in replay(io.BytesIO(content(name))):
                output.line({**beside, **outcome.as_dict()}) if as_json else _show(outcome)
        except SilkgateError as error:
            codes.append(output.report(error, as_json=as_json, **beside))
    sys.exit(worst(codes))


@group.command("init")
@click.option("--origin", required=True, help="The register's name, e.g. port.example/titles.")
@home
@options.as_json
def init(origin: str, *, home: Path, as_json: bool) -> None:
    """Make a register with a log and a key of its own; its verifier key is printed."""
    from ledger.title.folder import make

    with make(home, origin) as register:
        found = {"origin": origin, "key": str(register.key)}
    output.line(found) if as_json else click.echo(found["key"])
    sys.exit(0)


@group.command("show")
@click.argument("title")
@reader_options
@place_options
@options.as_json
def show(title: str, *, reader: Reading, place: Place, as_json: bool) -> None:
    """Tell who holds a title now, and every action on it.

    With --reader-key also the private remarks and names that were sealed for it.
    """
    with place.opened() as register, register.looking() as looking:
        opened = looking.shared(title).opened(reader.given)
        links = [opened.link(link.as_dict()) for link in looking.history(title)]
        standing = looking.standing(title)
    found = {"title": title, "n": standing.n, **shown(standing.state), "history": links}
    if as_json:
        output.line({**found, **opened.as_dict()})
        sys.exit(0)
    for number, link in enumerate(links):
        show_link(number, link, opened.names)
    tell(shown(standing.state))
    sys.exit(0)


@group.command("export")
@click.argument("title")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Where to write the file.")
@click.option(
    "--epochs",
    "keys",
    type=click.Path(path_type=Path),
    help="Where to write the sealed keys of its private remarks, for those who may read them.",
)
@place_options
@options.as_json
def export(title: str, *, out: Path | None, keys: Path | None, place: Place, as_json: bool) -> None:
    """Write the history of a title as a file that proves itself offline."""
    from ledger.title.epochsfile import EpochsFile

    with place.opened() as register, register.looking() as looking:
        data = looking.export(title)
        epochs = looking.epochs(title)
    if keys is not None:
        keys.write_bytes(EpochsFile(tuple(epochs)).encode())
    if out is not None:
        out.write_bytes(data)
    if as_json:
        output.line({"title": title, "out": out and str(out), "bytes": len(data)})
    elif out is None:
        click.echo(data, nl=False)
    sys.exit(0)


@group.command("verify")
@click.argument("file")
@click.option("--key", "key_file", required=True, help="File with the log's verifier key.")
@click.option("--witness", multiple=True, help="File with the key of a witness that must sign.")
@epochs_option
@reader_options
@options.as_json
def verify(
    file: str,
    *,
    key_file: str,
    witness: tuple[str, ...],
    keys: Path | None,
    reader: Reading,
    as_json: bool,
) -> None:
    """Verify a history file offline; exit 3 if it does not hold."""
    from ledger.title.epochs import Epochs, sharers
    from ledger.title.historyfile import verify_history

    try:
        found = verify_history(content(file), log_key(key_file), policy_of(witness))
        shared = Epochs.read(found.last.title, epochs_in(keys).epochs, sharers(found.standings))
    except LedgerError as error:
        result: dict[str, object] = {"file": file, "verified": False, "error": error.as_dict()}
        output.line(result) if as_json else output.report(error, as_json=False)
        sys.exit(_REFUSED)
    result = {"file": file, "verified": True, **_told(found)}
    opened = shared.opened(reader.given)
    links = [opened.link(link.as_dict()) for link in found.links]
    if as_json:
        output.line({**result, "history": links, **opened.as_dict()})
        sys.exit(0)
    for number, link in enumerate(links):
        show_link(number, link, opened.names)
    tell(result)
    sys.exit(0)


def _told(found: VerifiedHistory) -> dict[str, object]:
    """Return what a verified history says of its title."""
    from schemas.clock import iso

    last = found.last
    return {
        "register": last.register,
        "title": last.title,
        "n": last.n,
        "as_of": iso(found.as_of),
        "stamps": sum(each is not None for each in found.stamps),
        **shown(last.state),
    }


@group.command("fsck")
@home
@options.as_json
def fsck_command(*, home: Path, as_json: bool) -> None:
    """Derive every title and its log anew and compare; exit 3 if something does not agree."""
    from gateway.wiring.log.opening import open_all
    from ledger.fsck import fsck
    from ledger.signature import verifier_for

    with readable_in(home) as register:
        findings = register.check()
    for log in open_all(home):
        with log, log.reading() as now:
            findings += fsck(now.tiles, verifier_for(log.key)).findings
    for finding in findings if not as_json else ():
        click.echo(f"{finding.rule} {finding.path}: {say(finding.message)}")
    if as_json:
        output.line({"sound": not findings, "findings": [each.as_dict() for each in findings]})
    sys.exit(_REFUSED if findings else 0)


def _show(outcome: Outcome) -> None:
    move, state = outcome.move, outcome.state
    asked = " ".join([move.action, *(each or "-" for each in move.args)])
    verdict = say(_REJECTED if outcome.refused else _ACCEPTED)
    held = f"{state.beneficiary or '-'}/{state.holder or '-'} {state.location.value}"
    click.echo(f"{outcome.n:>4} {move.actor}: {asked}: {verdict} [{held}]")
    if outcome.refused:
        click.echo(f"     {say(outcome.refused.guard.value)}")
