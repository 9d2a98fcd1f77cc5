"""A gateway to be killed: accepts, works and seals until it is.

    python -m tests.faults.gateway_process URL HOME NAME

Signing, time-stamping, packing, receipts and the log are the real ones; the partner is a file
that every delivery is appended to, and the translator leaves documents as they are. It says on
standard output what it has acknowledged: `accepted ID` and `checkpoint SIZE ROOT`, each only
after the commit.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from certs import receipts
from certs.authority.tsa import Authority
from certs.keys import KeyStore
from certs.receipts import Receipt
from certs.trust import TrustStore
from gateway.exchange.checkpoints import Sealer
from gateway.exchange.intake import accept_all
from gateway.exchange.policy import Policy
from gateway.exchange.rooms import Delivered, Outcome, Parcel, Rendered, Rooms
from gateway.exchange.runner import Runner
from gateway.exchange.submission import Accepted
from gateway.exchange.worker import Worker
from gateway.store import open_store
from gateway.store.database import Store
from gateway.store.model import Exchange
from gateway.wiring.sealing import Seals
from ledger.signature import Ed25519Signer
from schemas.clock import utc_now
from schemas.finding import Finding
from tests.gateway.exchange import standins
from tests.gateway.exchange.standins import ORIGIN, submission

SECRET = "env:SILKGATE_TEST_SECRET"
FORMAT = "<d><n>{}</n>" + "<filling>0123456789</filling>" * 40 + "</d>"


def pause() -> None:
    """Take a moment, so that every stage is long enough to be killed in."""
    time.sleep(random.uniform(0, 0.003))


class Translator(standins.Translator):
    """Leaves documents as they are."""

    def detect(self, data: bytes) -> str:
        """Call every document text."""
        pause()
        return super().detect(data)

    def validate(self, reading: object) -> Sequence[Finding]:
        """Find no fault with any."""
        pause()
        return super().validate(reading)

    def render(self, exchange: Exchange, reading: object, related: Sequence[bytes]) -> Rendered:  # noqa: ARG002
        """Return the source."""
        pause()
        return Rendered(reading.data, "application/xml", b"{}")  # type: ignore[attr-defined]


class Logbook(standins.Logbook):
    """The log under its own key."""

    def __init__(self, signer: Ed25519Signer) -> None:
        """Sign with the key of this gateway's log."""
        self.signer = signer
        self.fields = True


@dataclass(frozen=True)
class Partner:
    """Appends every delivery to a file and answers with a real receipt."""

    effects: Path
    keys: KeyStore
    trust: TrustStore

    def deliver(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """Record each parcel, durably enough for a killed process, and sign for it."""
        return [self._deliver(parcel) for parcel in parcels]

    def _deliver(self, parcel: Parcel) -> Outcome:
        pause()
        digest = hashlib.sha256(parcel.container).hexdigest()
        effect = os.open(self.effects, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.write(effect, f"{parcel.message_id} {digest}\n".encode())
        os.close(effect)
        said = Receipt(
            message_id=parcel.message_id,
            sha256=digest,
            recipient="partner",
            received_at=utc_now(),
        )
        return Delivered(receipts.issue(said, self.keys.load("seal")))

    def check(self, exchange: Exchange, receipt: bytes, digest: bytes) -> Mapping[str, object]:
        """Check the receipt's signature, message and digest."""
        pause()
        said = receipts.verify(
            receipt, self.trust, message_id=exchange.message_id, sha256=digest.hex()
        )
        return {"recipient": said.recipient}


def rooms(home: Path) -> Rooms:
    """Return the rooms of the gateway in `home`."""
    keys = KeyStore(home / "keys", SECRET)
    partner = Partner(home / "effects", keys, TrustStore.from_folder(home / "trust"))
    private = keys.load("log").private
    assert isinstance(private, Ed25519PrivateKey)
    return standins.rooms(
        translator=Translator(),
        sealer=Seals(lambda: keys.load("seal"), Authority(keys.load("tsa"), utc_now), utc_now),
        logbook=Logbook(Ed25519Signer(ORIGIN, private)),
        courier=partner,
        receipts=partner,
    )


def say(*words: object) -> None:
    """Acknowledge, in one write."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def accept_for_ever(store: Store, worker: Worker, name: str) -> None:
    """Accept four documents about every twentieth of a second."""
    number = 0
    while True:
        given = [submission(FORMAT.format(f"{name} {number + n}")) for n in range(4)]
        number += len(given)
        for outcome in accept_all(store, given):
            assert isinstance(outcome, Accepted), outcome
            say("accepted", outcome.id)
        worker.wake()
        time.sleep(random.uniform(0.02, 0.08))


def seal_for_ever(sealer: Sealer) -> None:
    """Seal what is new about every tenth of a second."""
    while True:
        done = sealer.round()
        if done.sealed and done.checkpoint is not None:
            say("checkpoint", done.checkpoint.size, done.checkpoint.root.hex())
        time.sleep(random.uniform(0, 0.1))


def main(url: str, home: Path, name: str) -> None:
    """Run until killed."""
    store = open_store(url)
    furnished = rooms(home)
    runner = Runner(
        store=store, rooms=furnished, policy=Policy(), actor=name, lease=timedelta(seconds=5)
    )
    worker = Worker(runner, batch=16, threads=2, idle=0.02)
    worker.start()
    logbook = furnished.logbook
    assert isinstance(logbook, Logbook)
    sealer = Sealer(store=store, origin=ORIGIN, signer=logbook.signer)
    threading.Thread(target=seal_for_ever, args=(sealer,), daemon=True).start()
    accept_for_ever(store, worker, name)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
