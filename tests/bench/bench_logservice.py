"""The log as a service: from HTTP acceptance of a document's digest to its signed checkpoint.

One gateway in a process of its own (SQLite, synchronous=FULL, TLS), the load in another; both
share this machine. A document is checkpointed when a checkpoint read over HTTP covers its index;
its time runs from the moment its request was sent.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import multiprocessing
import os
import signal
import ssl
import subprocess
import tempfile
import threading
import time
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from gateway import setup
from gateway.settings import Settings, load
from gateway.wiring.api_keys import issue
from tests.bench import Figure
from tests.bench.bench_pipeline import _connect, _free_port, _serve, _wait

SECONDS = float(os.environ.get("SILKGATE_BENCH_SECONDS", "60")) / 6
_EXTRA = """
log_level = "error"
[limits]
requests_per_second = 1000000.0
burst = 1000000
[anchor]
kind = "file"
"""


def run() -> Iterator[Figure]:
    """Yield sustained throughput and the way to the checkpoint, per size of a request."""
    with _gateway() as (settings, token):
        for each, clients in ((1, 8), (100, 2)):
            load_ = _loaded(settings, token, each, clients)
            what = "one per request" if each == 1 else f"{each} per request"
            yield Figure(f"log service, {what}", load_.rate, "documents/s", ">= 1,000")
            yield Figure("  sent to checkpointed, p50", load_.ranked(0.50), "s", "")
            yield Figure("  sent to checkpointed, p99", load_.ranked(0.99), "s", "<= 2")


@dataclass
class Load:
    """What was sent and when, and when which size was signed."""

    sent: list[tuple[int, int, float]] = field(default_factory=list)
    signed: list[tuple[int, float]] = field(default_factory=list)
    rate: float = 0.0

    def ranked(self, share: float) -> float:
        """Return the time from sending to the checkpoint that `share` of documents stay below."""
        sizes = [size for size, _ in self.signed]
        took = []
        for first, count, at in self.sent:
            covered = bisect_right(sizes, first + count - 1)
            if covered < len(sizes):
                took += [self.signed[covered][1] - at] * count
        took.sort()
        return took[int(len(took) * share) - 1]


@contextlib.contextmanager
def _gateway() -> Iterator[tuple[Settings, str]]:
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        home = Path(folder) / "gateway"
        setup.create(home, party="log", name="log", country="SG", port=_free_port(), extra=_EXTRA)
        settings = load(home)
        token = issue(settings, tenant="bench", scopes=["log:write"], days=1)
        process: subprocess.Popen[bytes] = _serve(settings)
        try:
            _wait(settings)
            yield settings, token
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _loaded(settings: Settings, token: str, each: int, clients: int) -> Load:
    """Load the gateway from another process for a while, and watch its checkpoints meanwhile."""
    done = Load()
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    root = setup.card(settings).root
    job = Job(root, settings.port, token, each, clients)
    process = context.Process(target=_send, args=(there, job))
    process.start()
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(settings, done, over))
    watcher.start()
    done.sent = here.recv()
    process.join()
    time.sleep(2.5)
    over.set()
    watcher.join()
    done.rate = sum(count for _, count, _ in done.sent) / SECONDS
    return done


@dataclass(frozen=True)
class Job:
    """What a client needs to know."""

    root: str
    port: int
    token: str
    each: int
    clients: int


def _send(pipe: Connection, job: Job) -> None:
    """Post from several threads for `SECONDS`; send back first index, count, and time sent."""
    sent: list[tuple[int, int, float]] = []
    until = time.time() + SECONDS
    threads = [
        threading.Thread(target=_client, args=(job, n, until, sent)) for n in range(job.clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pipe.send(sorted(sent))


def _client(job: Job, number: int, until: float, sent: list[tuple[int, int, float]]) -> None:
    context = ssl.create_default_context(cadata=job.root)
    line = http.client.HTTPSConnection("127.0.0.1", job.port, context=context, timeout=60)
    headers = {"Authorization": f"Bearer {job.token}", "Content-Type": "application/octet-stream"}
    count = 0
    while (now := time.time()) < until:
        documents = (b"%d %d" % (number, n) for n in range(count, count + job.each))
        body = b"".join(hashlib.sha256(document).digest() for document in documents)
        line.request("POST", "/v1/log/entries", body, headers)
        answer = line.getresponse()
        said = json.loads(answer.read())
        if answer.status != http.client.CREATED:
            raise RuntimeError(said)
        sent.append((said["first"], job.each, now))
        count += job.each
    line.close()


def _watch(settings: Settings, done: Load, over: threading.Event) -> None:
    line = _connect(settings)
    while not over.wait(0.05):
        line.request("GET", "/log/checkpoint")
        answer = line.getresponse()
        note = answer.read()
        if answer.status == http.client.OK:
            done.signed.append((int(note.split(b"\n")[1]), time.time()))
