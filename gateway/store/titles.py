"""The register's titles in the gateway's database (`ledger.title.store.TitleStore`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import func, select, update

from gateway.store.database import Transaction
from gateway.store.errors import Collision
from gateway.store.tables.title import TITLE_ENTRY, TITLE_EPOCH, TITLE_PAPER, TITLE_PARTY
from gateway.store.upsert import insert_into
from ledger.title.errors import Disputed
from ledger.title.store import Head, Paper, changed

_E: Final = TITLE_ENTRY.c
_P: Final = TITLE_PAPER.c
_K: Final = TITLE_EPOCH.c
_N: Final = TITLE_PARTY.c


class StoredTitles:
    """The titles of this gateway's register inside one transaction of the store."""

    def __init__(self, tx: Transaction) -> None:
        """Speak for the register in `tx`."""
        self._tx = tx

    def head(self, title: str, *, for_update: bool = False) -> Head | None:
        """Return the last entry of a title; with `for_update` others wait for the transaction."""
        query = select(_E.n, _E.digest).where(_E.title == title).order_by(_E.n.desc()).limit(1)
        row = self._tx.execute(query.with_for_update() if for_update else query).one_or_none()
        return None if row is None else Head(title=title, n=row.n, digest=row.digest)

    def append(self, head: Head, entry: str) -> None:
        """Write an entry and make it the head; raises Disputed if its place is taken."""
        row = {"title": head.title, "n": head.n, "digest": head.digest, "entry": entry}
        try:
            self._tx.execute(TITLE_ENTRY.insert(), row)
        except Collision as taken:
            raise Disputed(where=head.title, n=head.n, accepted="") from taken

    def entries(self, title: str) -> Sequence[str]:
        """Return the entries of a title in order."""
        query = select(_E.entry).where(_E.title == title).order_by(_E.n)
        return tuple(self._tx.execute(query).scalars())

    def titles(self) -> Sequence[str]:
        """Return the ids of all titles."""
        query = select(_E.title).where(_E.n == 0).order_by(_E.title)
        return tuple(self._tx.execute(query).scalars())

    def name(self, title: str, parties: Collection[str]) -> None:
        """Note whom an entry of a title names."""
        rows = [{"title": title, "party": party} for party in parties]
        self._tx.execute(insert_into(self._tx, TITLE_PARTY).on_conflict_do_nothing(), rows)

    def naming(self, parties: Collection[str]) -> Sequence[str]:
        """Return the ids of the titles that name any of these parties, sorted."""
        query = select(_N.title).where(_N.party.in_(list(parties))).distinct().order_by(_N.title)
        return tuple(self._tx.execute(query).scalars())

    def names(self, title: str, parties: Collection[str]) -> bool:
        """Tell whether a title names any of these parties."""
        query = select(_N.title).where(_N.title == title, _N.party.in_(list(parties))).limit(1)
        return self._tx.execute(query).first() is not None

    def stamp(self, title: str, n: int) -> bytes | None:
        """Return the time-stamp of an entry."""
        query = select(_E.stamp).where(_E.title == title, _E.n == n)
        found = self._tx.execute(query).scalar()
        return None if found is None else bytes(found)

    def put_stamp(self, title: str, n: int, token: bytes) -> None:
        """Write the time-stamp of an entry."""
        self._tx.execute(
            update(TITLE_ENTRY).where(_E.title == title, _E.n == n).values(stamp=token)
        )

    def epochs(self, title: str) -> Sequence[str]:
        """Return the signed epochs of a title's keys."""
        query = select(_K.signed).where(_K.title == title).order_by(_K.n)
        return tuple(self._tx.execute(query).scalars())

    def add_epoch(self, title: str, signed: str) -> None:
        """Write one more epoch; raises Collision where another was written meanwhile."""
        count = select(func.count()).select_from(TITLE_EPOCH).where(_K.title == title)
        number = self._tx.execute(count).scalar_one()
        self._tx.execute(TITLE_EPOCH.insert(), {"title": title, "n": number, "signed": signed})

    def paper(self, serial: str) -> Paper | None:
        """Return what is known of a paper."""
        query = select(_P.title, _P.live).where(_P.serial == serial)
        row = self._tx.execute(query).one_or_none()
        return None if row is None else Paper(serial=serial, title=row.title, live=row.live)

    def put_paper(self, paper: Paper, before: Paper | None) -> None:
        """Write what is known of a paper; raises MediumRefused unless `before` still holds."""
        values = {"title": paper.title, "live": paper.live}
        if before is None:
            try:
                self._tx.execute(TITLE_PAPER.insert(), {"serial": paper.serial, **values})
            except Collision as taken:
                raise changed(paper) from taken
            return
        same = (_P.serial == paper.serial, _P.title == before.title, _P.live == before.live)
        if self._tx.execute(update(TITLE_PAPER).where(*same).values(values)).rowcount != 1:
            raise changed(paper)
