"""Asking a witness for its cosignature: the log's side of C2SP tlog-witness."""

from __future__ import annotations

from collections.abc import Callable

from ledger.errors import NotInTree, WitnessRefused
from ledger.log import Log
from ledger.note import Note, NoteVerifier, Signature
from ledger.store import Published
from ledger.witness import AddCheckpoint, Answer, read_answer

Send = Callable[[bytes], Answer]
"""Sends an add-checkpoint request; raises what the way to the witness raises."""


def newest(log: Log) -> Published:
    """Return the newest published checkpoint; raises NotInTree before the first."""
    known = log.tiles.published()
    if known is None:
        raise NotInTree(asked="checkpoint", size=log.size)
    return known


def request(log: Log, known: Published, old: int) -> bytes:
    """Return the request for a witness that has seen `old` leaves; raises NotInTree."""
    path = log.consistency(old, known.size).path if old else ()
    return bytes(AddCheckpoint(old, path, known.note))


def ask(
    log: Log, known: Published, witness: NoteVerifier, send: Send, old: int = 0
) -> tuple[Signature, ...]:
    """Return the witness's cosignature lines over a published checkpoint.

    A witness that has seen another size than `old` says so and is asked once more from there.
    Raises WitnessRefused.
    """
    text = Note.parse(known.note).text
    try:
        return read_answer(send(request(log, known, old)), text, witness)
    except WitnessRefused as refused:
        has = str(refused.details.get("size", ""))
        if not has.isdigit() or int(has) > known.size:
            raise
    return read_answer(send(request(log, known, int(has))), text, witness)
