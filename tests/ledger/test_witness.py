"""A witness cosigns only what extends what it cosigned before, and says why it refuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.errors import NoteRefused, WitnessRefused
from ledger.log import Log
from ledger.merkle import EMPTY_ROOT
from ledger.note import Note
from ledger.signature import verifier_for
from ledger.store import MemoryTiles
from ledger.witness import AddCheckpoint, Answer, Seen, Witness, read_answer
from tests.ledger.memory import MemoryWitness
from tests.ledger.trees import ORIGIN, cosigner, digests, log_of, signer

LOG = verifier_for(signer().key)
COSIGNER = cosigner()


def _now() -> datetime:
    return datetime(2027, 1, 1, tzinfo=UTC)


def _witness(store: MemoryWitness | None = None) -> Witness:
    return Witness(COSIGNER, [LOG], store or MemoryWitness(), _now)


def _request(log: Log, old: int) -> AddCheckpoint:
    note = log.checkpoint()
    size = open_checkpoint(note, verifier_for(log.signer.key)).checkpoint.size
    return AddCheckpoint(old, log.consistency(min(old, size), size).path, note)


def test_growth_is_cosigned() -> None:
    """First checkpoint, then an extension: each is answered with a cosignature that holds."""
    log, witness = log_of(5), _witness()
    for old, new in ((0, 5), (5, 300), (300, 300)):
        log.append(digests(log.size, new))
        request = _request(log, old)
        answer = witness.add_checkpoint(bytes(request))
        assert answer.status == 200
        text = Note.parse(request.checkpoint).text
        lines = read_answer(answer, text, verifier_for(COSIGNER.key))
        assert [line.name for line in lines] == [COSIGNER.name]


def test_the_published_request(shared: Path) -> None:
    """The published request 200 to 300 is read, written again alike, and cosigned."""
    folder = shared / "data/ledger/example"
    values = json.loads((folder / "values.json").read_text())
    body = (folder / "add-checkpoint.request").read_bytes()
    assert bytes(AddCheckpoint.parse(body)) == body
    store, log = MemoryWitness(), signer("silkgate.example/log1", 1)
    store.advance(log.name, store.seen(log.name), Seen(200, bytes.fromhex(values["root_200"])))
    witness = Witness(COSIGNER, [verifier_for(log.key)], store, _now)
    assert witness.add_checkpoint(body).status == 200
    assert store.seen(log.name).root.hex() == values["root_hex"]


def test_a_fork_is_caught() -> None:
    """The drill: an operator shows a second history; the witness refuses, and keeps the first."""
    store = MemoryWitness()
    witness, log = _witness(store), log_of(10)
    assert witness.add_checkpoint(bytes(_request(log, 0))).status == 200
    before = store.seen(ORIGIN)
    fork = Log(MemoryTiles(), signer())
    fork.append(digests(100, 120))
    assert witness.add_checkpoint(bytes(_request(fork, 10))).status == 422
    same_size = Log(MemoryTiles(), signer())
    same_size.append(digests(100, 110))
    assert witness.add_checkpoint(bytes(_request(same_size, 10))).status == 422
    assert store.seen(ORIGIN) == before


def test_a_stale_sender_learns_the_size() -> None:
    """409 carries the size that the witness has, in the type that the protocol names."""
    witness, log = _witness(), log_of(10)
    witness.add_checkpoint(bytes(_request(log, 0)))
    log.append(digests(10, 20))
    answer = witness.add_checkpoint(bytes(_request(log, 3)))
    assert (answer.status, answer.body, answer.content_type) == (409, b"10\n", "text/x.tlog.size")
    with pytest.raises(WitnessRefused) as refused:
        read_answer(answer, b"", verifier_for(COSIGNER.key))
    assert refused.value.details["size"] == "10"


def test_whoever_loses_the_race_is_not_cosigned() -> None:
    """Two requests from the same state: the second finds the state moved and gets 409."""

    class Overtaken(MemoryWitness):
        def advance(self, origin: str, old: Seen, new: Seen) -> bool:
            super().advance(origin, old, Seen(7, bytes(32)))
            return super().advance(origin, old, new)

    answer = _witness(Overtaken()).add_checkpoint(bytes(_request(log_of(10), 0)))
    assert (answer.status, answer.body) == (409, b"7\n")


def test_only_known_logs_that_signed() -> None:
    """An unknown origin is 404; a known one with another's signature is 403."""
    stranger = log_of(3, "other.example", 8)
    assert _witness().add_checkpoint(bytes(_request(stranger, 0))).status == 404
    impostor = log_of(3, seed=8)
    assert _witness().add_checkpoint(bytes(_request(impostor, 0))).status == 403
    request = _request(log_of(3), 0)
    bad = request.checkpoint[:-6] + b"AAAA=\n"
    assert _witness().add_checkpoint(bytes(AddCheckpoint(0, (), bad))).status == 403


def test_the_empty_log_has_one_root() -> None:
    """A checkpoint of size 0 is cosigned with the empty root, and refused with another."""
    for root, status in ((EMPTY_ROOT, 200), (bytes(32), 422)):
        note = Note(Checkpoint(ORIGIN, 0, root).text()).signed(signer())
        answer = _witness().add_checkpoint(bytes(AddCheckpoint(0, (), bytes(note))))
        assert answer.status == status


def test_an_old_size_beyond_the_checkpoint_is_malformed() -> None:
    """A size `old` beyond it is 400, whatever the witness has seen."""
    assert _witness().add_checkpoint(bytes(_request(log_of(3), 4))).status == 400


def test_a_first_proof_must_be_empty() -> None:
    """From size 0 a proof with nodes is 422."""
    request = _request(log_of(3), 0)
    extra = AddCheckpoint(0, (bytes(32),), request.checkpoint)
    assert _witness().add_checkpoint(bytes(extra)).status == 422


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body[:0],
        lambda body: body[:20],
        lambda body: body.replace(b"old 0", b"old 00"),
        lambda body: body.replace(b"old 0", b"old -1"),
        lambda body: body.replace(b"old 0", b"older 0"),
        lambda body: body.replace(b"old 0\n", b"old 0\nAAAA\n"),
        lambda body: body.replace(b"old 0\n", b"old 0\n" + b"A" * 43 + b"=\n" * 64),
        lambda body: body.replace(b"\n\n", b"\n"),
        lambda body: body + b"\xff",
    ],
)
def test_malformed_requests_are_400(change: object) -> None:
    """What is no request is answered 400, and the witness lives."""
    assert callable(change)
    body = change(bytes(_request(log_of(3), 0)))
    assert _witness().add_checkpoint(body).status == 400


def test_an_answer_must_be_the_witness_s() -> None:
    """Cosignatures by others, over other texts, or none, are refused by the sender."""
    text = Checkpoint(ORIGIN, 3, bytes(32)).text()
    other = cosigner("other.example", 9)
    for line in (other.cosign(text, 1), COSIGNER.cosign(text + b"x\n", 1)):
        with pytest.raises(NoteRefused):
            read_answer(Answer(200, str(line).encode()), text, verifier_for(COSIGNER.key))
    with pytest.raises(NoteRefused):
        read_answer(Answer(200, b"hello"), text, verifier_for(COSIGNER.key))
