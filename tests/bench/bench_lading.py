"""Measures of the lading room: what an envelope transfer costs the receiving platform."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from certs.compact import CompactSigner
from gateway.lading.answers import Answer
from gateway.lading.envelope import open_envelope
from gateway.lading.shapes import check
from schemas.clock import utc_now
from tests.bench import Figure
from tests.gateway.lading.envelopes import Json, book_of, issued, party, transaction
from tests.gateway.lading.platforms import House

RUNS = 100
_SIGNERS = {
    "ES256": lambda: CompactSigner(ec.generate_private_key(ec.SECP256R1())),
    "PS256": lambda: CompactSigner(rsa.generate_private_key(65537, 2048)),
}


def run() -> Iterator[Figure]:
    """Yield the figures."""
    for name, made in _SIGNERS.items():
        yield from _transfers(name, made(), made())
    carrier, signer = (_SIGNERS["ES256"]() for _ in range(2))
    long = _envelope(carrier, signer, "SGBLONG", moves=8)
    book = book_of(CARX=signer, MAEU=carrier)
    cost = _median(lambda: open_envelope(long, book, utc_now()))
    yield Figure("envelope with a chain of 10 entries verified, ES256, median", cost, "ms CPU")
    shape = _median(lambda: check(long, "EblEnvelope"))
    yield Figure("envelope checked against the table of shapes, median", shape, "ms CPU")


def _transfers(name: str, carrier: CompactSigner, signer: CompactSigner) -> Iterator[Figure]:
    """Receive transfers without documents, each of another bill, and sign the answers."""
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder), platform="BOLE", parties=["Buyer"])
        house.knows("CARX", "http://127.0.0.1:9", signer)
        house.knows("MAEU", "http://127.0.0.1:9", carrier, carriers=["MAEU"])
        envelopes = [_envelope(carrier, signer, f"SGB{n:05}") for n in range(RUNS)]
        house.ladings.receiver.start(_envelope(carrier, signer, "SGBWARM"))
        walls, costs = [], []
        for envelope in envelopes:
            wall, cpu = perf_counter(), process_time()
            answer = house.ladings.receiver.start(envelope)
            assert isinstance(answer, Answer)
            answer.signed(house.signer)
            walls.append(perf_counter() - wall)
            costs.append(process_time() - cpu)
        house.close()
    what = f"transfer without documents, {name}, SQLite"
    yield Figure(f"{what}, median", median(walls) * 1000, "ms", "<= 50")
    yield Figure(f"{what}, median of CPU", median(costs) * 1000, "ms CPU", "<= 50")


def _envelope(
    carrier: CompactSigner, signer: CompactSigner, reference: str, moves: int = 0
) -> Json:
    """Return the envelope of a transfer to our platform, after some moves on the sender's."""
    chain = issued(carrier, signer, reference=reference)
    shipper = party("Shipper", "CARX")
    for _ in range(moves):
        chain.add("CARX", signer, transaction("TRANSFER", shipper, shipper))
    moved = transaction("TRANSFER", shipper, party("Buyer", "BOLE"))
    return chain.add("CARX", signer, moved).envelope(signer)


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        start = process_time()
        work()
        times.append(process_time() - start)
    return median(times) * 1000
