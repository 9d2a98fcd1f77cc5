"""What `silkgate verify` needs beside the file to judge a record of title, and how it is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.cli import output
from gateway.cli.files import content
from gateway.cli.lazy import say
from gateway.cli.title.reading import remark_line
from schemas.errors import InputError
from schemas.text import Text

if TYPE_CHECKING:
    from certs.records import Recorded
    from certs.records.pending import Pages
    from gateway.transport.asking import Allowed, Asked
    from gateway.wiring.records.records import RecordAuditor

PROVEN: Final = "issuers-register"
"""The policy that asks for proof that the register is the issuer's."""

RESOLVER: Final = re.compile(r"https://[^/?#@\s]+(/[^?#\s]*)?")
HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?")

_QUESTIONS: Final = {
    "integrity": Text("Integrity", "完整性"),
    "issuer_identity": Text("Issuer identity", "签发方身份"),
    "title": Text("Title", "物权状态"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where answers come from: a file of recorded ones, else those who may be asked.

    `rpc` are JSON-RPC addresses of chains; `proven` asks for proof that the register is
    the issuer's; `lists` are status lists as files, `did_registry` the registry of DIDs on that
    chain; `record` is the file that answers are written to, `contexts` a folder of JSON-LD ones.
    """

    identity: Path | None = None
    rpc: tuple[str, ...] = ()
    resolvers: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    authority: Path | None = None
    lists: tuple[Path, ...] = ()
    did_registry: str = ""
    contexts: Path | None = None
    record: Path | None = None
    proven: bool = False
    home: Path | None = None

    @property
    def allowed(self) -> Allowed:
        """Whom one may ask: those named here, and those of the gateway in `home`."""
        from gateway.transport.asking import Allowed
        from gateway.wiring.records import identities

        named = Allowed(resolvers=self.resolvers, hosts=self.hosts, authority=self.authority)
        settled = Allowed() if self.home is None else identities.of_home(self.home)
        return identities.joined(settled, named)

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes named here, and those of the gateway in `home`."""
        from gateway.wiring.records import identities

        return self.rpc + (() if self.home is None else identities.chains(self.home))

    def settled(self, home: Path, *, offline: bool, proven: bool) -> Sources:
        """Return these sources beside those of a gateway's settings; offline nobody is asked."""
        from gateway.wiring.records import identities

        known = self.contexts or identities.contexts_of(home)
        if offline:
            return Sources(identity=self.identity, lists=self.lists, contexts=known, proven=proven)
        return replace(self, home=home, contexts=known, proven=proven)


NOBODY: Final = Sources()
"""Nobody is asked."""


class BadAddress(InputError):
    """A resolver or host cannot be asked."""

    code = "SG-1135"
    title = Text("{where} is no {what} that can be asked.", "{where} 不是可查询的{what_zh}。")
    hint = Text(
        "A resolver is written https://HOST/PATH, a host HOST or HOST:PORT.",
        "解析器写作 https://HOST/PATH,主机写作 HOST 或 HOST:PORT。",
    )
    exit_code = 2


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options about records of title, as one argument `sources`."""

    @wraps(command)
    def gathered(
        *,
        identity: Path | None,
        rpc: tuple[str, ...],
        resolvers: tuple[str, ...],
        hosts: tuple[str, ...],
        authority: Path | None,
        lists: tuple[Path, ...],
        did_registry: str,
        contexts: Path | None,
        record: Path | None,
        **others: Any,  # noqa: ANN401 - the options of the command itself
    ) -> Any:  # noqa: ANN401
        sources = Sources(
            identity=_whole(identity),
            rpc=rpc,
            resolvers=resolvers,
            hosts=hosts,
            authority=_whole(authority),
            lists=tuple(each.absolute() for each in lists),
            did_registry=did_registry,
            contexts=_whole(contexts),
            record=_whole(record),
        )
        return command(sources=sources, **others)

    for option in reversed(_OPTIONS):
        gathered = option(gathered)
    return gathered


def _whole(path: Path | None) -> Path | None:
    return None if path is None else path.absolute()


def _resolvers(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    for each in given:
        if not RESOLVER.fullmatch(each):
            raise BadAddress(where=each, what="resolver", what_zh="解析器")
    return given


def _hosts(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    for each in given:
        if not HOST.fullmatch(each):
            raise BadAddress(where=each, what="host", what_zh="主机")
    return given


_OPTIONS: Final = (
    click.option(
        "--identity",
        type=click.Path(path_type=Path),
        help="Recorded DNS and did:web answers (JSON), for bills of lading; nobody is asked then.",
    ),
    click.option(
        "--resolver",
        "resolvers",
        multiple=True,
        callback=_resolvers,
        metavar="URL",
        help="Ask this DNS-over-HTTPS resolver for issuers' domains; may be given repeatedly.",
    ),
    click.option(
        "--web",
        "hosts",
        multiple=True,
        callback=_hosts,
        metavar="HOST",
        help="Fetch did:web documents and status lists from this host; may be given repeatedly.",
    ),
    click.option(
        "--web-ca",
        "authority",
        type=click.Path(path_type=Path),
        metavar="PEM",
        help="Authority of resolvers and hosts, instead of the system's.",
    ),
    click.option(
        "--status-list",
        "lists",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="A status list credential, instead of fetching it; may be given repeatedly.",
    ),
    click.option(
        "--did-registry",
        default="",
        metavar="ADDRESS",
        help="Registry of DIDs (ERC-1056) on the chain of --rpc, where it is not a known one.",
    ),
    click.option(
        "--contexts",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="Folder of JSON-LD contexts beside those built in, pinned in its contexts.toml.",
    ),
    click.option(
        "--record",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="OUT",
        help="Write down what was answered, for --identity.",
    ),
    click.option(
        "--rpc",
        multiple=True,
        metavar="URL",
        help="Node of a chain that keeps titles, stores or DIDs; may be given repeatedly.",
    ),
)


@cache
def auditor(sources: Sources) -> RecordAuditor:
    """Return the auditor of records that the options ask for."""
    from certs.records import contexts
    from certs.records.contexts import given
    from gateway.wiring.records.lookups import Given, Lookups
    from gateway.wiring.records.nodes import connected
    from gateway.wiring.records.records import RecordAuditor
    from gateway.wiring.records.registers import ChainRegister

    found = answers(sources)
    pages: Pages = found
    if sources.lists:
        pages = Given.of((content(str(each)) for each in sources.lists), found)
    chains = connected(sources.nodes)
    lookups = Lookups(pages, chains, sources.did_registry)
    known = contexts.NONE if sources.contexts is None else given.read(sources.contexts)
    return RecordAuditor(found, ChainRegister(*chains), lookups, known, proven=sources.proven)


@cache
def answers(sources: Sources) -> Asked | Recorded:
    """Return who answers for issuers: a file of recorded answers, else those who may be asked."""
    from certs.records import Recorded
    from gateway.transport.asking import Asked

    path = sources.identity
    if path is not None:
        return Recorded.parse(content(str(path)), str(path))
    return Asked(sources.allowed)


def write_down(sources: Sources) -> None:
    """Write what was answered to the file that `--record` names, if it does."""
    from certs.records import Recorded

    if sources.record is not None:
        found = answers(sources)
        recorded = found if isinstance(found, Recorded) else found.recorded()
        sources.record.write_bytes(recorded.write())


def show(result: Mapping[str, object]) -> None:
    """Print the three answers with their reasons, what was not checked, and the remarks."""
    reasons = result.get("why")
    why: Mapping[str, object] = reasons if isinstance(reasons, Mapping) else {}
    for name, label in _QUESTIONS.items():
        reason = output.say_dict(why.get(name, ""))
        click.echo(f"  {say(label)}: {result[name]}  {reason}".rstrip())
    asked = result.get("asked")
    for name, found in (asked if isinstance(asked, Mapping) else {}).items():
        click.echo(f"  {say(Text('Asked', '已查询'))}: {name}  {_answered(found)}")
    for each in output.rows(result.get("unchecked")):
        click.echo(f"  {say(Text('Not checked', '未检查'))}: {output.say_dict(each)}")
    for link in output.rows(result.get("history")):
        if remark := remark_line(link):
            click.echo(f"  {link['n']} {link['action']}: {remark}")


def _answered(how: Mapping[str, object]) -> str:
    """Return in a line how an answer came."""
    if how["problem"]:
        return say(Text("no answer", "无答复")) + f" ({how['problem']})"
    secure = say(Text("DNSSEC verified there", "对方已验证 DNSSEC")) if how["authenticated"] else ""
    return ", ".join(filter(None, (str(how["by"]), str(how["at"]), secure)))
