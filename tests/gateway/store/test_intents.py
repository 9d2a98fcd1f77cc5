"""Anchor intents and witnessed logs in the gateway's database."""

from __future__ import annotations

from gateway.store.database import Store
from gateway.store.intents import StoredIntents
from gateway.store.witness import StoredWitness
from ledger.anchors.intents import Attempt, Intent, State
from ledger.witness import NOTHING_SEEN, Seen


def intent(size: int, nonce: int, anchor: str = "evm:1") -> Intent:
    """Return an intent with one signed transaction."""
    attempt = Attempt(b"h" * 32, b"raw", 10**20, 7, 1.5)
    return Intent(
        origin="log", size=size, anchor=anchor, root=b"r" * 32, nonce=nonce, attempts=(attempt,)
    )


def test_an_intent_comes_back_as_it_was_saved(store: Store) -> None:
    """Every field survives, the signed raw transaction and fees beyond 64 bits included."""
    intents = StoredIntents(store)
    saved = intent(5, 1).moved(State.SENT, proof=(b"p" * 32,), record=b"{}")
    intents.save(saved)
    assert intents.find("log", 5, "evm:1") == saved
    assert intents.find("log", 6, "evm:1") is None


def test_saving_again_replaces(store: Store) -> None:
    """The same origin, size and anchor are one intent, whatever its state."""
    intents = StoredIntents(store)
    intents.save(intent(5, 1))
    intents.save(intent(5, 1).moved(State.FINAL))
    assert [one.state for one in intents.all("log")] == [State.FINAL]


def test_unsettled_intents_come_by_nonce(store: Store) -> None:
    """What is under way at one anchor is found in the order it has to be sent."""
    intents = StoredIntents(store)
    for size, nonce, state in (
        (9, 1, "sent"),
        (5, 2, "planned"),
        (3, 0, "final"),
        (4, 3, "failed"),
    ):
        intents.save(intent(size, nonce).moved(State(state)))
    intents.save(intent(5, 0, "file"))
    assert [one.size for one in intents.unsettled("evm:1")] == [9, 5]
    assert [one.size for one in intents.all("log")] == [3, 4, 5, 5, 9]


def test_a_witness_moves_on_only_from_what_it_saw(store: Store) -> None:
    """Compare-and-set: of two that saw the same tree, one advances; a stale one changes nothing."""
    witness = StoredWitness(store)
    first, second, fork = Seen(3, b"a" * 32), Seen(5, b"b" * 32), Seen(4, b"c" * 32)
    assert witness.seen("log") == NOTHING_SEEN
    assert witness.advance("log", NOTHING_SEEN, first)
    assert not witness.advance("log", NOTHING_SEEN, fork)
    assert witness.advance("log", first, second)
    assert not witness.advance("log", first, fork)
    assert witness.seen("log") == second
    assert witness.seen("other") == NOTHING_SEEN
