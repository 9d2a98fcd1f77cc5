"""The whole pipeline: two gateways over HTTPS and the load on this machine's own cores.

Documents of 10 kB are posted to gateway A's API, translated, signed, stamped, logged, delivered
to gateway B, verified and logged there, and acknowledged with a signed receipt. Both gateways
are processes of their own with SQLite at synchronous=FULL; A has its worker in a second process.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import os
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway import setup
from gateway.settings import Settings, load
from gateway.store import exchanges, open_store
from gateway.store.model import Direction, State
from gateway.wiring.api_keys import issue
from tests.bench import Figure

SECONDS = float(os.environ.get("SILKGATE_BENCH_SECONDS", "60"))
CLIENTS = 8
QUEUE = 600
GOLDEN = Path(__file__).parents[1] / "golden" / "g01" / "decmessage.xml"
LINE = b"    <DecList>"


@dataclass(frozen=True)
class Pair:
    """Two gateways at work."""

    a: Settings
    b: Settings
    token: str
    processes: tuple[subprocess.Popen[bytes], ...]


@dataclass(frozen=True)
class Load:
    """What the clients share."""

    source: Iterator[bytes]
    lock: threading.Lock
    stop: threading.Event
    full: threading.Event


def run() -> Iterator[Figure]:
    """Yield sustained throughput, latency at half of it, and the memory of both gateways."""
    sys.setswitchinterval(0.0005)
    with pair() as gateways:
        throughput = _sustained(gateways, SECONDS)
        yield Figure("pipeline, sustained", throughput, "documents/s", ">= 150")
        memory = _memory(gateways)
        yield from _latencies(gateways, throughput / 2, min(SECONDS, 20.0))
        for name, after in zip(("A", "B", "A's worker"), memory, strict=True):
            yield Figure(f"memory of {name} after load", after, "MB", "flat")


@contextlib.contextmanager
def pair(anchor: str = "file") -> Iterator[Pair]:
    """Run two gateways that know each other, as `silkgate serve` does."""
    with tempfile.TemporaryDirectory() as folder:
        settings = []
        for party, country in (("cn-port", "CN"), ("sg-port", "SG")):
            settings.append(
                setup.create(
                    Path(folder) / party,
                    party=party,
                    name=party,
                    country=country,
                    port=_free_port(),
                    extra=_EXTRA.format(anchor=anchor),
                )
            )
        setup.introduce(settings[0].home, setup.card(settings[1]))
        setup.introduce(settings[1].home, setup.card(settings[0]))
        a, b = (load(one.home) for one in settings)
        token = issue(a, tenant="cn-port", scopes=["all"], days=1)
        processes = (
            _silkgate("serve", a, workers=0),
            _silkgate("serve", b, workers=1),
            _silkgate("worker", a, "--threads", "2", workers=0),
        )
        try:
            for one in (a, b):
                _wait(one)
            yield Pair(a, b, token, processes)
        finally:
            for process in processes:
                process.send_signal(signal.SIGTERM)
            for process in processes:
                process.wait(30)


_EXTRA = """
log_level = "warning"
[limits]
requests_per_second = 100000.0
burst = 100000
[anchor]
kind = "{anchor}"
"""


def documents() -> Iterator[bytes]:
    """Yield declarations of about 10 kB, each of its own."""
    base = GOLDEN.read_bytes()
    head, *lines = base.split(LINE)
    kept, tail = lines[:9], lines[-1].partition(b"</DecList>\n")[2]
    last = kept[-1].partition(b"</DecList>\n")[0] + b"</DecList>\n" + tail
    text = LINE.join([head, *kept[:-1], last]).replace(b"9,10,11,12</GoodsNo>", b"</GoodsNo>")
    text = text.replace(b",</GoodsNo>", b"</GoodsNo>")
    for n in itertools.count():
        yield text.replace(b"SMPL20260310G01", b"SMPL%011d" % n)


def _sustained(gateways: Pair, seconds: float) -> float:
    """Return acknowledged documents per second while clients keep the queue filled."""
    stop = threading.Event()
    source = documents()
    load = Load(source, threading.Lock(), stop, threading.Event())
    store = open_store(gateways.a.database_url)
    threads = [threading.Thread(target=_client, args=(gateways, load)) for _ in range(CLIENTS)]
    threads.append(threading.Thread(target=_meter, args=(gateways, load)))
    for thread in threads:
        thread.start()
    time.sleep(min(3.0, seconds / 4))
    first, start = _done(store), time.perf_counter()
    time.sleep(seconds)
    last, end = _done(store), time.perf_counter()
    stop.set()
    for thread in threads:
        thread.join()
    until = time.monotonic() + 120
    while _open(store) and time.monotonic() < until:
        time.sleep(0.2)
    store.close()
    return (last - first) / (end - start)


def _latencies(gateways: Pair, rate: float, seconds: float) -> Iterator[Figure]:
    """Yield p50 and p99 from acceptance to acknowledgement at a steady rate."""
    store = open_store(gateways.a.database_url)
    with store.read() as tx:
        newest = exchanges.listed(tx, limit=1)
    marker = newest[0].id if newest else ""
    connection = _connect(gateways.a)
    source = (text.replace(b"SMPL0", b"SMPL9") for text in documents())
    start = time.perf_counter()
    for n in range(int(rate * seconds)):
        time.sleep(max(0.0, start + n / rate - time.perf_counter()))
        _post(connection, gateways.token, next(source))
    until = time.monotonic() + 60
    while _open(store) and time.monotonic() < until:
        time.sleep(0.2)
    with store.read() as tx:
        listed = exchanges.listed(tx, direction=Direction.OUT, limit=1_000_000)
    took = [
        (one.updated_at - one.created_at).total_seconds()
        for one in listed
        if one.id > marker and one.state is State.DONE
    ]
    store.close()
    if took:
        ranked = sorted(took)
        p99 = ranked[int(len(ranked) * 0.99) - 1]
        yield Figure("acceptance to acknowledged, p50", statistics.median(took), "s", "")
        yield Figure("acceptance to acknowledged, p99", p99, "s", "< 2 at half load")


def _client(gateways: Pair, load: Load) -> None:
    """Post until told to stop, pausing while the queue holds enough."""
    connection = _connect(gateways.a)
    while not load.stop.is_set():
        if load.full.is_set():
            time.sleep(0.05)
            continue
        with load.lock:
            text = next(load.source)
        _post(connection, gateways.token, text)


def _meter(gateways: Pair, load: Load) -> None:
    """Keep the queue at no more than a few seconds' work."""
    store = open_store(gateways.a.database_url)
    while not load.stop.wait(0.5):
        if _open(store) > QUEUE:
            load.full.set()
        else:
            load.full.clear()
    store.close()


