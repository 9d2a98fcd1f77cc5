"""What `silkgate verify` needs beside the file to judge a record of title, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.cli import output
from gateway.cli.files import content
from gateway.cli.lazy import say
from schemas.text import Text

if TYPE_CHECKING:
    from gateway.wiring.records import RecordAuditor

PROVEN: Final = "issuers-register"
"""The policy that asks for proof that the register is the issuer's."""

_QUESTIONS: Final = {
    "integrity": Text("Integrity", "完整性"),
    "issuer_identity": Text("Issuer identity", "签发方身份"),
    "title": Text("Title", "物权状态"),
}


@dataclass(frozen=True, slots=True)
class Sources:
    """Where answers come from: recorded ones in a file, a chain's JSON-RPC address ("" = none).

    `proven` asks for proof that the register is the issuer's.
    """

    identity: Path | None = None
    rpc: str = ""
    proven: bool = False


NOBODY: Final = Sources()
"""Nobody is asked."""


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options about records of title."""
    identity = click.option(
        "--identity",
        type=click.Path(path_type=Path),
        help="Recorded DNS and did:web answers (JSON), for bills of lading.",
    )
    rpc = click.option(
        "--rpc", default="", metavar="URL", help="Node of the chain that keeps titles; else none."
    )
    return identity(rpc(command))


@cache
def auditor(sources: Sources) -> RecordAuditor:
    """Return the auditor of records that the options ask for."""
    from certs.records import NotAsked, Recorded
    from gateway.wiring.records import Offline, RecordAuditor, Register
    from gateway.wiring.registers import ChainRegister

    path = sources.identity
    recorded = None if path is None else Recorded.parse(content(str(path)), str(path))
    register: Register = ChainRegister.at(sources.rpc) if sources.rpc else Offline()
    return RecordAuditor(recorded or NotAsked(), register, proven=sources.proven)


def show(result: Mapping[str, object]) -> None:
    """Print the three answers with their reasons, and what was not checked."""
    reasons = result.get("why")
    why: Mapping[str, object] = reasons if isinstance(reasons, Mapping) else {}
    for name, label in _QUESTIONS.items():
        reason = output.say_dict(why.get(name, ""))
        click.echo(f"  {say(label)}: {result[name]}  {reason}".rstrip())
    for each in output.rows(result.get("unchecked")):
        click.echo(f"  {say(Text('Not checked', '未检查'))}: {output.say_dict(each)}")
