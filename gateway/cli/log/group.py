"""`silkgate log`: the transparency log, in a folder of its own or of a gateway (`--home`)."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli import options, output
from gateway.cli.files import content
from gateway.cli.help import Group
from gateway.cli.lazy import say
from gateway.cli.log.keys import log_key, policy_of
from gateway.cli.log.watch import watch
from gateway.cli.log.witness import witness_group
from schemas.errors import InputError, LedgerError
from schemas.text import Text

if TYPE_CHECKING:
    from ledger.fsck import FsckReport

_REFUSED = 3

_ALONE: Final = Path("log")


def _default() -> Path:
    """Return `log` where there is one, else the gateway's folder if there is that."""
    gateway = Path(os.environ.get("SILKGATE_HOME", ".silkgate"))
    return gateway if not _ALONE.exists() and (gateway / "silkgate.toml").exists() else _ALONE


_folder = click.Path(path_type=Path, file_okay=False)
_home = click.option(
    "--home",
    type=_folder,
    envvar="SILKGATE_LOG_HOME",
    default=_ALONE,
    show_default=True,
    help="The log's folder.",
)
_any_home = click.option(
    "--home",
    type=_folder,
    envvar="SILKGATE_LOG_HOME",
    default=_default,
    show_default="log, else the gateway's",
    help="The folder of a log or of a gateway.",
)


class NotADigestLine(InputError):
    """A line of a digest file is not a hexadecimal SHA-256."""

    code = "SG-1122"
    title = Text("{where} is not a hexadecimal SHA-256.", "{where} 不是十六进制的 SHA-256。")
    hint = Text("Write one digest of 64 digits per line.", "每行写一个 64 位十六进制摘要。")
    exit_code = 2


@click.group("log", cls=Group)
def group() -> None:
    """The transparency log."""


group.add_command(watch)
group.add_command(witness_group)


@group.command("init")
@click.option("--origin", required=True, help="The log's name, e.g. port.example/log1.")
@_home
@options.as_json
def init(origin: str, *, home: Path, as_json: bool) -> None:
    """Make a new log with a key of its own; its verifier key is printed."""
    from ledger.folder import FolderLog

    with FolderLog.init(home, origin) as log:
        key = str(log.key)
    output.line({"origin": origin, "key": key}) if as_json else click.echo(key)


@group.command("append")
@click.option("--digests", required=True, help="A hex SHA-256 per line; `-` is standard input.")
@_home
@options.as_json
def append(digests: str, *, home: Path, as_json: bool) -> None:
    """Append entries and sign the checkpoint that covers them."""
    from ledger.folder import FolderLog

    entries = _digests(digests)
    with FolderLog(home) as log:
        indices = log.append(entries)
        with log.reading() as now:
            size, root = now.size, now.root()
    found = {"first": indices.start, "count": len(indices), "size": size, "root": root.hex()}
    output.line(found) if as_json else click.echo(f"{size} {root.hex()}")


@group.command("prove")
@click.option("--index", required=True, type=click.IntRange(0), help="Number of the entry, from 0.")
@click.option(
    "--size", type=click.IntRange(1), help="Tree size; the smallest checkpoint if left out."
)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write the proof file here.")
@_any_home
@options.as_json
def prove(index: int, *, size: int | None, out: Path | None, home: Path, as_json: bool) -> None:
    """Prove that entry INDEX is in the log: a tlog-proof file, or path and root as JSON."""
    from gateway.wiring.log.opening import open_log

    with open_log(home) as log:
        if as_json:
            with log.reading() as now:
                found = now.prove(index, size)
            proof = [node.hex() for node in found.path]
            output.line(
                {"index": index, "size": found.size, "proof": proof, "root": found.root.hex()}
            )
            if out is None:
                return
        text = bytes(log.proof(index, size))
    if out:
        out.write_bytes(text)
    else:
        sys.stdout.buffer.write(text)


@group.command("consistency")
@click.option("--old", required=True, type=click.IntRange(0), help="The smaller size.")
@click.option("--new", type=click.IntRange(0), help="The whole log if left out.")
@_any_home
@options.as_json
def consistency(*, old: int, new: int | None, home: Path, as_json: bool) -> None:
    """Prove that the first NEW entries extend the first OLD."""
    from gateway.wiring.log.opening import open_log

    with open_log(home) as log, log.reading() as now:
        found = now.consistency(old, new)
    nodes = [node.hex() for node in found.path]
    if as_json:
        roots = {"old_root": found.old_root.hex(), "new_root": found.new_root.hex()}
        output.line({"old": found.old, "new": found.new, "proof": nodes, **roots})
    else:
        click.echo("\n".join(nodes))


@group.command("verify")
@click.argument("proof")
@click.option("--document", required=True, help="The document the proof is about.")
@click.option("--key", required=True, help="File with the log's verifier key.")
@click.option("--witness", multiple=True, help="File with a witness's key; all must have cosigned.")
@options.as_json
def verify(proof: str, *, document: str, key: str, witness: tuple[str, ...], as_json: bool) -> None:
    """Check a tlog-proof for a document; exit 3 when it does not hold."""
    from ledger.proof import TlogProof, verify_document
    from ledger.shards import key_for
    from ledger.signature import verifier_for

    proof_file, about = content(proof), content(document)
    try:
        log = verifier_for(key_for(log_key(key), TlogProof.parse(proof_file).origin))
        signed = verify_document(proof_file, about, log, policy_of(witness))
    except LedgerError as refused:
        sys.exit(max(output.report(refused, as_json=as_json), _REFUSED))
    found = signed.checkpoint
    result = {
        "verified": True,
        "origin": found.origin,
        "size": found.size,
        "root": found.root.hex(),
    }
    output.line(result) if as_json else click.echo(f"ok {found.origin} {found.size}")


@group.command("fsck")
@_any_home
@options.as_json
def fsck(home: Path, *, as_json: bool) -> None:
    """Derive the whole log anew from its entries and compare everything that is stored.

    A gateway's log with all its shards, one result each.
    """
    from gateway.wiring.log.opening import open_all
    from ledger.fsck import fsck as check
    from ledger.signature import verifier_for

    sound = True
    for log in open_all(home):
        with log, log.reading() as now:
            found = check(now.tiles, verifier_for(log.key))
        _told(log.key.name, found, as_json=as_json)
        sound = sound and found.sound
    sys.exit(0 if sound else _REFUSED)


def _told(origin: str, found: FsckReport, *, as_json: bool) -> None:
    if as_json:
        output.line(
            {
                "origin": origin,
                "sound": found.sound,
                "size": found.size,
                "root": found.root.hex(),
                "tiles": found.tiles,
                "checkpoints": found.checkpoints,
                "findings": [finding.as_dict() for finding in found.findings],
            }
        )
    else:
        for finding in found.findings:
            click.echo(f"{finding.path}: {say(finding.message)}")
        counts = f"{found.size} entries, {found.tiles} tiles, {found.checkpoints} checkpoints"
        click.echo(f"{origin}: {counts}")


def _digests(name: str) -> list[bytes]:
    entries = []
    for number, text in enumerate(content(name).decode("ascii", "replace").split("\n"), 1):
        if not text.strip():
            continue
        try:
            entry = bytes.fromhex(text.strip())
        except ValueError:
            entry = b""
        if len(entry) != 32:  # noqa: PLR2004 - SHA-256
            raise NotADigestLine(where=f"{name}:{number}")
        entries.append(entry)
    return entries
