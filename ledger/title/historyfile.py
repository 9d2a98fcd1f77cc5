"""The history of a title as one file that proves itself, offline.

Canonical JSON of four texts:

    entries   every entry of the title, as its party signed it, the issue first
    head      a signed note of the register: which entry was the last, and when that was so
    proof     proof file of the last entry in the log (C2SP tlog-proof)
    type      "silkgate-title-history/1"

Each entry names the digest of the one before it, so that the last entry, which is in the log,
stands for all. The head binds the proof file by its digest: no byte of the file is without a
signature. A file is a copy: it says what the title was, not what became of it since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from ledger.checkpoint import SignedCheckpoint
from ledger.errors import ProofRefused
from ledger.note import Note, NoteSigner
from ledger.policy import Policy
from ledger.proof import TlogProof, verify_proof
from ledger.shards import key_for
from ledger.signature import verifier_for
from ledger.title.errors import EntryRefused
from ledger.title.link import Link
from ledger.title.sequence import Standing, follow_all
from ledger.vkey import VerifierKey
from schemas.clock import iso
from schemas.errors import InputError
from schemas.jcs import canonical_json
from schemas.jsondepth import loads

TYPE: Final = "silkgate-title-history/1"
MAX_BYTES: Final = 10_000_000
HEAD: Final = "silkgate title head v1"
_LINES: Final = 8
_PARTS: Final = 4
_TITLES: Final = "titles"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFile:
    """The parts of a history file; nothing is verified yet."""

    entries: tuple[str, ...]
    head: bytes
    proof: bytes

    def encode(self) -> bytes:
        """Return the file."""
        said = {
            "entries": list(self.entries),
            "head": self.head.decode(),
            "proof": self.proof.decode(),
            "type": TYPE,
        }
        return canonical_json(said)

    @classmethod
    def decode(cls, data: bytes) -> HistoryFile:
        """Read a file, which has one form alone; raises EntryRefused."""
        if len(data) > MAX_BYTES:
            raise EntryRefused(reason="the history file is too large")
        try:
            said = loads(data)
            canonical = canonical_json(said)
        except (ValueError, InputError) as error:
            raise EntryRefused(reason="the history file is not canonical JSON") from error
        if canonical != data:
            raise EntryRefused(reason="the history file is not canonical JSON")
        match said:
            case {"entries": [*entries], "head": str(head), "proof": str(proof), "type": kind}:
                texts = all(isinstance(each, str) for each in entries)
                if texts and kind == TYPE and len(said) == _PARTS:
                    return cls(entries=tuple(entries), head=head.encode(), proof=proof.encode())
        raise EntryRefused(reason=f"it is no {TYPE} file")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadStatement:
    """What a register says: at that time, this entry was the last of the title."""

    register: str
    title: str
    n: int
    digest: str
    at: str
    log: str
    proof: str

    @classmethod
    def of(cls, standing: Standing, proof: bytes, at: datetime) -> HeadStatement:
        """Return the statement on a standing whose entry `proof` shows in the log."""
        return cls(
            register=standing.register,
            title=standing.title,
            n=standing.n,
            digest=standing.digest,
            at=iso(at),
            log=TlogProof.parse(proof).origin,
            proof=sha256(proof).hexdigest(),
        )

    def text(self) -> bytes:
        """Return the text that is signed."""
        fields = (
            self.register,
            self.title,
            str(self.n),
            self.digest,
            self.at,
            self.log,
            self.proof,
        )
        return "".join(f"{line}\n" for line in (HEAD, *fields)).encode()

    @classmethod
    def parse(cls, text: bytes) -> HeadStatement:
        """Read a text, which has one form alone; raises EntryRefused."""
        lines = text.decode("utf-8", "replace").split("\n")
        if len(lines) != _LINES + 1 or lines[0] != HEAD or not lines[3].isascii():
            raise EntryRefused(reason="the head is malformed")
        _, register, title, n, digest, at, log, proof, _ = lines
        number = int(n) if n.isdigit() else -1
        found = cls(
            register=register, title=title, n=number, digest=digest, at=at, log=log, proof=proof
        )
        if found.text() != text:
            raise EntryRefused(reason="the head is malformed")
        return found

    def signed(self, log: NoteSigner) -> bytes:
        """Return the note, signed with the log's key under the name of the register's heads."""
        return bytes(Note(self.text()).signed(_HeadSigner(log)))


@dataclass(frozen=True, slots=True)
class _HeadSigner:
    """The log's key under another name: a head can never pass for a checkpoint."""

    log: NoteSigner

    @property
    def key(self) -> VerifierKey:
        return head_key(self.log.key)

    def sign(self, text: bytes) -> bytes:
        return self.log.sign(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedHistory:
    """A history that holds: every standing in order, the checkpoint, and as of when."""

    standings: tuple[Standing, ...]
    checkpoint: SignedCheckpoint
    as_of: datetime

    @property
    def last(self) -> Standing:
        """The title as of then."""
        return self.standings[-1]

    @property
    def links(self) -> Sequence[Link]:
        """The endorsement chain."""
        return [standing.link for standing in self.standings]


def head_key(log: VerifierKey) -> VerifierKey:
    """Return the key that signs the heads of the register over a log."""
    return VerifierKey(f"{log.name}/{_TITLES}", log.kind, log.key)


def verify_history(data: bytes, log: VerifierKey, policy: Policy | None = None) -> VerifiedHistory:
    """Return the history in a file, verified with the log's key alone, offline.

    Raises LedgerError: EntryRefused, OutOfOrder, MoveRefused, MediumRefused for what the entries
    say; ProofRefused, NoteRefused for head and proof. `policy` names witnesses that must have
    cosigned the checkpoint.
    """
    file = HistoryFile.decode(data)
    standings = tuple(follow_all(file.entries))
    last = standings[-1]
    proof = TlogProof.parse(file.proof)
    key = key_for(log, proof.origin)
    checkpoint = verify_proof(proof, bytes.fromhex(last.digest), verifier_for(key), policy)
    head = _verified_head(file.head, key)
    if head != HeadStatement.of(last, file.proof, datetime.fromisoformat(head.at)):
        raise ProofRefused(reason="the head is of another title, entry or proof")
    return VerifiedHistory(
        standings=standings, checkpoint=checkpoint, as_of=datetime.fromisoformat(head.at)
    )


def _verified_head(note: bytes, log: VerifierKey) -> HeadStatement:
    parsed = Note.parse(note)
    parsed.verified([verifier_for(head_key(log))])
    if len(parsed.signatures) != 1 or bytes(parsed) != note:
        raise ProofRefused(reason="the head has more than its signature")
    head = HeadStatement.parse(parsed.text)
    try:
        datetime.fromisoformat(head.at)
    except ValueError as error:
        raise ProofRefused(reason="the head has no time") from error
    return head


def is_history(data: bytes) -> bool:
    """Tell whether bytes look like a history file."""
    return data.startswith(b'{"entries":[') and data.endswith(f'"type":"{TYPE}"}}'.encode())
