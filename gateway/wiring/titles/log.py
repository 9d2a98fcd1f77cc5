"""A title register on a log, ours or a peer's, as the lading room asks it (`lading.titlebook`).

What a register says is not taken at its word: it gives the signed entries of a title, and those
are followed here. That the last of them is the last is the register's word. The gateway signs its
entries with its seal, for a party that has a key of its own on the party's mandate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from gateway.lading.refusals import PeerSilent, TransferDisputed
from gateway.lading.titlebook import Chronicle, Opening
from gateway.wiring.titles.entries import Entries
from gateway.wiring.titles.titling import SealParty
from ledger.title.entry import Entry, Issue, Statement
from ledger.title.errors import (
    Disputed,
    EntryRefused,
    MediumRefused,
    MoveRefused,
    NoSuchTitle,
    OutOfOrder,
)
from ledger.title.link import Link
from ledger.title.machine import Move
from ledger.title.sequence import Standing, follow_all
from ledger.title.state import Roles, Terms
from schemas.clock import Clock, iso
from schemas.text import Text

_URN: Final = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:"
_THUMBPRINT: Final = 43


@dataclass(frozen=True, slots=True)
class LogBook:
    """Titles in one register of signed entries."""

    entries: Entries
    agent: SealParty
    clock: Clock
    platforms: Mapping[str, str] = field(default_factory=dict)

    @property
    def own(self) -> str:
        """Our seal as a party."""
        return self.agent.party

    def account(self, code: str) -> str | None:
        """Return the thumbprint in a URN (RFC 9278)."""
        return thumbprint(code)

    def platform(self, code: str) -> str | None:
        """Return the seal of another platform as a party."""
        return self.platforms.get(code)

    def owner(self, account: str) -> str:
        """Return the platform whose account it is."""
        return next((code for code, known in self.platforms.items() if known == account), "")

    def place(self, title: str) -> str:
        """Return register and id."""
        return f"{self.entries.name}/{title}"

    def read(self, title: str) -> Chronicle | None:
        """Return what the signed entries of a title make of it."""
        standings = self._standings(title)
        if not standings:
            return None
        return Chronicle(standings[-1].state, [each.link for each in standings])

    def marked(self, link: Link, mark: bytes) -> bool:
        """Tell whether a move has the mark for its remark."""
        return link.remark == mark

    def final(self, link: Link) -> bool:  # noqa: ARG002 - an entry is in the log when it counts
        """Say so: what the register answered is in its log."""
        return True

    def issue(self, title: str, opening: Opening, mark: bytes) -> None:
        """Issue a title, with a statement of those that it replaces."""
        terms = Terms(
            roles=Roles.of(self.own), shipper=opening.shipper, consignee=opening.consignee
        )
        replaced = tuple(opening.replaced)
        said = Statement(text="It replaces these titles.", titles=replaced) if replaced else None
        self._enter(
            Entry(
                register=self.entries.name,
                title=title,
                n=0,
                previous="",
                move=Move("issue", self.own, (opening.beneficiary, opening.holder)),
                at=self.clock(),
                remark=mark,
                issue=Issue(kind=opening.kind, terms=terms, content=title),
                statement=said,
            )
        )

    def perform(self, title: str, move: Move, mark: bytes, order: str = "") -> None:
        """Enter a move of our own, or a party's on its mandate (`order`)."""
        before = self._standings(title)[-1]
        if move.actor != self.own and not order:
            raise TransferDisputed(Text("the party has given no mandate", "当事方未授权"))
        paper = (move.args[0] or "") if move.action == "switchToPaper" else ""
        said = Statement(text="Paper replaces this title.", paper=paper) if paper else None
        mandate = "" if move.actor == self.own else order
        self._enter(before.then(move, self.clock(), remark=mark, statement=said, mandate=mandate))

    def to_sign(
        self,
        title: str,
        moves: Sequence[Move],
        mark: bytes,  # noqa: ARG002 - a mandate is for actions, not for one remark
        until: datetime,
    ) -> Mapping[str, object]:
        """Return the mandate that a party has to give us."""
        return {
            "mandate": {
                "actions": sorted({each.action for each in moves}),
                "agent": self.own,
                "register": self.entries.name,
                "titles": [title],
                "until": iso(until),
            }
        }

    def _standings(self, title: str) -> list[Standing]:
        with _asked(self.entries.name):
            signed = self.entries.of(title)
            standings = follow_all(signed) if signed else []
        if any((each.register, each.title) != (self.entries.name, title) for each in standings):
            raise PeerSilent(Text("it shows another title", "其出示的是另一凭证"), where=title)
        return standings

    def _enter(self, entry: Entry) -> None:
        with _asked(self.entries.name):
            self.entries.enter(entry.sealed(self.agent))


def thumbprint(code: str) -> str | None:
    """Return the party in a code that is the URN of a key's thumbprint (RFC 9278), else None."""
    found = code.removeprefix(_URN)
    return found if found != code and len(found) == _THUMBPRINT else None


@contextmanager
def _asked(name: str) -> Iterator[None]:
    try:
        yield
    except (Disputed, OutOfOrder) as error:  # another entry came first: the title is read again
        raise PeerSilent(error.message, where=name) from error
    except (MoveRefused, MediumRefused, EntryRefused, NoSuchTitle) as error:
        raise TransferDisputed(error.message) from error
