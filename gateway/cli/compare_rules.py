"""`silkgate compare-rules`: which invoices change their verdict between two sets of rules."""

from __future__ import annotations

import errno
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

import adapters
from gateway.cli import options, output
from gateway.cli.files import NoSuchFile, Result, each, guarded
from gateway.cli.lazy import say
from gateway.cli.opened import gateway_in
from schemas.document import Family
from schemas.errors import SilkgateError
from schemas.finding import Finding, Flag
from schemas.rules.invoice import editions
from schemas.text import Text

if TYPE_CHECKING:
    from gateway.store.database import Store

_CHANGED: Final = 3
_PAGE: Final = 200


@click.command("compare-rules")
@click.argument("old")
@click.argument("new")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--stored", is_flag=True, help="The invoices that the gateway of --home keeps.")
@click.option("--all", "everything", is_flag=True, help="List those that do not change as well.")
@options.jobs
@options.home
@options.as_json
def command(
    old: str,
    new: str,
    paths: tuple[Path, ...],
    *,
    stored: bool,
    everything: bool,
    jobs: int,
    home: Path,
    as_json: bool,
) -> None:
    """List the invoices whose verdict differs between the rules OLD and NEW (ID,ID,...).

    PATHS are files or folders. Exit 3 when one changes.
    """
    if not paths and not stored:
        raise click.UsageError("PATHS, or --stored")
    _known(old)
    _known(new)
    work = partial(compare, old=old, new=new)
    files = each(work, list(_files(paths)), jobs)
    kept = _stored(home, old, new) if stored else iter(())
    counted: Counter[str] = Counter()
    for result, _ in chain(files, kept):
        kind = _kind(result)
        counted[kind] += 1
        if everything or kind != "unchanged":
            output.line(result) if as_json else _show(result, kind)
    summary = {kind: counted[kind] for kind in _KINDS}
    if as_json:
        output.line({"old": old, "new": new, "documents": counted.total(), **summary})
    else:
        click.echo(", ".join(f"{say(_KINDS[kind])} {count}" for kind, count in summary.items()))
    sys.exit(_CHANGED if counted["to_invalid"] or counted["to_valid"] else 0)


def _known(rules: str) -> None:
    """Raise UnknownRuleSet for ids of which there is none, before any file is looked at."""
    for each_id in rules.split(",") if rules != "auto" else ():
        editions.edition(each_id)


def compare(name: str, old: str, new: str) -> tuple[Result, int]:
    """Return both verdicts on one file, and which rules come and go."""
    return guarded(name, partial(_compare, name, old=old, new=new))


_KINDS: Final = {
    "to_invalid": Text("become invalid", "变为无效"),
    "to_valid": Text("become valid", "变为有效"),
    "other_findings": Text("same verdict, other findings", "结论相同、检查结果不同"),
    "unchanged": Text("unchanged", "不变"),
    "not_compared": Text("not compared", "未比较"),
}


def _compare(name: str, data: bytes, *, old: str, new: str) -> tuple[Result, int]:
    reading = adapters.read(data)
    before, after = (adapters.official(reading, rules) for rules in (old, new))
    gone, come = _rules(before[1]), _rules(after[1])
    return {
        "file": name,
        "format": reading.format,
        "number": reading.document.value("BT-1"),
        "old": {"rulesets": list(before[0]), "valid": _valid(before[1])},
        "new": {"rulesets": list(after[0]), "valid": _valid(after[1])},
        "gone": _listed(gone - come),
        "come": _listed(come - gone),
    }, 0


def _valid(findings: Iterable[Finding]) -> bool:
    return not any(each.flag is Flag.FATAL for each in findings)


def _rules(findings: Iterable[Finding]) -> Counter[tuple[str, str]]:
    return Counter((each.rule, each.flag.value) for each in findings)


def _listed(rules: Counter[tuple[str, str]]) -> list[dict[str, object]]:
    found = sorted(rules.items())
    return [{"rule": rule, "flag": flag, "count": count} for (rule, flag), count in found]


def _kind(result: Result) -> str:
    old, new = result.get("old"), result.get("new")
    if not isinstance(old, dict) or not isinstance(new, dict):
        return "not_compared"
    if old["valid"] != new["valid"]:
        return "to_valid" if new["valid"] else "to_invalid"
    return "other_findings" if result["gone"] or result["come"] else "unchanged"


def _files(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        if not path.exists():
            raise NoSuchFile(where=str(path), reason=os.strerror(errno.ENOENT))
        if path.is_dir():
            found = (each for each in path.rglob("*") if each.suffix.lower() in (".xml", ".pdf"))
            yield from map(str, sorted(found))
        else:
            yield str(path)


def _stored(home: Path, old: str, new: str) -> Iterator[tuple[Result, int]]:
    """Yield the same for the invoices in a gateway's store, the newest first."""
    with gateway_in(home) as gateway:
        for number, data in _sent_invoices(gateway.store):
            try:
                yield _compare(number, data, old=old, new=new)
            except SilkgateError as error:
                yield {"file": number, "error": error.as_dict()}, error.exit_code


def _sent_invoices(store: Store) -> Iterator[tuple[str, bytes]]:
    """Yield the id and the source of each invoice that went out, page by page."""
    from gateway.store import exchanges, payloads
    from gateway.store.model import Direction, Role

    known: Any = adapters.formats()
    before: str | None = None
    while True:
        with store.read() as tx:
            page = exchanges.listed(tx, direction=Direction.OUT, before=before, limit=_PAGE)
            found = payloads.read_many(tx, [one.id for one in page], [Role.SOURCE])
        for one in page:
            fmt, payload = known.get(one.source_format), found[one.id].get(Role.SOURCE)
            if fmt is not None and fmt.family is Family.INVOICE and payload is not None:
                yield one.id, payload.data
        if len(page) < _PAGE:
            return
        before = page[-1].id


def _show(result: Result, kind: str) -> None:
    if kind == "not_compared":
        output.failed(result)
        return
    click.echo(f"{result['file']}: {say(_KINDS[kind])}")
    for sign, name in (("-", "gone"), ("+", "come")):
        for found in output.rows(result[name]):
            click.echo(f"  {sign} [{found['flag']}] {found['rule']} x{found['count']}")
