"""The history of a title as one file that proves itself, offline.

Canonical JSON of four or five texts:

    entries   every entry of the title, as its party signed it, the issue first
    head      a signed note of the register: which entry was the last, and when that was so
    proof     proof file of the last entry in the log (C2SP tlog-proof)
    stamps    the time-stamps of the entries (RFC 3161), where there are any
    type      "silkgate-title-history/1", with stamps "silkgate-title-history/2"

Each entry names the digest of the one before it, so that the last entry, which is in the log,
stands for all. The head binds proof file and stamps by their digests: no byte of the file is
without a signature. What the stamps say is for whoever knows the authority. A file is a copy: it
says what the title was, not what became of it since.
"""

from __future__ import annotations

import re
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
from ledger.title.fields import moment
from ledger.title.link import Link
from ledger.title.sequence import Standing, follow_all
from ledger.title.stamps import unpacked
from ledger.vkey import VerifierKey
from schemas.clock import iso
from schemas.errors import InputError
from schemas.jcs import canonical_json
from schemas.jsondepth import loads

TYPE: Final = "silkgate-title-history/1"
STAMPED: Final = "silkgate-title-history/2"
MAX_BYTES: Final = 10_000_000
HEAD: Final = "silkgate title head v1"
_HEAD_STAMPED: Final = "silkgate title head v2"
_LINES: Final = {HEAD: 8, _HEAD_STAMPED: 9}
_PARTS: Final = frozenset({"entries", "head", "proof", "type"})
_TITLES: Final = "titles"
_NUMBER: Final = re.compile(r"[0-9]{1,16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFile:
    """The parts of a history file; nothing is verified yet. `stamps` may be empty."""

    entries: tuple[str, ...]
    head: bytes
    proof: bytes
    stamps: str = ""

    def encode(self) -> bytes:
        """Return the file."""
        said = {
            "entries": list(self.entries),
            "head": self.head.decode(),
            "proof": self.proof.decode(),
            "type": STAMPED if self.stamps else TYPE,
        }
        return canonical_json({**said, "stamps": self.stamps} if self.stamps else said)

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
        stamps = said.get("stamps", "") if isinstance(said, dict) else ""
        match said:
            case {"entries": [*entries], "head": str(head), "proof": str(proof), "type": str(kind)}:
                texts = all(isinstance(each, str) for each in (*entries, stamps))
                parts = {*_PARTS, "stamps"} if kind == STAMPED and stamps else _PARTS
                if texts and kind in {TYPE, STAMPED} and said.keys() == parts:
                    return cls(
                        entries=tuple(entries),
                        head=head.encode(),
                        proof=proof.encode(),
                        stamps=stamps,
                    )
        raise EntryRefused(reason="it is no history file of a title")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadStatement:
    """What a register says: at that time, this entry was the last of the title.

    `proof` and `stamps` are digests of those parts of the file, `stamps` empty without any.
    """

    register: str
    title: str
    n: int
    digest: str
    at: str
    log: str
    proof: str
    stamps: str = ""

    @classmethod
    def of(cls, standing: Standing, proof: bytes, at: datetime, stamps: str = "") -> HeadStatement:
        """Return the statement on a standing whose entry `proof` shows in the log."""
        return cls(
            register=standing.register,
            title=standing.title,
            n=standing.n,
            digest=standing.digest,
            at=iso(at),
            log=TlogProof.parse(proof).origin,
            proof=sha256(proof).hexdigest(),
            stamps=sha256(stamps.encode()).hexdigest() if stamps else "",
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
            *([self.stamps] if self.stamps else []),
        )
        head = _HEAD_STAMPED if self.stamps else HEAD
        return "".join(f"{line}\n" for line in (head, *fields)).encode()

    @classmethod
    def parse(cls, text: bytes) -> HeadStatement:
        """Read a text, which has one form alone; raises EntryRefused."""
        lines = text.decode("utf-8", "replace").split("\n")
        if _LINES.get(lines[0]) != len(lines) - 1 or not _NUMBER.fullmatch(lines[3]):
            raise EntryRefused(reason="the head is malformed")
        register, title, n, digest, at, log, proof, *stamps = lines[1:-1]
        found = cls(
            register=register,
            title=title,
            n=int(n),
            digest=digest,
            at=at,
            log=log,
            proof=proof,
            stamps="".join(stamps),
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
    """A history that holds: every standing in order, the checkpoint, and as of when.

    `stamps` are the time-stamps of the entries, as many; what they say is not verified.
    """

    standings: tuple[Standing, ...]
    stamps: tuple[bytes | None, ...]
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
    at = moment({"at": head.at}, "at")
    if head != HeadStatement.of(last, file.proof, at, file.stamps):
        raise ProofRefused(reason="the head is of another title, entry, proof or stamps")
    stamps = unpacked(file.stamps) if file.stamps else (None,) * len(standings)
    if len(stamps) != len(standings):
        raise EntryRefused(reason="there are more or fewer time-stamps than entries")
    return VerifiedHistory(standings=standings, stamps=stamps, checkpoint=checkpoint, as_of=at)


def _verified_head(note: bytes, log: VerifierKey) -> HeadStatement:
    parsed = Note.parse(note)
    parsed.verified([verifier_for(head_key(log))])
    if len(parsed.signatures) != 1 or bytes(parsed) != note:
        raise ProofRefused(reason="the head has more than its signature")
    return HeadStatement.parse(parsed.text)


def is_history(data: bytes) -> bool:
    """Tell whether bytes look like a history file."""
    ends = tuple(f'"type":"{kind}"}}'.encode() for kind in (TYPE, STAMPED))
    return data.startswith(b'{"entries":[') and data.endswith(ends)
