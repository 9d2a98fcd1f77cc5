"""Opening a database, and the transactions everything else works in.

SQLite: write-ahead log with synchronous=FULL, so a commit survives a power cut; one writer at a
time, queued in the process by a lock and between processes by BEGIN IMMEDIATE. PostgreSQL: as
many writers as there are, READ COMMITTED.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, CursorResult, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, OperationalError
from sqlalchemy.sql import Executable

from gateway.store import revision
from gateway.store.errors import Collision, StoreUnavailable, StoreUnknown
from gateway.store.writer import file_writer

_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=30000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-16384",
    # Checkpoints copy pages back in the middle of somebody's commit: let them be few.
    "PRAGMA wal_autocheckpoint=8000",
)
_TAKEN: Final = frozenset({"SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE"})
_UNIQUE_VIOLATION: Final = "23505"  # PostgreSQL, appendix A
_AWAY_SQLITE: Final = ("SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_IOERR")
# Connection exception, insufficient resources, operator intervention (PostgreSQL, appendix A).
_AWAY_POSTGRESQL: Final = ("08", "53", "57")
_DRIVERS: Final = {
    "sqlite": "sqlite+pysqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}


class Transaction:
    """One transaction: all of it or nothing is kept. Only the store begins and ends one."""

    __slots__ = ("_after", "_connection", "dialect")

    def __init__(self, connection: Connection) -> None:
        """Work on `connection`, on which the store has begun a transaction."""
        self._connection = connection
        self._after: list[Callable[[], None]] = []
        self.dialect = connection.dialect.name

    def execute(
        self,
        statement: Executable,
        parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> CursorResult[Any]:
        """Execute a statement once, or once for each of a sequence of parameters.

        Raises Collision where a key is taken.
        """
        try:
            return self._connection.execute(statement, parameters)
        except IntegrityError as error:
            if _is_taken(error.orig):
                raise Collision(where=str(error.orig)) from error
            raise

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call back once the transaction is durable; never, if it is rolled back."""
        self._after.append(callback)

    def committed(self) -> None:
        """Run the callbacks; the store calls it."""
        for callback in self._after:
            callback()


class Store:
    """The gateway's database. One per process; safe to use from several threads."""

    def __init__(self, engine: Engine) -> None:
        """Use `engine`, made by `connect`."""
        self.engine = engine
        self.dialect = engine.dialect.name
        self._file = file_writer(engine.url)
        self._writer: AbstractContextManager[object] = self._file or nullcontext()
        self._reads = engine.execution_options(silkgate_reads=True)
        # A command that ends by an error leaves its store open: no connection outlives it.
        weakref.finalize(self, engine.dispose).atexit = False

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """Begin a transaction that writes; it commits at the end of the block.

        Raises StoreUnavailable when the database does not answer or stays locked.
        """
        with self._writer, _told(), self.engine.begin() as connection:
            tx = Transaction(connection)
            yield tx
        tx.committed()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Begin a transaction that only reads; on SQLite it never waits for a writer."""
        with _told(), self._reads.begin() as connection:
            yield Transaction(connection)

    def migrate(self) -> None:
        """Bring the tables to the newest revision; does nothing when they are."""
        with _told():
            if revision.current(self.engine) == revision.newest():
                return
        from gateway.store.migrations import upgrade

        with self._writer, _told():
            upgrade(self.engine)

    def check(self) -> None:
        """Raise StoreNotReady unless the tables are at the revision this code needs."""
        with _told():
            revision.check(self.engine)

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()
        if self._file is not None:
            self._file.close()


def connect(url: str) -> Store:
    """Open the database at `url`; raises StoreUnknown for one the store does not speak."""
    parsed = _parsed(url)
    engine = create_engine(
        parsed,
        pool_size=16,
        max_overflow=32,
        json_serializer=_json,
        hide_parameters=True,  # what documents say does not go to logs
        **_options(parsed),
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return Store(engine)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
        return parsed.set(drivername=_DRIVERS[parsed.get_backend_name()])
    except (ArgumentError, KeyError):
        raise StoreUnknown(where=url.partition("@")[2] or url) from None


def _options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": 30.0, "check_same_thread": False}}
    return {"connect_args": {"options": "-c timezone=UTC"}, "pool_pre_ping": True}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=dict)


@contextmanager
def _told() -> Iterator[None]:
    """Say in our own words that the database is not there; what else it says passes through."""
    try:
        yield
    except OperationalError as error:
        if not _is_away(error.orig):
            raise
        raise StoreUnavailable(reason=str(error.orig).strip()) from error


def _is_away(error: BaseException | None) -> bool:
    """Tell whether the database cannot be reached, is locked or full, in either driver's words."""
    name = getattr(error, "sqlite_errorname", None)
    if name is not None:
        return str(name).startswith(_AWAY_SQLITE)
    state = getattr(error, "sqlstate", None)
    return state is None or state.startswith(_AWAY_POSTGRESQL)


def _is_taken(error: BaseException | None) -> bool:
    """Tell whether a unique key was there before, in the words of either driver."""
    name = getattr(error, "sqlite_errorname", "")
    state = getattr(error, "sqlstate", "")
    return name in _TAKEN or state == _UNIQUE_VIOLATION


def _set_up_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
    connection.isolation_level = None  # the driver begins nothing by itself
    for pragma in _PRAGMAS:
        connection.execute(pragma).close()


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("silkgate_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
