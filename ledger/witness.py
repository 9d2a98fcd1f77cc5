"""The witness protocol: cosign a log's checkpoint if it extends the last one (C2SP tlog-witness).

POST add-checkpoint          200  cosignature lines
old SIZE                     400  malformed, or old is larger than the checkpoint
consistency nodes, base64    403  not signed by the log
(blank line)                 404  the log is not known here
CHECKPOINT                   409  old is not what the witness has: body is its size
                             422  the proof does not hold
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol

from ledger import merkle
from ledger.checkpoint import Checkpoint, open_checkpoint, parse_size
from ledger.errors import NoteRefused, WitnessRefused
from ledger.note import Note, NoteVerifier, Signature, parse_signature_lines
from ledger.shards import base_of, key_for
from ledger.signature import Cosigner, verifier_for
from ledger.vkey import decode_base64
from schemas.clock import Clock, utc_now

SIZE_TYPE: Final = "text/x.tlog.size"
TEXT_TYPE: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Seen:
    """The largest consistent tree of one log that a witness has cosigned."""

    size: int
    root: bytes


NOTHING_SEEN: Final = Seen(0, merkle.EMPTY_ROOT)


class WitnessStore(Protocol):
    """What the witness has seen of each log; compare-and-set is one atomic, durable step."""

    def seen(self, origin: str) -> Seen:
        """Return the last tree of the log, `NOTHING_SEEN` for a new one."""
        ...

    def advance(self, origin: str, old: Seen, new: Seen) -> bool:
        """Replace `old` by `new` durably; return False, changing nothing, if it is not `old`."""
        ...


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request: size the sender believes the witness has, consistency proof, signed note."""

    old: int
    path: tuple[bytes, ...]
    checkpoint: bytes

    def __bytes__(self) -> bytes:
        """Return the request body."""
        lines = [f"old {self.old}", *(b64encode(node).decode() for node in self.path), ""]
        return "".join(f"{line}\n" for line in lines).encode() + self.checkpoint

    @classmethod
    def parse(cls, body: bytes) -> AddCheckpoint:
        """Read a request body strictly; raises NoteRefused."""
        head, blank, checkpoint = body.partition(b"\n\n")
        old, *nodes = head.decode("utf-8", "replace").split("\n")
        path = tuple(decode_base64(node) or b"" for node in nodes)
        if not blank or not old.startswith("old ") or len(path) > merkle.MAX_PATH:
            raise NoteRefused(reason="it is not an add-checkpoint request")
        if any(len(node) != merkle.HASH_SIZE for node in path):
            raise NoteRefused(reason="a node is not base64 of 32 bytes")
        return cls(parse_size(old.removeprefix("old ")), path, checkpoint)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the witness answers over HTTP."""

    status: int
    body: bytes = b""
    content_type: str = TEXT_TYPE


class Witness:
    """Cosigns checkpoints of known logs, each only if it extends the last one it cosigned."""

    def __init__(
        self,
        cosigner: Cosigner,
        logs: Sequence[NoteVerifier],
        store: WitnessStore,
        clock: Clock = utc_now,
    ) -> None:
        """Witness these logs, by their verifier keys; the origin of a log is its key's name."""
        self._cosigner = cosigner
        self._logs: Mapping[str, NoteVerifier] = {log.key.name: log for log in logs}
        self._store = store
        self._clock = clock

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer one request; what is answered with 200 is stored first."""
        try:
            request = AddCheckpoint.parse(body)
            note = Note.parse(request.checkpoint)
            origin = Checkpoint.parse(note.text).origin
        except NoteRefused as refused:
            return _refusal(400, refused)
        log = self._log(origin)
        if log is None:
            return Answer(404, b"this log is not known here\n")
        try:
            checkpoint = open_checkpoint(request.checkpoint, log).checkpoint
        except NoteRefused as refused:
            return _refusal(403, refused)
        return self._judge(request, checkpoint) or self._cosign(note)

    def _log(self, origin: str) -> NoteVerifier | None:
        """Return the verifier of a known log, or of a shard of one."""
        known = self._logs.get(origin) or self._logs.get(base_of(origin) or "")
        return verifier_for(key_for(known.key, origin)) if known else None

    def _judge(self, request: AddCheckpoint, checkpoint: Checkpoint) -> Answer | None:
        """Return the refusal, or None once the checkpoint is stored as the last one seen."""
        seen = self._store.seen(checkpoint.origin)
        if request.old > checkpoint.size:
            return Answer(400, b"old is larger than the checkpoint\n")
        if request.old != seen.size:
            return _conflict(seen.size)
        new = Seen(checkpoint.size, checkpoint.root)
        if not merkle.verify_consistency(seen.size, new.size, seen.root, new.root, request.path):
            return Answer(422, b"the checkpoint does not extend the last one\n")
        if not self._store.advance(checkpoint.origin, seen, new):
            return _conflict(self._store.seen(checkpoint.origin).size)
        return None

    def _cosign(self, note: Note) -> Answer:
        line = self._cosigner.cosign(note.text, int(self._clock().timestamp()))
        return Answer(200, str(line).encode())


def read_answer(answer: Answer, text: bytes, witness: NoteVerifier) -> tuple[Signature, ...]:
    """Return the witness's valid cosignature lines over the checkpoint `text`.

    Raises WitnessRefused with the HTTP status; for 409 `size` in its details is the size that
    the witness has, so that the sender can ask again with the right proof.
    """
    if answer.status != HTTPStatus.OK:
        conflict = answer.status == HTTPStatus.CONFLICT
        size = answer.body.decode("ascii", "replace").strip()[:20] if conflict else ""
        raise WitnessRefused(witness=witness.key.name, answer=answer.status, size=size)
    lines = tuple(line for line in parse_signature_lines(answer.body) if line.by(witness.key))
    Note(text, lines).verified([witness])
    return lines


def _conflict(size: int) -> Answer:
    return Answer(409, f"{size}\n".encode(), SIZE_TYPE)


def _refusal(status: int, refused: NoteRefused) -> Answer:
    return Answer(status, f"{refused.message.en}\n".encode())
