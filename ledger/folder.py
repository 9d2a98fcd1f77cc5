"""A log as a tool of its own: one folder with a key, a SQLite file and a lock.

    log.key      private key of the log, PKCS#8 PEM, encrypted if a passphrase is given
    log.vkey     verifier key, for everybody
    log.sqlite   tiles, digest index, checkpoints (WAL, synchronous=FULL)
    log.lock     held by the one process that writes

What `append` returned is on the disk: the transaction is committed and synced first.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Final, Self

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.checkpoint import Checkpoint
from ledger.errors import BadVerifierKey, LogBusy, LogDamaged, LogExists, NoLog
from ledger.log import Log
from ledger.note import Note
from ledger.proof import TlogProof
from ledger.signature import Ed25519Signer
from ledger.sqlite import SqliteTiles
from ledger.vkey import KeyType, VerifierKey

_KEY: Final = "log.key"
_VKEY: Final = "log.vkey"
_STORE: Final = "log.sqlite"
_LOCK: Final = "log.lock"
_POLL_SECONDS: Final = 0.02


class FolderLog:
    """A log in a folder; open it with `FolderLog(home)`, make it with `FolderLog.init`."""

    def __init__(
        self, home: Path, *, passphrase: bytes | None = None, patience: float = 10.0
    ) -> None:
        """Open the log in `home`; a writer waits `patience` seconds for another. Raises NoLog."""
        if not (home / _VKEY).exists():
            raise NoLog(where=str(home))
        self.home = home
        self.key = VerifierKey.parse((home / _VKEY).read_text("utf-8"))
        self.patience = patience
        self._passphrase = passphrase
        self._db = connect(home / _STORE)

    @classmethod
    def init(cls, home: Path, origin: str, *, passphrase: bytes | None = None) -> FolderLog:
        """Make a new log named `origin` with a key of its own; raises LogExists."""
        home.mkdir(parents=True, exist_ok=True)
        if any((home / name).exists() for name in (_KEY, _VKEY, _STORE)):
            raise LogExists(where=str(home))
        signer = Ed25519Signer(origin, Ed25519PrivateKey.generate())
        text = f"{signer.key}\n".encode()
        db = connect(home / _STORE)
        SqliteTiles(db).create()
        db.close()
        write_new(home / _KEY, pem_of(signer.private, passphrase), 0o600)
        write_new(home / _VKEY, text, 0o644)
        return cls(home, passphrase=passphrase)

    @cached_property
    def signer(self) -> Ed25519Signer:
        """The log's signer; its private key is read when it is first needed."""
        try:
            pem = (self.home / _KEY).read_bytes()
            private = serialization.load_pem_private_key(pem, self._passphrase)
        except (OSError, ValueError, TypeError) as wrong:
            raise LogDamaged(where=_KEY, what=str(wrong)) from wrong
        if not isinstance(private, Ed25519PrivateKey) or self.key.kind is not KeyType.ED25519:
            raise BadVerifierKey(found=_KEY, reason="a log signs with Ed25519")
        signer = Ed25519Signer(self.key.name, private)
        if signer.key != self.key:
            raise LogDamaged(where=_KEY, what=f"it is not the key of {_VKEY}")
        return signer

    @contextmanager
    def writing(self) -> Iterator[Log]:
        """Give the log for one transaction of the only writer; raises LogBusy."""
        with self._lock(), _transaction(self._db, "BEGIN IMMEDIATE"):
            yield Log(SqliteTiles(self._db), self.signer)

    @contextmanager
    def reading(self) -> Iterator[Log]:
        """Give the log as it is now, undisturbed by writers; nothing can be written.

        The private key is read only if a checkpoint of an earlier size has to be signed.
        """
        self._db.execute("PRAGMA query_only = ON")
        try:
            with _transaction(self._db, "BEGIN"):
                yield Log(SqliteTiles(self._db), _LazySigner(self))
        finally:
            self._db.execute("PRAGMA query_only = OFF")

    def append(self, digests: Sequence[bytes]) -> range:
        """Append entries and publish the checkpoint that covers them; return their indices."""
        with self.writing() as log:
            indices = log.append(digests)
            log.checkpoint()
        return indices

    def proof(self, index: int, size: int | None = None) -> TlogProof:
        """Return the proof file of leaf `index`, in the tree of exactly `size` leaves if given.

        A size that was never published gets its checkpoint signed now: of the very tree whose
        extension the published checkpoints are, which is checked first. Raises NotInTree.
        """
        with self.reading() as log:
            known = log.tiles.published(at_least=size) if size is not None else None
            if size is None or (known is not None and known.size == size):
                return log.proof(index, size)
        with self.writing() as log:
            log.checkpoint()
            past = Checkpoint(log.origin, size, log.root(size))
            note = bytes(Note(past.text()).signed(self.signer))
            return TlogProof(index, log.prove(index, size).path, note)

    def close(self) -> None:
        """Close the store."""
        self._db.close()

    def __enter__(self) -> Self:
        """Return the log; leaving closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()

    @contextmanager
    def _lock(self) -> Iterator[None]:
        deadline = time.monotonic() + self.patience
        with (self.home / _LOCK).open("ab") as handle:
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= deadline:
                        raise LogBusy(where=str(self.home)) from None
                    time.sleep(_POLL_SECONDS)
            yield


class _LazySigner:
    """The log's signer, whose private key is read when something is signed."""

    def __init__(self, folder: FolderLog) -> None:
        self._folder = folder

    @property
    def key(self) -> VerifierKey:
        return self._folder.key

    def sign(self, text: bytes) -> bytes:
        return self._folder.signer.sign(text)


def connect(path: Path) -> sqlite3.Connection:
    """Open a SQLite file whose commits survive a power cut."""
    db = sqlite3.connect(path, isolation_level=None, timeout=10.0, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    return db


@contextmanager
def _transaction(db: sqlite3.Connection, begin: str) -> Iterator[None]:
    db.execute(begin)
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def pem_of(private: Ed25519PrivateKey, passphrase: bytes | None) -> bytes:
    """Return a key as PKCS#8 PEM, encrypted if there is a passphrase."""
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        protection = serialization.BestAvailableEncryption(passphrase)
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection
    )


def write_new(path: Path, data: bytes, mode: int) -> None:
    """Write a new file and sync it; it never had wider rights than `mode`."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
