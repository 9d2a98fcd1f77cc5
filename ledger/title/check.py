"""Re-derive a register from its entries and compare (`silkgate title fsck`).

The signed entries are the only thing believed: numbers, digests, states, papers and the leaves
in the log are worked out again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from ledger.errors import NotFoundInLog
from ledger.title.sequence import Standing, follow_all
from ledger.title.store import Paper, TitleStore
from schemas.errors import LedgerError
from schemas.finding import Finding
from schemas.text import Text

RULESET: Final = "title:fsck"


class Finder(Protocol):
    """A log that is asked for digests."""

    def find(self, digest: bytes) -> int:
        """Return the index of a digest; raises NotFoundInLog."""
        ...


def check_register(titles: TitleStore, log: Finder, name: str) -> Iterator[Finding]:
    """Yield what does not agree; nothing if the register is sound."""
    papers: dict[str, Paper] = {}
    for title in titles.titles():
        try:
            standings = follow_all(titles.entries(title))
        except LedgerError as error:
            yield _finding("entry-refused", title, error.message)
            continue
        yield from _agreeing(titles, log, name, standings)
        _note_papers(papers, standings)
    for serial, paper in papers.items():
        known = titles.paper(serial)
        if known is None or known.live != paper.live:
            why = Text(
                f"The paper {serial} is not kept as the entries say.",
                f"纸质单据 {serial} 的登记与条目不符。",
            )
            yield _finding("paper", paper.title, why)


def _agreeing(
    titles: TitleStore, log: Finder, name: str, standings: list[Standing]
) -> Iterator[Finding]:
    last = standings[-1]
    head = titles.head(last.title)
    if last.register != name or head is None or (head.n, head.digest) != (last.n, last.digest):
        why = Text("The head is not the last entry.", "登记的末条与条目不符。")
        yield _finding("head", last.title, why)
    for standing in standings:
        try:
            log.find(bytes.fromhex(standing.digest))
        except NotFoundInLog as error:
            yield _finding("not-logged", standing.title, error.message)


def _note_papers(papers: dict[str, Paper], standings: list[Standing]) -> None:
    first, last = standings[0], standings[-1]
    said = first.last.statement
    if said is not None and said.paper:
        papers[said.paper] = Paper(serial=said.paper, title=first.title, live=False)
    if last.state.paper and last.state.paper not in papers:
        papers[last.state.paper] = Paper(serial=last.state.paper, title=last.title, live=True)


def _finding(rule: str, title: str, message: Text) -> Finding:
    return Finding(rule=rule, ruleset=RULESET, path=title, message=message)
