"""Signed notes, verifier keys, checkpoints and cosignatures are read strictly."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest

from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.errors import BadPolicy, BadVerifierKey, NoteRefused
from ledger.note import Note, Signature
from ledger.policy import Policy
from ledger.signature import cosigned_at, verifier_for
from ledger.vkey import KeyType, VerifierKey
from tests.ledger.trees import cosigner, signer

TEXT = b"some text\nof two lines\n"
LOG = signer()
NOTE = bytes(Note(TEXT).signed(LOG))


def test_a_note_keeps_its_bytes() -> None:
    """Reading and writing a note changes nothing."""
    assert bytes(Note.parse(NOTE)) == NOTE
    assert Note.parse(NOTE).verified([verifier_for(LOG.key)]) == [LOG.key]


def test_the_text_ends_at_the_last_blank_line() -> None:
    """A text may contain blank lines."""
    note = Note(b"one\n\ntwo\n").signed(LOG)
    assert Note.parse(bytes(note)).text == b"one\n\ntwo\n"


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\n\n",
        TEXT,
        TEXT + b"\n",
        NOTE[:-1],
        NOTE + b"\n",
        NOTE.replace(b"\n", b"\r\n"),
        NOTE.replace(b"text", b"te\x00t"),
        NOTE.replace(b"text", b"te\xfft"),
        NOTE.replace("\u2014".encode(), b"-"),
        NOTE.replace("\u2014 ".encode(), "\u2014  ".encode()),
        NOTE.replace(b"=\n", b"\n"),
        NOTE.replace(b"\n\n", b"\n"),
        NOTE[:-1] + b" \n",
        NOTE + b"\xe2\x80\x94 x AAAA\n",
        NOTE + "\u2014 x+y AAAAAAAA\n".encode(),
        TEXT + b"\n" + NOTE.split(b"\n\n")[1] * 101,
        b"x" * 1_000_001,
    ],
)
def test_malformed_notes_are_refused(broken: bytes) -> None:
    """A note that is not written as the specification says is refused whole."""
    with pytest.raises(NoteRefused):
        Note.parse(broken).verified([verifier_for(LOG.key)])


def test_base64_has_one_form() -> None:
    """Base64 with stray bits at its end is refused: a signature has one spelling."""
    line = NOTE.rstrip(b"\n")
    assert line.endswith(b"=")
    other = line[:-2] + bytes([line[-2] + 1]) + b"=\n"
    with pytest.raises(NoteRefused):
        Note.parse(other)


def test_a_known_key_that_fails_rejects_the_note() -> None:
    """One good and one bad signature of known keys: refused; of an unknown key: ignored."""
    other = signer("other.example", 9)
    bad = Signature(other.key.name, other.key.id, bytes(64))
    note = Note.parse(NOTE).joined([bad])
    assert note.verified([verifier_for(LOG.key)]) == [LOG.key]
    with pytest.raises(NoteRefused):
        note.verified([verifier_for(LOG.key), verifier_for(other.key)])


def test_a_note_that_nobody_known_signed_is_refused() -> None:
    """No valid signature by a known key: refused."""
    with pytest.raises(NoteRefused):
        Note.parse(NOTE).verified([verifier_for(signer("other.example", 9).key)])


def test_many_signatures_are_read() -> None:
    """A hundred signature lines, some of the size of post-quantum ones, are accepted."""
    lines = [Signature(f"w{n}", b"abcd", bytes(4900)) for n in range(99)]
    assert len(Note.parse(bytes(Note.parse(NOTE).joined(lines))).signatures) == 100


def test_published_keys(shared: Path) -> None:
    """The keys of the vectors follow from their seeds and are read back."""
    values = json.loads((shared / "data/ledger/example/values.json").read_text())
    assert str(signer("silkgate.example/log1", 1).key) == values["log_vkey"]
    assert str(cosigner("witness.example/w1", 2).key) == values["witness_vkey"]
    pq = VerifierKey.parse((shared / "data/ledger/example/witness-mldsa44.vkey").read_text())
    assert pq.kind is KeyType.COSIGNATURE_ML_DSA_44


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+b1d6a72c",
        f"{LOG.key}+",
        str(LOG.key).replace("+", "+00000000+", 1),
        str(LOG.key).upper(),
        " " + str(LOG.key),
        str(LOG.key) + "\n\n",
        "n+00000000+" + b64encode(b"\x63" + bytes(32)).decode(),
        "n+00000000+" + b64encode(b"\x01" + bytes(31)).decode(),
        str(LOG.key)[:-4],
        "a b" + str(LOG.key)[len(LOG.name) :],
    ],
)
def test_malformed_keys_are_refused(text: str) -> None:
    """A verifier key has name, id and key that fit each other, or it is refused."""
    with pytest.raises(BadVerifierKey):
        VerifierKey.parse(text)


def test_published_checkpoint(shared: Path) -> None:
    """The published checkpoint is made byte for byte, and verifies with all three witnesses."""
    folder = shared / "data/ledger/example"
    values = json.loads((folder / "values.json").read_text())
    log, witness = signer("silkgate.example/log1", 1), cosigner("witness.example/w1", 2)
    checkpoint = Checkpoint(log.name, 300, bytes.fromhex(values["root_hex"]))
    note = Note(checkpoint.text()).signed(log)
    note = note.joined([witness.cosign(note.text, values["time"])])
    assert bytes(note) == (folder / "checkpoint").read_bytes()
    assert cosigned_at(note, witness.key) == values["time"]
    post_quantum = verifier_for((folder / "witness-mldsa44.vkey").read_text())
    opened = open_checkpoint(
        (folder / "checkpoint-with-mldsa44").read_bytes(),
        verifier_for(log.key),
        [verifier_for(witness.key), post_quantum],
    )
    assert opened.checkpoint == checkpoint
    assert opened.signed_by == (log.key, witness.key, post_quantum.key)


@pytest.mark.parametrize(
    "body",
    [
        b"log.example/one\n3\n",
        b"log.example/one\n03\n" + b64encode(bytes(32)) + b"\n",
        b"log.example/one\n-3\n" + b64encode(bytes(32)) + b"\n",
        b"log.example/one\n9223372036854775808\n" + b64encode(bytes(32)) + b"\n",
        b"log.example/one\n3\n" + b64encode(bytes(31)) + b"\n",
        b"log.example/one\n3\n" + b64encode(bytes(32)) + b"\n\nmore\n",
        b"other.example\n3\n" + b64encode(bytes(32)) + b"\n",
    ],
)
def test_malformed_checkpoints_are_refused(body: bytes) -> None:
    """A signed text that is no checkpoint of the log is refused."""
    with pytest.raises(NoteRefused):
        open_checkpoint(bytes(Note(body).signed(LOG)), verifier_for(LOG.key))


def test_the_log_itself_must_sign() -> None:
    """A checkpoint signed by a witness alone is refused."""
    witness = cosigner()
    body = Checkpoint(LOG.name, 1, bytes(32)).text()
    note = Note(body, (witness.cosign(body, 5),))
    with pytest.raises(NoteRefused):
        open_checkpoint(bytes(note), verifier_for(LOG.key), [verifier_for(witness.key)])


def test_a_cosignature_covers_its_time() -> None:
    """Another time in the cosignature is refused."""
    witness, body = cosigner(), Checkpoint(LOG.name, 1, bytes(32)).text()
    line = witness.cosign(body, 5)
    verifier = verifier_for(witness.key)
    assert verifier.verify(body, line.value)
    assert not verifier.verify(body, bytes(7) + b"\x06" + line.value[8:])
    assert not verifier.verify(body, line.value[:8])
    assert not verifier.verify(body, b"")


def test_policies_count_witnesses() -> None:
    """Groups of witnesses and groups are satisfied from their threshold on."""
    keys = [cosigner(f"w{n}.example", n + 10).key for n in range(3)]
    names = [f"witness w{n} {key} https://w{n}.example/" for n, key in enumerate(keys)]
    text = "\n".join(["# ours", *names, "group ab any w0 w1", "group all2 2 ab w2", "quorum all2"])
    policy = Policy.parse(text)
    assert not policy.satisfied_by(keys[:2])
    assert policy.satisfied_by(keys[1:])
    assert Policy.of(*keys, threshold=2).satisfied_by(keys[:2])
    assert not Policy.of(*keys).satisfied_by(keys[:2])
    assert Policy.parse("quorum none").satisfied_by([])


def test_published_policy(shared: Path) -> None:
    """The published policy file is read."""
    policy = Policy.parse((shared / "data/ledger/example/policy").read_text())
    assert [log.key.name for log in policy.logs] == ["silkgate.example/log1"]
    assert policy.satisfied_by([witness.key for witness in policy.witnesses])
    assert not policy.satisfied_by([])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quorum nobody",
        "quorum none\nquorum none",
        f"witness a {LOG.key}\nwitness a {LOG.key}\nquorum a",
        f"witness a {LOG.key}\ngroup g 2 a\nquorum g",
        f"witness a {LOG.key}\ngroup g 0 a\nquorum g",
        f"witness a {LOG.key}\ngroup g 2 a a\nquorum g",
        "group g any g\nquorum g",
        "wittness a b\nquorum none",
    ],
)
def test_malformed_policies_are_refused(text: str) -> None:
    """A policy that says nothing clear is refused with the line."""
    with pytest.raises(BadPolicy):
        Policy.parse(text)
