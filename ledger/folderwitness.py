"""A witness as a tool of its own: one folder with a key and what it has seen of each log.

witness.key      private key, PKCS#8 PEM, for its owner alone
witness.vkey     verifier key, for everybody
seen.sqlite      the last tree cosigned of each log (WAL, synchronous=FULL)
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Self

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.errors import LogDamaged, LogExists, NoLog
from ledger.folder import connect, pem_of, write_new
from ledger.signature import Cosigner
from ledger.vkey import VerifierKey
from ledger.witness import NOTHING_SEEN, Seen

_KEY: Final = "witness.key"
_VKEY: Final = "witness.vkey"
_SEEN: Final = "seen.sqlite"
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS seen"
    " (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL) STRICT"
)


class FolderWitness:
    """Key and memory of a witness; fulfils `ledger.witness.WitnessStore`."""

    def __init__(self, home: Path) -> None:
        """Open the witness in `home`; raises NoLog, LogDamaged."""
        if not (home / _VKEY).exists():
            raise NoLog(where=str(home))
        key = VerifierKey.parse((home / _VKEY).read_text("utf-8"))
        private = serialization.load_pem_private_key((home / _KEY).read_bytes(), None)
        if not isinstance(private, Ed25519PrivateKey):
            raise LogDamaged(where=_KEY, what="a witness signs with Ed25519")
        self.cosigner = Cosigner(key.name, private)
        if self.cosigner.key != key:
            raise LogDamaged(where=_KEY, what=f"it is not the key of {_VKEY}")
        self._db = connect(home / _SEEN)
        self._db.execute(_TABLE)

    @classmethod
    def init(cls, home: Path, name: str) -> FolderWitness:
        """Make a new witness called `name`; raises LogExists."""
        home.mkdir(parents=True, exist_ok=True)
        if any((home / file).exists() for file in (_KEY, _VKEY, _SEEN)):
            raise LogExists(where=str(home))
        cosigner = Cosigner(name, Ed25519PrivateKey.generate())
        text = f"{cosigner.key}\n".encode()
        write_new(home / _KEY, pem_of(cosigner.private, None), 0o600)
        write_new(home / _VKEY, text, 0o644)
        return cls(home)

    def seen(self, origin: str) -> Seen:
        """Return the last tree of the log."""
        row = self._db.execute("SELECT size, root FROM seen WHERE origin = ?", (origin,)).fetchone()
        return NOTHING_SEEN if row is None else Seen(*row)

    def advance(self, origin: str, old: Seen, new: Seen) -> bool:
        """Replace `old` by `new` durably, unless somebody was faster."""
        if old == NOTHING_SEEN:
            first = "INSERT OR IGNORE INTO seen VALUES (?, ?, ?)"
            if self._db.execute(first, (origin, new.size, new.root)).rowcount == 1:
                return True
        moved = self._db.execute(
            "UPDATE seen SET size = ?, root = ? WHERE origin = ? AND size = ? AND root = ?",
            (new.size, new.root, origin, old.size, old.root),
        )
        return moved.rowcount == 1

    def close(self) -> None:
        """Close the memory."""
        self._db.close()

    def __enter__(self) -> Self:
        """Return the witness; leaving closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the memory."""
        self.close()
