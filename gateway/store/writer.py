"""The one writer of a SQLite database, over all threads and processes of this machine.

SQLite lets one transaction write at a time; whoever comes meanwhile polls with growing pauses, and
may be overtaken again and again. A lock on a file beside the database queues them instead: it is
handed on at once. SQLite's own lock stays what makes it right; this one makes it fast.
"""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Final

from sqlalchemy import URL

from gateway.store.errors import StoreUnavailable

_ENDING: Final = "-writer"


class FileWriter:
    """A lock for threads of this process first, then for processes of this machine."""

    def __init__(self, path: Path) -> None:
        """Use the file at `path`, made when it is first needed and left there."""
        self._path = path
        self._threads = threading.Lock()
        self._file: int | None = None  # a descriptor: the lock goes with the process

    def __enter__(self) -> None:
        """Wait for the turn of this thread; raises StoreUnavailable where no file can be."""
        self._threads.acquire()
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
        except OSError as error:
            self._threads.release()
            raise StoreUnavailable(reason=str(error)) from error
        except BaseException:
            self._threads.release()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the next one write."""
        try:
            if self._file is not None:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        with self._threads:
            if self._file is not None:
                os.close(self._file)
                self._file = None


def file_writer(url: URL) -> FileWriter | None:
    """Return the writer of a SQLite database in a file, None for any other database."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return FileWriter(Path(url.database + _ENDING))
