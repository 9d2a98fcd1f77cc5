"""The register: who holds each title, by entries that the parties sign themselves.

A `Register` works inside one transaction of its caller, over a title store and the log that are
committed together. An entry that is accepted is in the log and the head of its title; a refused
one changes nothing. Sent again, an accepted entry gets its receipt again, so that whoever was
interrupted may repeat; another entry for a place that is taken is disputed.

Singularity (MLETR, article 10): an id is issued once, whatever became of it; a paper bill and a
title never count both. Exclusive control (article 11): an entry counts only in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ledger.title import entry as entries
from ledger.title.entry import Entry
from ledger.title.entrylog import EntryLog
from ledger.title.epochs import Epochs, sharers
from ledger.title.errors import (
    Disputed,
    EntryRefused,
    Guard,
    MediumRefused,
    MoveRefused,
    NoSuchTitle,
    OutOfOrder,
)
from ledger.title.fields import NAME
from ledger.title.historyfile import HeadStatement, HistoryFile
from ledger.title.link import Link
from ledger.title.party import is_party
from ledger.title.privacy import Epoch, read_epoch
from ledger.title.sequence import Standing, follow, follow_all
from ledger.title.stamps import packed
from ledger.title.store import Head, Paper, TitleStore
from schemas.clock import Clock, utc_now

_SKEW: Final = timedelta(minutes=5)
_TO_PARTIES: Final = frozenset(
    {"issue", "nominate", "transferBeneficiary", "transferHolder", "transferOwners"}
)

Stamper = Callable[[bytes], bytes]
"""Returns a time-stamp token over a SHA-256 digest; raises what the authority raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The answer to an entry: its place in the title and in the log, and the state after it.

    `repeated` tells that it had been accepted before.
    """

    standing: Standing
    leaf: int
    repeated: bool = False


class Register:
    """One register of titles, by default named like its log."""

    def __init__(
        self,
        titles: TitleStore,
        log: EntryLog,
        *,
        name: str = "",
        issuers: Collection[str] | None = None,
        stamper: Stamper | None = None,
        clock: Clock = utc_now,
    ) -> None:
        """Speak for the register; `issuers` are the parties that may issue, None for any.

        With a `stamper` every entry gets a time-stamp (RFC 3161) before it counts.
        """
        self.name = name or log.origin
        self._titles = titles
        self._log = log
        self._issuers = issuers
        self._stamper = stamper
        self._clock = clock

    def submit(self, signed: str) -> Accepted:
        """Accept a signed entry and return its receipt, or refuse it and change nothing.

        Raises EntryRefused (malformed, wrong signer, other register), OutOfOrder, Disputed
        (another entry has its place), MoveRefused (guards, id used before), MediumRefused.
        """
        entry = entries.read(signed)
        if entry.register != self.name:
            raise EntryRefused(reason="it is for another register")
        head = self._titles.head(entry.title, for_update=True)
        if head is not None and entry.n <= head.n:
            return self._again(entry, head)
        if entry.n != (0 if head is None else head.n + 1):
            raise OutOfOrder(
                where=entry.title, found=entry.n, expected=0 if head is None else head.n + 1
            )
        self._timely(entry)
        _addressed(entry)
        before = self.standing(entry.title) if head is not None else None
        standing = follow(before, signed)
        self._allowed(entry)
        self._change_medium(standing)
        place = Head(title=entry.title, n=entry.n, digest=standing.digest)
        self._titles.append(place, signed)
        leaf = self._log.enter(bytes.fromhex(standing.digest))
        if self._stamper is not None:
            token = self._stamper(bytes.fromhex(standing.digest))
            self._titles.put_stamp(entry.title, entry.n, token)
        return Accepted(standing=standing, leaf=leaf)

    def share(self, signed: str) -> Epoch:
        """Keep a signed epoch of a title's keys (`ledger.title.privacy`); return it.

        Issuer, title holder and possessor may begin one, or let others read the one there is.
        Raises EntryRefused, NoSuchTitle, or MoveRefused for anybody else.
        """
        epoch = read_epoch(signed)
        # A title's head is locked: of two that begin the same epoch the second is refused.
        self._titles.head(epoch.title, for_update=True)
        if signed in self._titles.epochs(epoch.title):
            return epoch
        standings = follow_all(self._entries(epoch.title))
        if epoch.after != standings[-1].n:
            raise EntryRefused(reason="the title has moved since the epoch was signed")
        if not sharers(standings)(epoch):
            raise MoveRefused(Guard.NO_ROLE, action="share", where=epoch.title)
        self.shared(epoch.title).followed(epoch)
        self._titles.add_epoch(epoch.title, signed)
        return epoch

    def epochs(self, title: str) -> Sequence[str]:
        """Return the signed epochs of a title's keys: everybody's, each opens only their own.

        Raises NoSuchTitle.
        """
        self._entries(title)
        return self._titles.epochs(title)

    def shared(self, title: str) -> Epochs:
        """Return the epochs of a title, read; raises NoSuchTitle."""
        entries, signed = self._entries(title), self._titles.epochs(title)
        return Epochs.read(title, signed, sharers(follow_all(entries) if signed else []))

    def stamps(self, title: str) -> list[bytes | None]:
        """Return the time-stamps of a title's entries; the imprint is the entry's digest."""
        count = len(self.entries(title))
        return [self._titles.stamp(title, n) for n in range(count)]

    def standing(self, title: str) -> Standing:
        """Return what a title is now; raises NoSuchTitle."""
        return follow_all(self._entries(title))[-1]

    def history(self, title: str) -> list[Link]:
        """Return the endorsement chain of a title; raises NoSuchTitle."""
        return [standing.link for standing in follow_all(self._entries(title))]

    def may_issue(self, party: str) -> bool:
        """Tell whether a party may issue titles here."""
        return self._issuers is None or party in self._issuers

    def entries(self, title: str) -> Sequence[str]:
        """Return the signed entries of a title in order, none for an id that was never issued."""
        return self._titles.entries(title) if NAME.fullmatch(title) else ()

    def export(self, title: str) -> bytes:
        """Return the history file of a title; its last entry must be under a checkpoint.

        Raises NoSuchTitle, or NotInTree before the log has published one.
        """
        signed = self._entries(title)
        standing = follow_all(signed)[-1]
        proof = bytes(self._log.proof(bytes.fromhex(standing.digest)))
        stamps = packed(self.stamps(title))
        head = HeadStatement.of(standing, proof, self._clock(), stamps)
        note = head.signed(self._log.signer_of(head.log))
        return HistoryFile(entries=tuple(signed), head=note, proof=proof, stamps=stamps).encode()

    def _entries(self, title: str) -> Sequence[str]:
        """Return the entries of a title that there is; raises NoSuchTitle."""
        signed = self.entries(title)
        if not signed:
            raise NoSuchTitle(where=title)
        return signed

    def _again(self, entry: Entry, head: Head) -> Accepted:
        """Answer an entry whose place is taken: by itself, perhaps signed again, or by another."""
        accepted = self._titles.entries(entry.title)
        taken = accepted[entry.n]
        if entries.read(taken) == entry:
            standing = follow_all(accepted[: entry.n + 1])[-1]
            leaf = self._log.find(bytes.fromhex(standing.digest))
            return Accepted(standing=standing, leaf=leaf, repeated=True)
        if entry.n == 0:
            raise MoveRefused(Guard.ID_USED, action="issue", where=head.title)
        raise Disputed(where=entry.title, n=entry.n, accepted=entries.digest(taken))

    def _timely(self, entry: Entry) -> None:
        if abs(entry.at - self._clock()) > _SKEW:
            raise EntryRefused(reason="its time is more than five minutes from now")

    def _allowed(self, entry: Entry) -> None:
        """Who may issue is the register's to say."""
        if entry.move.action == "issue" and not self.may_issue(entry.move.actor):
            raise MoveRefused(Guard.NO_ROLE, action="issue", where=entry.title)

    def _change_medium(self, standing: Standing) -> None:
        """Keep paper and title from counting both, and a replaced title from living on."""
        entry, state = standing.last, standing.state
        if state.paper:
            self._put_on_paper(entry, state.paper)
        said = entry.statement
        if entry.move.action != "issue" or said is None:
            return
        if said.paper:
            self._take_from_paper(entry, said.paper)
        for replaced in said.titles:
            if replaced == entry.title or self.standing(replaced).state.active:
                raise MediumRefused(
                    reason="the title {replaced} that it replaces has not ended", replaced=replaced
                )

    def _put_on_paper(self, entry: Entry, serial: str) -> None:
        if self._titles.paper(serial) is not None:
            raise MediumRefused(reason="the paper {serial} is known already", serial=serial)
        self._titles.put_paper(Paper(serial=serial, title=entry.title, live=True), None)

    def _take_from_paper(self, entry: Entry, serial: str) -> None:
        if not NAME.fullmatch(serial):
            raise MediumRefused(reason="the serial of the paper is no name")
        known = self._titles.paper(serial)
        if known is not None and not known.live:
            raise MediumRefused(reason="the paper {serial} was replaced before", serial=serial)
        self._titles.put_paper(Paper(serial=serial, title=entry.title, live=False), known)


def _addressed(entry: Entry) -> None:
    """A title goes to a key alone: what no key can act on would hold it for ever."""
    if entry.move.action not in _TO_PARTIES:
        return
    for each in entry.move.args:
        if each is not None and not is_party(each):
            raise EntryRefused(
                reason="{party} is no party: a party is the thumbprint of its key", party=each
            )
