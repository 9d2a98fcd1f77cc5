"""Where a register keeps its titles: the contract a store fulfils, and a store in memory.

Like the tile store beside it (`ledger.store`), a title store works inside ONE transaction that
somebody else began and will commit. What makes control single is the key (title, n): of two
entries for one place the second fails, and with it everything in its transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ledger.title.errors import Disputed, MediumRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A title as it is: its last entry, by number and digest."""

    title: str
    n: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper bill known to the register by its serial, and the title it stands against.

    `live` while the paper counts and the title does not.
    """

    serial: str
    title: str
    live: bool


class TitleStore(Protocol):
    """The titles of one register inside one transaction of the caller."""

    def head(self, title: str, *, for_update: bool = False) -> Head | None:
        """Return the last entry of a title; with `for_update` others wait for the transaction."""
        ...

    def append(self, head: Head, entry: str) -> None:
        """Write an entry and make it the head; raises Disputed if its place is taken."""
        ...

    def entries(self, title: str) -> Sequence[str]:
        """Return the entries of a title in order, as they were signed."""
        ...

    def titles(self) -> Sequence[str]:
        """Return the ids of all titles, sorted."""
        ...

    def stamp(self, title: str, n: int) -> bytes | None:
        """Return the time-stamp of an entry, None if it has none."""
        ...

    def put_stamp(self, title: str, n: int, token: bytes) -> None:
        """Write the time-stamp of an entry."""
        ...

    def epochs(self, title: str) -> Sequence[str]:
        """Return the signed epochs of a title's keys, in the order they came."""
        ...

    def add_epoch(self, title: str, signed: str) -> None:
        """Write one more epoch."""
        ...

    def paper(self, serial: str) -> Paper | None:
        """Return what is known of a paper."""
        ...

    def put_paper(self, paper: Paper, before: Paper | None) -> None:
        """Write what is known of a paper; raises MediumRefused unless `before` still holds."""
        ...


@dataclass(slots=True)
class MemoryTitles:
    """A store in memory, without transactions: for tests and short-lived registers."""

    chains: dict[str, list[str]] = field(default_factory=dict)
    heads: dict[str, Head] = field(default_factory=dict)
    papers: dict[str, Paper] = field(default_factory=dict)
    stamps: dict[tuple[str, int], bytes] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)

    def head(self, title: str, *, for_update: bool = False) -> Head | None:  # noqa: ARG002 - nobody else writes here
        """Return the last entry of a title."""
        return self.heads.get(title)

    def append(self, head: Head, entry: str) -> None:
        """Write an entry and make it the head."""
        chain = self.chains.setdefault(head.title, [])
        if len(chain) != head.n:
            raise Disputed(where=head.title, n=head.n, accepted=self.heads[head.title].digest)
        chain.append(entry)
        self.heads[head.title] = head

    def entries(self, title: str) -> Sequence[str]:
        """Return the entries of a title in order."""
        return tuple(self.chains.get(title, ()))

    def titles(self) -> Sequence[str]:
        """Return the ids of all titles."""
        return sorted(self.chains)

    def stamp(self, title: str, n: int) -> bytes | None:
        """Return the time-stamp of an entry."""
        return self.stamps.get((title, n))

    def put_stamp(self, title: str, n: int, token: bytes) -> None:
        """Write the time-stamp of an entry."""
        self.stamps[title, n] = token

    def epochs(self, title: str) -> Sequence[str]:
        """Return the signed epochs of a title's keys."""
        return tuple(self.keys.get(title, ()))

    def add_epoch(self, title: str, signed: str) -> None:
        """Write one more epoch."""
        self.keys.setdefault(title, []).append(signed)

    def paper(self, serial: str) -> Paper | None:
        """Return what is known of a paper."""
        return self.papers.get(serial)

    def put_paper(self, paper: Paper, before: Paper | None) -> None:
        """Write what is known of a paper."""
        if self.papers.get(paper.serial) != before:
            raise changed(paper)
        self.papers[paper.serial] = paper


def changed(paper: Paper) -> MediumRefused:
    """Return the refusal of a paper of which something else is known by now."""
    return MediumRefused(reason="the paper {serial} has changed meanwhile", serial=paper.serial)
