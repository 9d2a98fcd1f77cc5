"""What one 10 kB document costs the HTTP faces over TLS, apart from its own cryptography."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import httpx

from gateway.api import logs
from gateway.api.app import create_app
from gateway.api.serve import Listen, serving
from gateway.settings import Limits
from gateway.transport.courier import Courier, Delivery
from gateway.transport.line import Address
from gateway.transport.lines import Lines
from gateway.transport.tls import client_context
from tests.bench import Figure
from tests.gateway.api.world import build, seal
from tests.gateway.transport.partner import make_certificate

_DOCUMENT = b"<DecMessage>" + b"<a>1234567890</a>" * 600 + b"</DecMessage>"
_COUNT = 400
_WARM_UP = 40


def run() -> Iterator[Figure]:
    """Yield CPU milliseconds per submission and per delivery, of server and client."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        make_certificate(home)
        with _server(home) as (url, token, cpu):
            with _submitting(url, token, home / "tls.pem") as work:
                yield from _figures("submission", cpu, work)
            with _delivering(url, home / "tls.pem") as work:
                yield from _figures("delivery", cpu, work)


def _figures(
    name: str, server: Callable[[], float], work: Callable[[range], None]
) -> Iterator[Figure]:
    work(range(-_WARM_UP, 0))
    theirs, mine, begun = server(), time.process_time(), time.perf_counter()
    work(range(_COUNT))
    seconds = time.perf_counter() - begun
    mine, theirs = time.process_time() - mine, server() - theirs
    yield Figure(f"{name}: CPU of the server", theirs / _COUNT * 1e3, "ms", "< 3")
    yield Figure(f"{name}: CPU of the client", mine / _COUNT * 1e3, "ms", "< 1.5")
    yield Figure(f"{name}: documents", _COUNT / seconds, "per second", "> 150")


@contextmanager
def _server(home: Path) -> Iterator[tuple[str, str, Callable[[], float]]]:
    """Serve from a process of its own; yields URL, API key, and its CPU seconds when asked."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(home, there))
    process.start()

    def cpu() -> float:
        here.send("cpu")
        return float(here.recv())

    try:
        url, token = here.recv()
        yield url, token, cpu
    finally:
        here.send("")
        process.join(30)


def _serve(home: Path, pipe: Connection) -> None:
    logs.configure("error")
    world = build(home, Limits(requests_per_second=1e6, burst=1_000_000))
    listen = Listen(port=0, certificate=home / "tls.pem", key=home / "tls.key")
    with serving(create_app(world), listen) as url:
        pipe.send((url, world.key()))
        while pipe.recv():
            pipe.send(time.process_time())
    world.store.close()


@contextmanager
def _submitting(url: str, token: str, authority: Path) -> Iterator[Callable[[range], None]]:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/xml"}
    path = "/v1/exchanges?receiver=sg-gateway&target=wco-dec"
    with (
        httpx.Client(base_url=url, verify=client_context(authority), headers=headers) as client,
        ThreadPoolExecutor(8) as threads,
    ):

        def submit(number: int) -> None:
            client.post(path, content=_DOCUMENT + b"<!--%d-->" % number).raise_for_status()

        yield lambda numbers: list(threads.map(submit, numbers)).clear()


@contextmanager
def _delivering(url: str, authority: Path) -> Iterator[Callable[[range], None]]:
    with Lines([Address(party="cn-gateway", url=url, authority=authority)]) as lines:
        courier = Courier(lines)

        def deliver(numbers: range) -> None:
            outcomes = courier.deliver_all([_delivery(number) for number in numbers])
            refused = [one for one in outcomes if not isinstance(one, bytes)]
            if refused:
                raise refused[0]

        yield deliver
        courier.close()


def _delivery(number: int) -> Delivery:
    message_id = f"m{number}"
    return Delivery(
        message_id=message_id,
        sender="sg-gateway",
        recipient="cn-gateway",
        container=seal(_DOCUMENT, message_id=message_id),
    )
