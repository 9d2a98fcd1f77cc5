"""`silkgate log witness`: have the log's checkpoint cosigned, or be the witness of others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

from gateway.cli import options, output
from gateway.cli.files import content, present
from gateway.cli.help import Group
from gateway.cli.log.keys import log_key, witness_key

_REFUSED: Final = 3
_OK: Final = 200

_home = click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="SILKGATE_LOG_HOME",
    default=Path("log"),
    show_default=True,
    help="The folder of the log, or of the witness.",
)


@click.group("witness", cls=Group)
def witness_group() -> None:
    """Cosignatures: ask a witness for one, or be one (C2SP tlog-witness)."""


@witness_group.command("ask")
@click.argument("url")
@click.option("--key", required=True, help="File with the witness's key.")
@click.option(
    "--ca",
    type=click.Path(path_type=Path, dir_okay=False),
    help="PEM of the authority that the witness's TLS certificate is from; else the system's.",
)
@_home
@options.as_json
def ask(url: str, *, key: str, ca: Path | None, home: Path, as_json: bool) -> None:
    """Have the witness at URL cosign the newest checkpoint; a gateway's is https://HOST/v1/witness.

    The cosignature is kept with the checkpoint, and every later proof carries it.
    """
    from gateway.wiring.log.watching import line_to
    from ledger import cosigning
    from ledger.cosigning import newest
    from ledger.folder import FolderLog
    from ledger.signature import verifier_for
    from ledger.witness import Answer

    known = verifier_for(witness_key(key))
    with line_to(url, ca and present(ca)) as line, FolderLog(home) as log:

        def send(request: bytes) -> Answer:
            given = line.send("/add-checkpoint", request, {"Content-Type": "text/plain"})
            return Answer(given.status, given.body, given.media_type)

        with log.reading() as now:
            last = newest(now)
            lines = cosigning.ask(now, last, known, send)
        with log.writing() as now:
            now.add_cosignatures(last.size, lines)
    _tell(known.key.name, last.size, as_json=as_json)


@witness_group.command("request")
@click.option("--old", default=0, show_default=True, type=click.IntRange(0), help="Seen before.")
@_home
@options.as_json
def request_command(*, old: int, home: Path, as_json: bool) -> None:
    """Write the request for a witness that is not on line (it has seen OLD entries)."""
    from ledger import cosigning
    from ledger.folder import FolderLog

    with FolderLog(home) as log, log.reading() as now:
        asked = cosigning.request(now, cosigning.newest(now), old)
    if as_json:
        output.line({"old": old, "request": asked.decode()})
    else:
        sys.stdout.buffer.write(asked)


@witness_group.command("join")
@click.argument("given")
@click.option("--key", required=True, help="File with the witness's key.")
@_home
@options.as_json
def join(given: str, *, key: str, home: Path, as_json: bool) -> None:
    """Keep the cosignature in the file GIVEN (or -) with the newest checkpoint it is of."""
    from ledger.cosigning import newest
    from ledger.folder import FolderLog
    from ledger.note import Note
    from ledger.signature import verifier_for
    from ledger.witness import Answer, read_answer

    known = verifier_for(witness_key(key))
    with FolderLog(home) as log, log.writing() as now:
        last = newest(now)
        lines = read_answer(Answer(_OK, content(given)), Note.parse(last.note).text, known)
        now.add_cosignatures(last.size, lines)
    _tell(known.key.name, last.size, as_json=as_json)


def _tell(witness: str, size: int, *, as_json: bool) -> None:
    shown = {"witness": witness, "size": size, "cosigned": True}
    output.line(shown) if as_json else click.echo(f"ok {witness} {size}")


@witness_group.command("init")
@click.option("--name", required=True, help="The witness's name, e.g. port.example/witness.")
@_home
@options.as_json
def init(name: str, *, home: Path, as_json: bool) -> None:
    """Make a witness with a key of its own; its verifier key is printed."""
    from ledger.folderwitness import FolderWitness

    with FolderWitness.init(home, name) as made:
        key = str(made.cosigner.key)
    output.line({"name": name, "key": key}) if as_json else click.echo(key)


@witness_group.command("answer")
@click.argument("request")
@click.option("--log", "logs", multiple=True, required=True, help="File with a known log's key.")
@_home
@options.as_json
def answer(request: str, *, logs: tuple[str, ...], home: Path, as_json: bool) -> None:
    """Answer one add-checkpoint REQUEST (a file, or -): cosign what extends what was seen.

    Exit code 3 when it is refused; the answer's status and body are those of the protocol.
    """
    from ledger.folderwitness import FolderWitness
    from ledger.signature import verifier_for
    from ledger.witness import Witness

    known = [verifier_for(log_key(name)) for name in logs]
    with FolderWitness(home) as store:
        given = Witness(store.cosigner, known, store).add_checkpoint(content(request))
    if as_json:
        output.line({"status": given.status, "body": given.body.decode()})
    else:
        sys.stdout.buffer.write(given.body)
    sys.exit(0 if given.status == _OK else _REFUSED)
