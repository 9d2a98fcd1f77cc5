"""A history that proves itself: small, fast, and noticed when a single byte is another."""

from __future__ import annotations

import base64
import json
import random
import time
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.note import Note
from ledger.policy import Policy
from ledger.signature import Cosigner
from ledger.title.errors import EntryRefused
from ledger.title.historyfile import HistoryFile, is_history, verify_history
from ledger.title.stamps import packed, unpacked
from ledger.title.state import Location
from ledger.vkey import VerifierKey
from schemas.errors import LedgerError
from schemas.jcs import canonical_json
from tests.certs.pki import make_world
from tests.ledger.title.office import Office, twenty_moves

OFFICE = Office()
for number in range(300):
    OFFICE.issue(f"OTHER-{number}")
TITLE = twenty_moves(OFFICE)
FILE = OFFICE.register.export(TITLE)
KEY = OFFICE.signer.key


def _bomb() -> str:
    return base64.b64encode(zlib.compress(bytes(65 * 1024 * 1024), 9)).decode()


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office whose entries get time-stamps of a built-in authority."""
    world = make_world(tmp_path_factory.mktemp("world"))
    return Office(stamper=world.stamper.stamp)


def holds(data: bytes) -> bool:
    """Tell whether a file verifies; any refusal is an error of ours."""
    try:
        verify_history(data, KEY)
    except LedgerError:
        return False
    return True


def test_twenty_moves_are_small_and_verify_fast() -> None:
    """At most 60 kB, and verified within 100 ms of processor time; it tells the whole life."""
    assert len(FILE) <= 60_000
    took = []
    for _ in range(5):
        started = time.process_time()
        found = verify_history(FILE, KEY)
        took.append(time.process_time() - started)
    assert min(took) <= 0.1
    assert len(found.links) == 21
    assert found.last.state.location is Location.ENDED
    assert found.checkpoint.checkpoint.size == OFFICE.log.size


def test_every_single_byte_changed_is_noticed() -> None:
    """Each byte of a file with a bit flipped: refused, never a crash, never accepted."""
    short = Office()
    title = short.issue()
    short.act(title, "A", "transferHolder", "C", remark=b"r")
    short.log.checkpoint()
    data = short.register.export(title)
    assert len(verify_history(data, short.signer.key).links) == 2
    for at, old in enumerate(data):
        changed = data[:at] + bytes([old ^ 1 << at % 7]) + data[at + 1 :]
        with pytest.raises(LedgerError):
            verify_history(changed, short.signer.key)


def test_time_stamps_are_in_the_file_within_the_size(stamped: Office) -> None:
    """Twenty moves, each stamped: at most 60 kB, verified as fast, every token as it was made."""
    title = twenty_moves(stamped)
    data = stamped.register.export(title)
    assert len(data) <= 60_000
    took = []
    for _ in range(5):
        started = time.process_time()
        found = verify_history(data, stamped.signer.key)
        took.append(time.process_time() - started)
    assert min(took) <= 0.1
    assert list(found.stamps) == stamped.register.stamps(title)
    assert all(found.stamps)
    assert is_history(data)


def test_every_byte_of_a_stamped_file_is_noticed(stamped: Office) -> None:
    """Each byte behind the entries with a bit flipped: refused; left out or exchanged stamps too.

    Of the entries `test_every_single_byte_changed_is_noticed` shows it.
    """
    title, other = stamped.issue("BL-S"), stamped.issue("BL-T")
    stamped.log.checkpoint()
    data = stamped.register.export(title)
    for at in range(data.index(b',"head":'), len(data)):
        changed = data[:at] + bytes([data[at] ^ 1 << at % 7]) + data[at + 1 :]
        with pytest.raises(LedgerError):
            verify_history(changed, stamped.signer.key)
    theirs = HistoryFile.decode(stamped.register.export(other))
    for stamps in ("", theirs.stamps, packed([b"x", b"y"])):
        changed = replace(HistoryFile.decode(data), stamps=stamps).encode()
        with pytest.raises(LedgerError):
            verify_history(changed, stamped.signer.key)


@pytest.mark.parametrize(
    "text",
    ["", "====", "AAAA", packed([b"token"])[:-4], packed([b"t"])[:-8] + packed([b"t"]), _bomb()],
)
def test_stamps_that_are_none_are_refused(text: str) -> None:
    """No Base64, no deflated data, cut short, more behind it, too much: EntryRefused."""
    with pytest.raises(EntryRefused):
        unpacked(text)


def test_stamps_are_as_many_as_entries_and_some_may_be_missing() -> None:
    """An entry without a time-stamp keeps its place; cut lengths are refused."""
    some = [b"one", None, b"three"]
    assert list(unpacked(packed(some))) == some
    assert packed([None, None]) == ""
    for data in (b"\0\0", b"\0\0\0\x09short"):
        with pytest.raises(EntryRefused):
            unpacked(base64.b64encode(zlib.compress(data)).decode())


def test_changed_bytes_of_a_long_history_are_noticed() -> None:
    """100 places of the 21 entries at random, each with a bit flipped; and bytes cut or added."""
    chance = random.Random(1)
    for at in chance.sample(range(len(FILE)), 100):
        bit = 1 << chance.randrange(8)
        assert not holds(FILE[:at] + bytes([FILE[at] ^ bit]) + FILE[at + 1 :])
    assert not holds(FILE[:-1])
    assert not holds(FILE + b"\n")


def test_entries_cannot_be_left_out_or_exchanged() -> None:
    """Without the last, without one between, two exchanged, none: refused."""
    parts = HistoryFile.decode(FILE)
    signed = list(parts.entries)
    for entries in (
        signed[:-1],
        signed[:5] + signed[6:],
        [*signed[:5], signed[6], signed[5], *signed[7:]],
        signed[1:],
        [],
        [*signed, signed[-1]],
    ):
        changed = HistoryFile(entries=tuple(entries), head=parts.head, proof=parts.proof)
        assert not holds(changed.encode())


def test_a_head_and_a_proof_of_another_title_are_refused() -> None:
    """Parts of two files of one register do not go together."""
    other = HistoryFile.decode(OFFICE.register.export("OTHER-7"))
    mine = HistoryFile.decode(FILE)
    for head, proof in ((other.head, mine.proof), (mine.head, other.proof)):
        changed = HistoryFile(entries=mine.entries, head=head, proof=proof)
        assert not holds(changed.encode())


def test_another_registers_key_refuses_it() -> None:
    """A file is verified with the key of its own log alone."""
    with pytest.raises(LedgerError):
        verify_history(FILE, Office().signer.key)


def test_witnesses_may_be_asked_for() -> None:
    """With a policy the checkpoint must be cosigned; a changed cosignature is noticed as well."""
    office = Office()
    title = office.issue()
    witness = Cosigner("witness.example/w", Ed25519PrivateKey.generate())
    note = Note.parse(office.log.checkpoint())
    policy = Policy.of(str(witness.key))
    with pytest.raises(LedgerError):
        verify_history(office.register.export(title), office.signer.key, policy)
    office.log.add_cosignatures(1, [witness.cosign(note.text, 1_700_000_000)])
    data = office.register.export(title)
    assert verify_history(data, office.signer.key, policy).last.n == 0
    at = data.index(b"witness.example/w") + 3
    with pytest.raises(LedgerError):
        verify_history(data[:at] + b"X" + data[at + 1 :], office.signer.key)


@pytest.mark.parametrize(
    "said",
    [
        [],
        {},
        {"type": "silkgate-title-history/1"},
        {"entries": [1], "head": "", "proof": "", "type": 1},
    ],
)
def test_what_is_no_history_file_is_refused(said: object) -> None:
    """Other JSON, other shapes: EntryRefused."""
    with pytest.raises(EntryRefused):
        HistoryFile.decode(canonical_json(said))
    with pytest.raises(EntryRefused):
        HistoryFile.decode(json.dumps(said, indent=1).encode() + b" ")
    assert is_history(FILE)
    assert not is_history(canonical_json(said))


def test_a_file_of_the_first_form_still_verifies() -> None:
    """A history written when the form was first used verifies for ever, and reads the same."""
    folder = Path(__file__).resolve().parents[2] / "golden" / "title"
    key = VerifierKey.parse((folder / "log.vkey").read_text())
    found = verify_history((folder / "history-1.json").read_bytes(), key)
    assert found.last.title == "SKLG2611-0001"
    assert found.last.state.paper == "P-2611-1"
    assert [standing.last.move.action for standing in found.standings] == [
        *("issue", "nominate", "transferHolder", "transferOwners", "returnToIssuer"),
        *("amend", "restore", "returnToIssuer", "switchToPaper"),
    ]
    assert [standing.last.place for standing in found.standings].count("SGSIN") == 3


def test_a_file_of_the_second_form_still_verifies() -> None:
    """The same for a history with time-stamps, written when they were first put in."""
    folder = Path(__file__).resolve().parents[2] / "golden" / "title"
    key = VerifierKey.parse((folder / "log-2.vkey").read_text())
    found = verify_history((folder / "history-2.json").read_bytes(), key)
    assert found.last.title == "SKLG2611-0002"
    assert [standing.last.move.action for standing in found.standings] == [
        *("issue", "transferHolder", "transferHolder")
    ]
    assert all(found.stamps)
