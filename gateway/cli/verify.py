"""`silkgate verify`: signed documents, containers, evidence packages, receipts and proofs.

Nothing is fetched unless asked for: what is needed is in the file, beside it, or in the trust
folder. `--rpc` names the node that says what has become of a title, `--resolver` and `--web` those
who say who its issuer is; with `--offline` nobody is asked.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli import options, output, titles
from gateway.cli.detached import DETACHED, Command
from gateway.cli.files import Result, content, each, guarded, present, worst
from gateway.cli.title.reading import NO_KEY, Reading, reader_options
from gateway.cli.trustees import demanding, keybook, tell, trusted_by, whole
from gateway.cli.verdicts import PASSED, show
from schemas.errors import InputError
from schemas.text import Text

if TYPE_CHECKING:
    from gateway.wiring.auditing import Auditor

_NOT_VERIFIED: Final = 3
_STRICT: Final = "strict"
_POLICIES: Final = ("default", _STRICT, titles.PROVEN)
_REPORTS: Final = (".html", ".json", ".pdf", ".txt")


class NotATime(InputError):
    """The time of validation cannot be read."""

    code = "SG-1123"
    title = Text("{where} is not a time with its zone.", "{where} 不是带时区的时间。")
    hint = Text("Write it like 2026-03-14T08:00:00Z.", "请按 2026-03-14T08:00:00Z 的形式书写。")
    exit_code = 2


class UnknownReport(InputError):
    """A report of this kind is not written."""

    code = "SG-1132"
    title = Text("There is no report of the kind of {where}.", "不支持生成 {where} 类型的报告。")
    hint = Text("Use one of: {known}.", "可用的有:{known}。")
    exit_code = 2


class UnknownPolicy(InputError):
    """There is no validation policy of this name."""

    code = "SG-1124"
    title = Text("There is no policy {where}.", "没有验证策略 {where}。")
    hint = Text("Use of: {known}.", "可用的有:{known}。")
    exit_code = 2


@click.command("verify", cls=Command)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    DETACHED,
    multiple=True,
    metavar="DATA...",
    help="The files that the signature or proof is about; a receipt's container; a title's epochs.",
)
@click.option(
    "--trust",
    type=click.Path(path_type=Path),
    help="Folder with anchors (*.pem *.der *.crl), *.vkey and gateway cards (*.json);"
    " else what the gateway in --home trusts.",
)
@click.option(
    "--certificate",
    "known",
    multiple=True,
    metavar="FILE",
    help="Certificate of a signer who did not enclose it, or of an issuer: known, not trusted.",
)
@click.option(
    "--keys",
    type=click.Path(path_type=Path),
    help="Folder with public keys (JWK) of carriers and title platforms, for envelopes.",
)
@click.option("--at", help="Time of validation (RFC 3339), else now.")
@click.option(
    "--policy",
    default="default",
    show_default=True,
    help="Validation policy: strict demands a word on the revocation of every certificate.",
)
@click.option(
    "--document",
    default="",
    help="Type of document that recognition is asked for, else told from what was signed.",
)
@click.option(
    "--mandate",
    "mandates",
    multiple=True,
    metavar="FILE",
    help="Mandate of an organisation for the signer; may be given repeatedly.",
)
@click.option(
    "--report",
    "place",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="OUT",
    help="Also write a report for people, in English and Chinese: .html, .pdf, .txt or .json.",
)
@click.option(
    "--offline",
    is_flag=True,
    help="Ask nobody, whatever options and settings allow.",
)
@titles.options
@reader_options
@options.home
@options.jobs
@options.as_json
def command(
    files: tuple[str, ...],
    *,
    detached: tuple[str, ...],
    trust: Path | None,
    known: tuple[str, ...],
    keys: Path | None,
    at: str | None,
    policy: str,
    document: str,
    mandates: tuple[str, ...],
    place: Path | None,
    offline: bool,
    sources: titles.Sources,
    reader: Reading,
    home: Path,
    jobs: int,
    as_json: bool,
) -> None:
    """Verify each FILE; exit 3 when one is not verified.

    An evidence package answers who signed, when, unchanged, in the log, anchored, delivered and
    received, each on its own. A bill of lading answers whether it is intact, who issued it, and
    what has become of its title.
    """
    _check_asked(place, policy)
    if keys is not None:
        present(keys)
    proven = policy == titles.PROVEN
    sources = sources.settled(home.absolute(), offline=offline, proven=proven)
    work = partial(
        verify,
        trust=trust,
        home=home,
        keys=keys,
        detached={Path(name).name: content(name) for name in detached},
        at=moment(at),
        sources=sources,
        document=document,
        mandates=tuple(map(content, mandates)),
        offline=offline,
        strict=policy == _STRICT,
        known=tuple(map(content, known)),
        reader=reader,
    )
    tell(trusted_by(whole(trust), home.absolute()), keys or sources.identity)
    found = each(work, files, 1 if sources.record else jobs)
    codes, rows = _worked(found, as_json=as_json, kept=place is not None)
    titles.write_down(sources)
    if place is not None:
        place.write_bytes(_report(place.suffix, rows, moment(at)))
    sys.exit(worst(codes))


def _check_asked(place: Path | None, policy: str) -> None:
    """Raise for a report or a policy that there is not."""
    if place is not None and place.suffix not in _REPORTS:
        raise UnknownReport(where=place.name, known=", ".join(_REPORTS))
    if policy not in _POLICIES:
        raise UnknownPolicy(where=policy, known=", ".join(_POLICIES))


def _worked(
    results: Iterable[tuple[Result, int]], *, as_json: bool, kept: bool
) -> tuple[list[int], list[Result]]:
    """Show each result as it comes; return the codes to exit with, and the results if kept."""
    codes, rows = [], []
    for result, code in results:
        output.line(result) if as_json else show(result)
        codes.append(code)
        if kept:
            rows.append(result)
    return codes, rows


def _report(kind: str, rows: Sequence[Result], at: datetime | None) -> bytes:
    from certs import report
    from schemas.clock import utc_now

    return report.write(kind, rows, at or utc_now())


def verify(
    name: str,
    *,
    trust: Path | None,
    home: Path,
    keys: Path | None = None,
    detached: Mapping[str, bytes],
    at: datetime | None,
    sources: titles.Sources = titles.NOBODY,
    document: str = "",
    mandates: tuple[bytes, ...] = (),
    offline: bool = True,
    strict: bool = False,
    known: tuple[bytes, ...] = (),
    reader: Reading = NO_KEY,
) -> tuple[Result, int]:
    """Return the verdict on one file."""
    from gateway.wiring import lasting
    from gateway.wiring.auditing import Auditor

    records = titles.auditor(sources)
    auditor = Auditor(
        demanding(trusted_by(whole(trust), home.absolute()), known, strict=strict),
        at,
        keybook(whole(keys)),
        titles=records,
        document=document,
        mandates=mandates,
        reader=reader.given,
    )
    with lasting.online(home, offline=offline):
        return guarded(name, partial(_verify, name, auditor, detached))


def _verify(
    name: str, auditor: Auditor, detached: Mapping[str, bytes], data: bytes
) -> tuple[Result, int]:
    verdict = auditor.verify(data, detached)
    passed = verdict["indication"] == PASSED
    return {"file": name, **verdict}, 0 if passed else _NOT_VERIFIED


def moment(text: str | None) -> datetime | None:
    """Return a time given on the command line, None for none; raises NotATime."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NotATime(where=text) from None
    if moment.tzinfo is None:
        raise NotATime(where=text)
    return moment