def _post(connection: http.client.HTTPConnection, token: str, text: bytes) -> None:
    connection.request(
        "POST",
        "/v1/exchanges?receiver=sg-port&target=wco-dec&kind=document&source=cn-dec",
        text,
        {"Authorization": f"Bearer {token}", "Content-Type": "application/xml"},
    )
    answer = connection.getresponse()
    said = answer.read()
    if answer.status != http.client.ACCEPTED:
        raise RuntimeError(said.decode())


def _connect(settings: Settings) -> http.client.HTTPConnection:
    context = ssl.create_default_context(cadata=setup.card(settings).root)
    return http.client.HTTPSConnection(settings.host, settings.port, context=context, timeout=60)


def _done(store: object) -> int:
    return _count(store, State.DONE)


def _open(store: object) -> int:
    return sum(_count(store, state) for state in (State.READY, State.CLAIMED, State.RETRY))


def _count(store: object, state: State) -> int:
    with store.read() as tx:  # type: ignore[attr-defined]
        return exchanges.counts(tx).get((Direction.OUT, state), 0)


def _memory(gateways: Pair) -> list[float]:
    """Return the resident memory of both gateways in MB (Linux; 0 elsewhere)."""
    sizes = []
    for process in gateways.processes:
        status = Path(f"/proc/{process.pid}/status")
        text = status.read_text() if status.exists() else "VmRSS: 0 kB"
        line = next(each for each in text.splitlines() if each.startswith("VmRSS"))
        sizes.append(int(line.split()[1]) / 1024)
    return sizes


def _serve(settings: Settings) -> subprocess.Popen[bytes]:
    return _silkgate("serve", settings, workers=settings.workers)


def _silkgate(
    command: str, settings: Settings, *more: str, workers: int
) -> subprocess.Popen[bytes]:
    line = [sys.executable, "-m", "gateway.cli", command, "--home", str(settings.home), *more]
    environment = {**os.environ, "SILKGATE_WORKERS": str(workers)}
    return subprocess.Popen(
        line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _wait(settings: Settings) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            connection = _connect(settings)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{settings.id} did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
