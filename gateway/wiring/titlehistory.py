"""Verifying the history file of a title: its entries, its place in the log, who its parties are.

A file is a copy. It says what the title was when the register signed its head; only an end is for
ever, so that a title is never called live here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from certs.keybook import KeyBook
from certs.verdict import Refused
from gateway.wiring.proofs import Known
from gateway.wiring.standing import Json, Standing, Title, TitleVerdict
from ledger.proof import TlogProof
from ledger.title.errors import EntryRefused
from ledger.title.historyfile import HistoryFile, VerifiedHistory, verify_history
from ledger.title.sequence import Standing as TitleStanding
from ledger.title.state import Location
from schemas.clock import iso
from schemas.errors import LedgerError
from schemas.text import Text

_UNTRUSTED: Final = Text("The key of its log is not trusted.", "其日志的密钥不受信任。")
_TITLES: Final = {Location.ENDED: Title.ENDED, Location.ISSUER: Title.SURRENDERED}


def verify(data: bytes, known: Known, book: KeyBook, at: datetime) -> Json:
    """Return the verdict on a history file in the shape of `silkgate verify`."""
    try:
        origin = TlogProof.parse(HistoryFile.decode(data).proof).origin
        key, _ = known.log(origin)
        if key is None:
            return _verdict(Standing.UNKNOWN, _UNTRUSTED)
        history = verify_history(data, key)
    except (LedgerError, EntryRefused) as error:
        return _verdict(Standing.INVALID, error.message)
    return _told(history, book, at)


def _verdict(integrity: Standing, reason: Text) -> Json:
    return TitleVerdict(integrity, Standing.UNKNOWN, Title.UNKNOWN, reason=reason).as_dict()


def _told(history: VerifiedHistory, book: KeyBook, at: datetime) -> Json:
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
        "copy": {
            "register": last.register,
            "title": last.title,
            "head": last.n,
            "as_of": iso(history.as_of),
            "state": last.state.as_dict(),
        },
        "parties": [
            {"party": party, "name": name, "identified": name is not None}
            for party, name in names.items()
        ],
        "history": [_link(standing) for standing in history.standings],
        "log": {
            "origin": history.checkpoint.checkpoint.origin,
            "size": history.checkpoint.checkpoint.size,
            "signed_by": [key.name for key in history.checkpoint.signed_by],
        },
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


def _link(standing: TitleStanding) -> Json:
    entry = standing.last
    by = {} if entry.signer == entry.move.actor else {"by": entry.signer}
    return {**standing.link.as_dict(), "n": standing.n, "place": entry.place, **by}


def _owner(party: str, book: KeyBook, at: datetime) -> str | None:
    """Return whose key a party is, as the key book knows; None if nobody vouches for it."""
    try:
        signer = book.signer({"kid": party}, at)
    except Refused:
        return None
    return signer.owner if signer.known else None
