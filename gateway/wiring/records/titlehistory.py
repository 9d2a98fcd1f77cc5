"""Verifying the history file of a title: its entries, its place in the log, who its parties are.

A file is a copy. It says what the title was when the register signed its head; only an end is for
ever, so that a title is never called live here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from certs import timestamp
from certs.jose.keybook import KeyBook
from certs.trust import TrustStore
from certs.verdict import BlockIndication, Refused, TimestampReport
from gateway.wiring.audit.proofs import Known
from gateway.wiring.records.standing import Json, Standing, Title, TitleVerdict
from ledger.proof import TlogProof
from ledger.title.epochs import Epochs, Opened, sharers
from ledger.title.errors import EntryRefused
from ledger.title.historyfile import HistoryFile, VerifiedHistory, verify_history
from ledger.title.readers import ReadingKey
from ledger.title.sequence import Standing as TitleStanding
from ledger.title.state import Location
from schemas.clock import iso
from schemas.errors import LedgerError
from schemas.text import Text


@dataclass(frozen=True, slots=True)
class Private:
    """What opens private remarks: the signed epochs given with a history, and a reading key."""

    epochs: Sequence[str] = ()
    key: ReadingKey | None = None

    def opened(self, history: VerifiedHistory) -> Opened:
        """Return what there is to read; raises EntryRefused for epochs of others."""
        may = sharers(history.standings)
        return Epochs.read(history.last.title, self.epochs, may).opened(self.key)


NOTHING: Final = Private()
_UNTRUSTED: Final = Text("The key of its log is not trusted.", "其日志的密钥不受信任。")
_TITLES: Final = {Location.ENDED: Title.ENDED, Location.ISSUER: Title.SURRENDERED}


def verify(
    data: bytes,
    known: Known,
    book: KeyBook,
    at: datetime,
    trust: TrustStore,
    *,
    private: Private = NOTHING,
) -> Json:
    """Return the verdict on a history file in the shape of `silkgate verify`.

    A time-stamp that is over anything but its entry makes the file invalid; whether its authority
    is one that `trust` knows is told with the entry. Epochs beside the file that are not those of
    its parties make it invalid too.
    """
    try:
        file = HistoryFile.decode(data)
        origin = TlogProof.parse(file.proof).origin
        key, _ = known.log(origin)
        if key is None:
            return _verdict(Standing.UNKNOWN, _UNTRUSTED)
        history = verify_history(data, key)
        stamped = zip(file.entries, history.stamps, strict=True)
        reports = [_stamped(entry, token, trust) for entry, token in stamped]
        opened = private.opened(history)
    except (LedgerError, EntryRefused) as error:
        return _verdict(Standing.INVALID, error.message)
    except Refused as refused:
        return _verdict(Standing.INVALID, refused.reason)
    return _told(history, reports, book, at, opened)


def _verdict(integrity: Standing, reason: Text) -> Json:
    return TitleVerdict(integrity, Standing.UNKNOWN, Title.UNKNOWN, reason=reason).as_dict()


def _stamped(entry: str, token: bytes | None, trust: TrustStore) -> TimestampReport | None:
    """Return the report on an entry's time-stamp; raises Refused for one that fails."""
    if token is None:
        return None
    found = timestamp.verify(token, entry.encode(), trust, kind="title-entry")
    if found.indication is BlockIndication.FAILED and found.subindication and found.reason:
        raise Refused(found.subindication, found.reason)
    return found


def _told(
    history: VerifiedHistory,
    stamps: Sequence[TimestampReport | None],
    book: KeyBook,
    at: datetime,
    opened: Opened,
) -> Json:
    names = {party: _owner(party, book, at) for party in _parties(history)}
    issuer = history.standings[0].last.move.actor
    identity = Standing.VALID if names[issuer] else Standing.UNKNOWN
    last = history.last
    verdict = TitleVerdict(
        Standing.VALID,
        identity,
        _TITLES.get(last.state.location, Title.UNKNOWN),
        tuple(name or party for party, name in names.items()),
        None if names[issuer] else Text("The issuer's key is not known.", "签发方的密钥未知。"),
    )
    return {
        **verdict.as_dict(),
        "copy": _copy(history),
        "parties": [
            {"party": party, "name": name, "identified": name is not None}
            for party, name in names.items()
        ],
        "history": [
            opened.link(_link(*each)) for each in zip(history.standings, stamps, strict=True)
        ],
        **opened.as_dict(),
        "log": {
            "origin": history.checkpoint.checkpoint.origin,
            "size": history.checkpoint.checkpoint.size,
            "signed_by": [key.name for key in history.checkpoint.signed_by],
        },
    }


def _copy(history: VerifiedHistory) -> Json:
    """Return of which title the file is a copy, up to which entry, and as of when."""
    last = history.last
    return {
        "register": last.register,
        "title": last.title,
        "head": last.n,
        "as_of": iso(history.as_of),
        "state": last.state.as_dict(),
    }


def _parties(history: VerifiedHistory) -> list[str]:
    """Return every party that acted or held, in the order they appear."""
    found: dict[str, None] = {}
    for standing in history.standings:
        state = standing.state
        for party in (standing.last.move.actor, state.beneficiary, state.holder, state.nominee):
            if party is not None:
                found[party] = None
    return list(found)


def _link(standing: TitleStanding, stamp: TimestampReport | None) -> Json:
    entry = standing.last
    by = {} if entry.signer == entry.move.actor else {"by": entry.signer}
    told = None if stamp is None else stamp.as_dict()
    return {**standing.link.as_dict(), "n": standing.n, "place": entry.place, **by, "stamp": told}


def _owner(party: str, book: KeyBook, at: datetime) -> str | None:
    """Return whose key a party is, as the key book knows; None if nobody vouches for it."""
    try:
        signer = book.signer({"kid": party}, at)
    except Refused:
        return None
    return signer.owner if signer.known else None
