"""kill -9 while documents are on their way: nothing accepted lost, nothing delivered twice."""

from __future__ import annotations

import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from certs.domain import create_domain
from certs.keys import KeyStore
from gateway.exchange.flow import FLOW
from gateway.exchange.policy import Policy
from gateway.exchange.runner import Runner
from gateway.exchange.worker import Worker, free_dead
from gateway.store import exchanges, journal, open_store, payloads
from gateway.store.database import Store
from gateway.store.model import Role, State
from gateway.store.tiles import StoredTiles
from ledger.fsck import fsck
from ledger.log import Log
from ledger.signature import Ed25519Signer, verifier_for
from tests.faults.gateway_process import SECRET, rooms
from tests.gateway.exchange.standins import ORIGIN

ROOT = Path(__file__).resolve().parents[2]
STAGES = [stage.name for stage in FLOW]


@pytest.mark.faults
@pytest.mark.timeout(180)
def test_four_kills_lose_nothing_and_deliver_nothing_twice(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed four times at random, the gateway keeps what it accepted and delivers it once."""
    monkeypatch.setenv(SECRET.removeprefix("env:"), secrets.token_hex(16))
    Ordeal(store_url, tmp_path).endure(kills=4)


@pytest.mark.faults_long
@pytest.mark.timeout(3600)
def test_a_hundred_kills_over_all_stages(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same a hundred times; every stage is among those that were cut short."""
    monkeypatch.setenv(SECRET.removeprefix("env:"), secrets.token_hex(16))
    ordeal = Ordeal(store_url, tmp_path)
    ordeal.endure(kills=100)
    assert set(ordeal.cut_short) == set(STAGES)


@dataclass
class Ordeal:
    """Gateway processes on one database, killed again and again, and what they acknowledged."""

    url: str
    home: Path
    accepted: set[str] = field(default_factory=set)
    checkpoints: set[tuple[int, str]] = field(default_factory=set)
    cut_short: Counter[str] = field(default_factory=Counter)

    def endure(self, kills: int) -> None:
        """Kill, check, start again; then let everything finish and check the whole story."""
        create_domain(self.home, "Test Port", "CN", secret=SECRET)
        moment = random.Random(kills)
        count = 1 if self.url.startswith("sqlite") else 2
        store = open_store(self.url)
        running = [self._start(n) for n in range(count)]
        try:
            for kill in range(kills):
                time.sleep(moment.uniform(0.05, 0.5))
                victim = running.pop(0)
                self._kill(victim)
                self._check_log(store)
                if kill + count < kills:
                    running.append(self._start(kill + count))
            self._finish(store)
            self._check_story(store)
        finally:
            for process in running:
                self._kill(process)
            store.close()

    def _signer(self) -> Ed25519Signer:
        private = KeyStore(self.home / "keys", SECRET).load("log").private
        assert isinstance(private, Ed25519PrivateKey)
        return Ed25519Signer(ORIGIN, private)

    def _start(self, number: int) -> subprocess.Popen[bytes]:
        """Start a gateway and wait until it has acknowledged something."""
        command = [sys.executable, "-m", "tests.faults.gateway_process"]
        process = subprocess.Popen(
            [*command, self.url, str(self.home), f"gateway-{number}"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        self._note(process.stdout.readline())
        return process

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill -9, then take note of every acknowledgement that was given before."""
        process.send_signal(signal.SIGKILL)
        assert process.stdout is not None
        for line in process.stdout.read().splitlines(keepends=True):
            self._note(line)
        process.stdout.close()
        process.wait()

    def _note(self, line: bytes) -> None:
        words = line.decode().split()
        assert line.endswith(b"\n"), f"the gateway did not start: {line!r}"
        if words[0] == "accepted":
            self.accepted.add(words[1])
        else:
            self.checkpoints.add((int(words[1]), words[2]))

    def _check_log(self, store: Store) -> None:
        """Every checkpoint that was ever acknowledged is a beginning of the log as it is now."""
        with store.read() as tx:
            log = Log(StoredTiles(tx, ORIGIN), self._signer())
            for size, root in self.checkpoints:
                assert log.size >= size
                assert log.root(size).hex() == root
            held = [e.stage for e in exchanges.listed(tx, state=State.CLAIMED, limit=1000)]
        self.cut_short.update(held)

    def _finish(self, store: Store) -> None:
        """Let one more worker carry everything to its end."""
        furnished = rooms(self.home)
        free_dead(store)
        runner = Runner(store=store, rooms=furnished, policy=Policy(), actor="last")
        worker = Worker(runner, batch=64, idle=0.02)
        worker.start()
        deadline = time.monotonic() + 900
        while _unsettled(store) and time.monotonic() < deadline:
            time.sleep(0.05)
        worker.stop()
        with store.begin() as tx:
            log = Log(StoredTiles(tx, ORIGIN), self._signer())
            log.checkpoint()
            assert fsck(log.tiles, verifier_for(log.signer.key)).sound

    def _check_story(self, store: Store) -> None:
        """Each document: done, each stage once, one entry in the log, one message delivered."""
        delivered = defaultdict(set)
        for line in (self.home / "effects").read_text().splitlines():
            message_id, digest = line.split()
            delivered[message_id].add(digest)
        with store.read() as tx:
            everything = exchanges.listed(tx, limit=1_000_000)
            assert self.accepted <= {exchange.id for exchange in everything}
            for exchange in everything:
                passed = [e.stage for e in journal.read(tx, exchange.id) if e.code == "passed"]
                assert passed == STAGES
                assert exchange.state is State.DONE
                sealed = payloads.read(tx, exchange.id, Role.SEALED)
                container = payloads.read(tx, exchange.id, Role.CONTAINER)
                assert delivered[exchange.message_id] == {container.digest.hex()}
                assert StoredTiles(tx, ORIGIN).find([sealed.digest]) == {
                    sealed.digest: exchange.leaf
                }
            # A document and the root of its fields: no entry was made twice.
            assert StoredTiles(tx, ORIGIN).size() == 2 * len(everything)
        assert len(delivered) == len(everything)


def _unsettled(store: Store) -> int:
    with store.read() as tx:
        return sum(many for (_, state), many in exchanges.counts(tx).items() if not state.settled)
