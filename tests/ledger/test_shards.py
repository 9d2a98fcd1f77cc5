"""Temporal shards: their names, their keys, and a witness that knows them by their log."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ledger.log import Log
from ledger.shards import Period, base_of, key_for, signer_for
from ledger.signature import verifier_for
from ledger.store import MemoryTiles
from ledger.witness import AddCheckpoint, Witness
from tests.ledger.memory import MemoryWitness
from tests.ledger.trees import ORIGIN, cosigner, digests, signer


@pytest.mark.parametrize(
    ("period", "month", "name"),
    [
        ("year", 12, "2026"),
        ("half", 6, "2026h1"),
        ("half", 7, "2026h2"),
        ("quarter", 3, "2026q1"),
        ("quarter", 10, "2026q4"),
        ("month", 1, "2026-01"),
    ],
)
def test_a_moment_has_one_shard(period: str, month: int, name: str) -> None:
    """The shard is named for its period, and is known to be its log's."""
    at = datetime(2026, month, 28, 23, 59, tzinfo=UTC)
    origin = Period(period).shard(ORIGIN, at)
    assert origin == f"{ORIGIN}/{name}"
    assert base_of(origin) == ORIGIN


@pytest.mark.parametrize("part", ["26", "2026h3", "2026q0", "2026-13", "2026x", "", "2026/x"])
def test_other_names_are_no_shards(part: str) -> None:
    """Only periods as they are written here."""
    assert base_of(f"{ORIGIN}/{part}") is None


def test_the_key_of_a_shard_follows_from_the_key_of_the_log() -> None:
    """Same public key, the shard's name; no other origin gets a key from it."""
    made = signer_for(signer(), f"{ORIGIN}/2026q4")
    assert key_for(signer().key, f"{ORIGIN}/2026q4") == made.key
    assert made.key.id != signer().key.id
    for other in (ORIGIN, "other.example/log/2026q4", f"{ORIGIN}/2026q9"):
        assert key_for(signer().key, other) == signer().key


def test_a_witness_of_a_log_cosigns_its_shards_each_for_itself() -> None:
    """Two shards grow apart; a stranger's shard is not known, another key's is refused."""
    witness = Witness(cosigner(), [verifier_for(signer().key)], MemoryWitness())
    for name, size in (("2026q3", 5), ("2026q4", 9)):
        shard = Log(MemoryTiles(), signer_for(signer(), f"{ORIGIN}/{name}"))
        shard.append(digests(0, size))
        assert _asked(witness, shard) == 200
    forged = Log(MemoryTiles(), signer_for(signer(seed=9), f"{ORIGIN}/2026-01"))
    assert _asked(witness, forged) == 403
    stranger = Log(MemoryTiles(), signer_for(signer(), "other.example/log/2026q4"))
    assert _asked(witness, stranger) == 404


def _asked(witness: Witness, log: Log) -> int:
    return witness.add_checkpoint(bytes(AddCheckpoint(0, (), log.checkpoint()))).status
