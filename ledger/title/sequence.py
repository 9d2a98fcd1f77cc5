"""The entries of one title, followed from the issue to the last: what the title is now.

Used where an entry is accepted, where a history is verified, and where a register is checked:
one place says what a sequence of entries means.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ledger.title import entry as entries
from ledger.title.entry import Entry, Statement
from ledger.title.errors import EntryRefused, MediumRefused, OutOfOrder
from ledger.title.link import Link
from ledger.title.machine import Move, issue, step
from ledger.title.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A title after an entry: number, digest and time of the entry, and the state it made."""

    register: str
    title: str
    n: int
    digest: str
    at: datetime
    state: State
    last: Entry

    @property
    def link(self) -> Link:
        """The entry as a link of the endorsement chain."""
        return Link(self.last.move, self.state, self.last.remark, self.at, self.digest)

    def then(
        self,
        move: Move,
        at: datetime,
        *,
        place: str = "",
        remark: bytes = b"",
        statement: Statement | None = None,
        mandate: str = "",
    ) -> Entry:
        """Return the entry of a move that comes next, not earlier than this one."""
        return Entry(
            register=self.register,
            title=self.title,
            n=self.n + 1,
            previous=self.digest,
            move=move,
            at=max(at, self.at),
            place=place,
            remark=remark,
            statement=statement,
            mandate=mandate,
        )


def follow(before: Standing | None, signed: str) -> Standing:
    """Return the standing after one more signed entry.

    Raises EntryRefused, OutOfOrder, MediumRefused, or MoveRefused where the machine forbids it.
    """
    entry = entries.read(signed)
    _in_place(before, entry)
    _stated(entry)
    if before is None:
        if entry.issue is None or entry.move.action != "issue":
            raise EntryRefused(reason="a title begins with its issue")
        state = issue(entry.issue.terms, entry.issue.kind, entry.move, content=entry.issue.content)
    else:
        state = step(before.state, entry.move)
    return Standing(
        register=entry.register,
        title=entry.title,
        n=entry.n,
        digest=entries.digest(signed),
        at=entry.at,
        state=state,
        last=entry,
    )


def follow_all(signed: Iterable[str]) -> list[Standing]:
    """Return the standing after each entry of a title, the issue first; raises as `follow`."""
    found: list[Standing] = []
    for each in signed:
        found.append(follow(found[-1] if found else None, each))
    if not found:
        raise EntryRefused(reason="there is no entry")
    return found


def _in_place(before: Standing | None, entry: Entry) -> None:
    """An entry names its register, title, number and predecessor, and is not earlier than it."""
    expected = 0 if before is None else before.n + 1
    if entry.n != expected:
        raise OutOfOrder(where=entry.title, found=entry.n, expected=expected)
    if before is None:
        return
    if (entry.register, entry.title) != (before.register, before.title):
        raise EntryRefused(reason="it is of another register or title")
    if entry.previous != before.digest:
        raise EntryRefused(reason="it follows another entry")
    if entry.at < before.at:
        raise EntryRefused(reason="it is earlier than the entry before it")


def _stated(entry: Entry) -> None:
    """A change of medium carries its statement and evidence (MLETR, articles 17 and 18)."""
    said = entry.statement
    serial = entry.move.args[0] if entry.move.args else None
    if entry.move.action == "switchToPaper" and (said is None or said.paper != serial):
        raise MediumRefused(reason="the statement that paper replaces the title is missing")
    if said is None or entry.move.action != "issue":
        return
    if said.paper and not said.evidence:
        raise MediumRefused(reason="the evidence that the paper was cancelled is missing")
