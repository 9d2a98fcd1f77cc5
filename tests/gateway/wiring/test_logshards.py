"""A log service over two quarters: one shard each, and every proof keeps holding."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gateway import setup
from gateway.api.app import create_app
from gateway.settings import load
from gateway.wiring.api_keys import issue
from gateway.wiring.assembly import Gateway
from gateway.wiring.audit.trusting import Trusted
from gateway.wiring.auditing import Auditor
from gateway.wiring.log.opening import open_all
from ledger.anchors.file import FileAnchor
from ledger.anchors.offline import verify_record
from ledger.checkpoint import Checkpoint
from ledger.fsck import fsck
from ledger.monitor import Monitor
from ledger.proof import TlogProof, verify_document
from ledger.shards import key_for
from ledger.signature import verifier_for
from schemas.clock import utc_now

DOCUMENTS = [b"document %d" % number for number in range(6)]


class World:
    """A gateway whose time is the test's, and a client of it."""

    def __init__(self, home: Path) -> None:
        """Make the gateway."""
        setup.create(
            home, party="log", name="log", country="SG", port=8443, extra='log_shards = "quarter"\n'
        )
        self.settings = load(home)
        self.now = datetime(2026, 11, 21, tzinfo=UTC)
        token = issue(self.settings, tenant="port", scopes=["log:write"], days=3650)
        self.gateway = Gateway(self.settings, clock=lambda: self.now)
        headers = {"authorization": f"Bearer {token}", "content-type": "application/octet-stream"}
        self.client = TestClient(create_app(self.gateway), headers=headers)

    def log(self, *documents: bytes) -> str:
        """Log documents, seal, and return the origin they went to."""
        body = b"".join(sha256(document).digest() for document in documents)
        origin: str = self.client.post("/v1/log/entries", content=body).json()["origin"]
        self.gateway.sealing.round()
        return origin

    def proof(self, document: bytes) -> bytes:
        """Return the proof of a document."""
        found: bytes = self.client.get(f"/log/proof/{sha256(document).hexdigest()}").content
        return found

    def get(self, path: str) -> bytes | None:
        """Read the older shard as a monitor does."""
        answer = self.client.get(f"/log/shard/2026q4/{path}")
        return answer.content if answer.status_code == 200 else None


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The gateway."""
    made = World(tmp_path)
    with made.client:
        yield made
    made.gateway.close()


def test_proofs_of_a_closed_shard_keep_holding(world: World) -> None:
    """Entries go to the quarter's shard; later proofs of both hold under the one key."""
    assert world.log(*DOCUMENTS[:4]) == "log/log/2026q4"
    old = world.proof(DOCUMENTS[1])
    world.now = datetime(2027, 1, 1, tzinfo=UTC)
    assert world.log(*DOCUMENTS[4:]) == "log/log/2027q1"
    assert world.proof(DOCUMENTS[1]) == old
    auditor = Auditor(Trusted.of_home(world.settings))
    assert auditor.verify(old, [DOCUMENTS[1]])["indication"] == "TOTAL-PASSED"
    assert auditor.verify(old, [DOCUMENTS[2]])["indication"] == "TOTAL-FAILED"
    key = world.gateway.logbook.signer.key
    for number, size in ((1, 4), (5, 2)):
        proof = world.proof(DOCUMENTS[number])
        verifier = verifier_for(key_for(key, TlogProof.parse(proof).origin))
        assert verify_document(proof, DOCUMENTS[number], verifier).checkpoint.size == size
    listed = world.client.get("/log/shards").json()["items"]
    assert [each["origin"] for each in listed] == ["log/log/2027q1", "log/log/2026q4"]
    shard = verifier_for(listed[1]["key"])
    assert verify_document(old, DOCUMENTS[1], shard).checkpoint.size == 4
    assert world.client.get("/log/shard/2025q1/checkpoint").status_code == 404


def test_every_shard_is_anchored_to_its_end(world: World) -> None:
    """Both quarters have an anchor of their own, made after the first had closed."""
    world.log(*DOCUMENTS[:4])
    world.now = datetime(2027, 1, 1, tzinfo=UTC)
    world.log(*DOCUMENTS[4:])
    anchoring = world.gateway.anchoring
    anchor = FileAnchor(world.settings.path("anchors.txt"))
    for _ in range(2):
        anchoring.step(anchor)
    listed = {(intent.origin, intent.size): intent.record for intent in anchoring.listed()}
    assert set(listed) == {("log/log/2026q4", 4), ("log/log/2027q1", 2)}
    with world.gateway.logbook.reading("log/log/2026q4") as log:
        shard = Checkpoint(log.origin, 4, log.root())
    assert verify_record(listed["log/log/2026q4", 4], shard).kind == "file"


def test_a_shard_is_watched_like_a_log(world: World) -> None:
    """A monitor with the key of the log follows a shard by its own endpoints."""
    world.log(*DOCUMENTS)
    key = key_for(world.gateway.logbook.signer.key, "log/log/2026q4")
    look = Monitor(world, verifier_for(key), clock=utc_now).look(None)
    assert look.alarms == ()
    assert look.sighting is not None
    assert look.sighting.edge.size == 6


def test_fsck_goes_over_all_shards(world: World) -> None:
    """Damage in a closed shard is found too."""
    world.log(*DOCUMENTS[:4])
    world.now = datetime(2027, 1, 1, tzinfo=UTC)
    world.log(*DOCUMENTS[4:])
    assert _sound(world) == {"log/log": True, "log/log/2026q4": True, "log/log/2027q1": True}
    db = sqlite3.connect(world.settings.path("silkgate.db"))
    db.execute(
        "UPDATE tile SET data = zeroblob(length(data)) WHERE origin = ? AND level = 0",
        ("log/log/2026q4",),
    )
    db.commit()
    db.close()
    assert _sound(world) == {"log/log": True, "log/log/2026q4": False, "log/log/2027q1": True}


def _sound(world: World) -> dict[str, bool]:
    found = {}
    for log in open_all(world.settings.home):
        with log, log.reading() as now:
            found[log.key.name] = fsck(now.tiles, verifier_for(log.key)).sound
    return found
