"""A register as a tool of its own: the folder of a log, with the titles in the same file.

An entry and its leaf in the log are one commit: after a crash both are there, or neither.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ledger.folder import FolderLog
from ledger.title.check import check_register
from ledger.title.entrylog import OneLog
from ledger.title.errors import Disputed
from ledger.title.privacy import Epoch
from ledger.title.register import Accepted, Register
from ledger.title.store import Head, Paper, changed
from schemas.clock import Clock, utc_now
from schemas.finding import Finding

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS title_entry (
    title TEXT NOT NULL, n INTEGER NOT NULL, digest TEXT NOT NULL, entry TEXT NOT NULL,
    PRIMARY KEY (title, n)
) STRICT;
CREATE TABLE IF NOT EXISTS title_paper (
    serial TEXT PRIMARY KEY, title TEXT NOT NULL, live INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS title_stamp (
    title TEXT NOT NULL, n INTEGER NOT NULL, token BLOB NOT NULL, PRIMARY KEY (title, n)
) STRICT;
CREATE TABLE IF NOT EXISTS title_epoch (
    number INTEGER PRIMARY KEY, title TEXT NOT NULL, signed TEXT NOT NULL
) STRICT;
"""


class SqliteTitles:
    """The titles of one register on one connection; the caller begins and commits."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Speak for the register in `db`."""
        self._db = db

    def head(self, title: str, *, for_update: bool = False) -> Head | None:  # noqa: ARG002 - BEGIN IMMEDIATE locked it
        """Return the last entry of a title."""
        row = self._db.execute(
            "SELECT n, digest FROM title_entry WHERE title = ? ORDER BY n DESC LIMIT 1", (title,)
        ).fetchone()
        return None if row is None else Head(title=title, n=row[0], digest=row[1])

    def append(self, head: Head, entry: str) -> None:
        """Write an entry and make it the head; raises Disputed if its place is taken."""
        try:
            self._db.execute(
                "INSERT INTO title_entry VALUES (?, ?, ?, ?)",
                (head.title, head.n, head.digest, entry),
            )
        except sqlite3.IntegrityError as taken:
            raise Disputed(where=head.title, n=head.n, accepted="") from taken

    def entries(self, title: str) -> Sequence[str]:
        """Return the entries of a title in order."""
        rows = self._db.execute(
            "SELECT entry FROM title_entry WHERE title = ? ORDER BY n", (title,)
        )
        return tuple(row[0] for row in rows)

    def titles(self) -> Sequence[str]:
        """Return the ids of all titles."""
        rows = self._db.execute("SELECT title FROM title_entry WHERE n = 0 ORDER BY title")
        return tuple(row[0] for row in rows)

    def stamp(self, title: str, n: int) -> bytes | None:
        """Return the time-stamp of an entry."""
        row = self._db.execute(
            "SELECT token FROM title_stamp WHERE title = ? AND n = ?", (title, n)
        ).fetchone()
        return None if row is None else bytes(row[0])

    def put_stamp(self, title: str, n: int, token: bytes) -> None:
        """Write the time-stamp of an entry."""
        self._db.execute("INSERT INTO title_stamp VALUES (?, ?, ?)", (title, n, token))

    def epochs(self, title: str) -> Sequence[str]:
        """Return the signed epochs of a title's keys."""
        rows = self._db.execute(
            "SELECT signed FROM title_epoch WHERE title = ? ORDER BY number", (title,)
        )
        return tuple(row[0] for row in rows)

    def add_epoch(self, title: str, signed: str) -> None:
        """Write one more epoch."""
        self._db.execute("INSERT INTO title_epoch (title, signed) VALUES (?, ?)", (title, signed))

    def paper(self, serial: str) -> Paper | None:
        """Return what is known of a paper."""
        row = self._db.execute(
            "SELECT title, live FROM title_paper WHERE serial = ?", (serial,)
        ).fetchone()
        return None if row is None else Paper(serial=serial, title=row[0], live=bool(row[1]))

    def put_paper(self, paper: Paper, before: Paper | None) -> None:
        """Write what is known of a paper; the one writer has just read what was `before`."""
        if self.paper(paper.serial) != before:
            raise changed(paper)
        self._db.execute(
            "INSERT OR REPLACE INTO title_paper VALUES (?, ?, ?)",
            (paper.serial, paper.title, int(paper.live)),
        )


class FolderRegister(FolderLog):
    """A register in a folder; open it with `FolderRegister(home)`, make it with `make`."""

    def __init__(
        self,
        home: Path,
        *,
        passphrase: bytes | None = None,
        patience: float = 10.0,
        issuers: Collection[str] | None = None,
        clock: Clock = utc_now,
    ) -> None:
        """Open the register in `home`; `issuers` may issue, None for any. Raises NoLog."""
        super().__init__(home, passphrase=passphrase, patience=patience)
        self._issuers = issuers
        self._clock = clock
        self._db.executescript(_TABLES)

    @contextmanager
    def moving(self) -> Iterator[Register]:
        """Give the register for one transaction of the only writer; raises LogBusy."""
        with self.writing() as log:
            yield Register(
                SqliteTitles(self._db), OneLog(log), issuers=self._issuers, clock=self._clock
            )
            log.checkpoint()

    @contextmanager
    def looking(self) -> Iterator[Register]:
        """Give the register as it is now; nothing can be written."""
        with self.reading() as log:
            yield Register(SqliteTitles(self._db), OneLog(log), clock=self._clock)

    def submit(self, signed: str) -> Accepted:
        """Accept a signed entry, durably, under a published checkpoint; see `Register.submit`."""
        with self.moving() as register:
            return register.submit(signed)

    def share(self, signed: str) -> Epoch:
        """Keep a signed epoch of a title's keys; see `Register.share`."""
        with self.moving() as register:
            return register.share(signed)

    def head(self, title: str) -> Head | None:
        """Return the last entry of a title, None for an id that was never issued."""
        with self.reading():
            return SqliteTitles(self._db).head(title)

    def check(self) -> list[Finding]:
        """Return what does not agree when everything is derived anew."""
        with self.reading() as log:
            return list(check_register(SqliteTitles(self._db), log, log.origin))

    def export(self, title: str) -> bytes:
        """Return the history file of a title."""
        with self.looking() as register:
            return register.export(title)


def make(home: Path, origin: str, *, passphrase: bytes | None = None) -> FolderRegister:
    """Make a register in a new folder; raises LogExists."""
    FolderLog.init(home, origin, passphrase=passphrase).close()
    return FolderRegister(home, passphrase=passphrase)
