"""Sealing the log."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.exchange.checkpoints import Sealer, SealerThread
from gateway.store.database import Store
from gateway.store.tiles import StoredTiles, covering
from gateway.store.witness import StoredWitness
from ledger.checkpoint import open_checkpoint
from ledger.note import NoteVerifier
from ledger.signature import CosignatureVerifier, Cosigner, Ed25519Signer, Ed25519Verifier
from ledger.store import Published
from ledger.witness import Answer, Witness

ORIGIN = "log.example/cn"


@dataclass
class Partner:
    """The other operator: cosigns what extends the last tree it saw, unless it is away."""

    witness: Witness
    verifier: NoteVerifier
    away: bool = False

    def add_checkpoint(self, request: bytes) -> Answer:
        """Answer as the witness does."""
        if self.away:
            message = "no route"
            raise ConnectionError(message)
        return self.witness.add_checkpoint(request)


@dataclass
class Anchors:
    """Remembers which sizes were to be anchored."""

    sizes: list[int] = field(default_factory=list)

    def anchor(self, checkpoint: Published) -> None:
        """Remember the size."""
        self.sizes.append(checkpoint.size)


def sealer(store: Store, *, away: bool = False) -> tuple[Sealer, Partner, Anchors]:
    """Return a sealer with one witness, whose state is in the same database, and an anchor."""
    signer = Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())
    cosigner = Cosigner("witness.example", Ed25519PrivateKey.generate())
    witness = Witness(cosigner, [Ed25519Verifier(signer.key)], StoredWitness(store))
    partner = Partner(witness, CosignatureVerifier(cosigner.key), away)
    anchors = Anchors()
    made = Sealer(store=store, origin=ORIGIN, signer=signer, witnesses=[partner], anchorer=anchors)
    return made, partner, anchors


def grow(store: Store, made: Sealer, many: int) -> None:
    """Append some digests."""
    with store.begin() as tx:
        size = made.log(tx).size
        made.log(tx).append([hashlib.sha256(b"%d" % (size + n)).digest() for n in range(many)])


def test_a_round_signs_has_cosigned_and_anchors(store: Store) -> None:
    """A log that has grown gets a checkpoint that is signed, cosigned and handed to the anchor."""
    made, partner, anchors = sealer(store)
    grow(store, made, 5)
    done = made.round()
    assert (done.sealed, done.cosigned, done.anchored) == (True, ("witness.example",), True)
    with store.read() as tx:
        published = StoredTiles(tx, ORIGIN).published()
        assert published is not None
        sealed = covering(tx, ORIGIN, 4)
        assert covering(tx, ORIGIN, 5) is None
    opened = open_checkpoint(
        published.note, Ed25519Verifier(made.signer.key), witnesses=[partner.verifier]
    )
    assert opened.checkpoint.size == 5
    assert sealed is not None
    assert sealed[0] == 5
    assert anchors.sizes == [5]


def test_an_unchanged_log_is_left_alone(store: Store) -> None:
    """An empty log has no checkpoint; one that has not grown gets no second one."""
    made, _, _ = sealer(store)
    assert made.round().checkpoint is None
    grow(store, made, 2)
    assert made.round().sealed
    again = made.round()
    assert (again.sealed, again.cosigned) == (False, ())


def test_a_witness_that_was_away_catches_up(store: Store) -> None:
    """Without its witness the log is sealed all the same; back again, the witness cosigns."""
    made, partner, _ = sealer(store, away=True)
    grow(store, made, 3)
    done = made.round()
    assert done.sealed
    assert not done.cosigned
    assert "no route" in done.problems[0]
    partner.away = False
    grow(store, made, 300)
    assert made.round().cosigned == ("witness.example",)


def test_a_sealer_that_forgot_what_its_witness_has_asks_again(store: Store) -> None:
    """After a restart the witness tells the size it has, and gets the proof from there."""
    made, _, _ = sealer(store)
    grow(store, made, 3)
    made.round()
    grow(store, made, 4)
    made.seen.clear()
    assert made.round().cosigned == ("witness.example",)


def test_the_thread_seals_by_itself(store: Store) -> None:
    """The background thread seals a log within its interval and stops when told."""
    made, _, anchors = sealer(store)
    thread = SealerThread(made, 0.02)
    thread.start()
    grow(store, made, 7)
    deadline = time.monotonic() + 10
    while 7 not in anchors.sizes and time.monotonic() < deadline:
        time.sleep(0.02)
    thread.stop()
    assert 7 in anchors.sizes
