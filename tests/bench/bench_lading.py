"""Measures of the lading room: what an envelope transfer costs the receiving platform."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from certs.jose.compact import CompactSigner
from gateway.lading.envelope import open_envelope
from gateway.lading.shapes import check
from gateway.lading.transfer.answers import Answer, Code
from ledger.title.entry import Entry, Issue, digest
from ledger.title.machine import Move
from ledger.title.party import PartyKey
from ledger.title.state import Kind, Roles, Terms
from schemas.clock import utc_now
from tests.bench import Figure
from tests.gateway.lading.envelopes import (
    Chain,
    Json,
    book_of,
    checksum,
    document,
    issued,
    party,
    transaction,
)
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
    yield from _titled(_SIGNERS["ES256"](), _SIGNERS["ES256"]())
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


def _titled(carrier: CompactSigner, signer: CompactSigner) -> Iterator[Figure]:
    """Receive the same where each bill has its title on our own register of signed entries."""
    uri = "https://bole.example/v1/titles"
    sender = PartyKey.generate()
    more = (
        f'[[lading.registers]]\nkind = "log"\nuri = "{uri}"\n'
        f'[titles]\nissuers = ["{sender.party}"]\n'
    )
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder), platform="BOLE", parties=["Buyer"], more=more)
        house.knows("CARX", "http://127.0.0.1:9", signer)
        house.knows("MAEU", "http://127.0.0.1:9", carrier, carriers=["MAEU"])
        service = house.ladings
        assert house.gateway is not None
        titles, own = house.gateway.titles, service.desk.books[uri].own
        costs = []
        for n in range(RUNS):
            chain = Chain(document(f"SGT{n:05}"), carrier, registry=uri)
            shipper = party("Shipper", "CARX")
            chain.add("CARX", signer, transaction("ISSUE", party("Carrier", "CARX"), shipper))
            moved = transaction("TRANSFER", shipper, party("Buyer", "BOLE"))
            for entry in _entries(sender, checksum(chain.document), moved, own):
                titles.submit(entry)
            envelope = chain.add("CARX", signer, moved).envelope(signer)
            cpu = process_time()
            answer = service.receiver.start(envelope)
            assert isinstance(answer, Answer)
            assert answer.code is Code.RECE
            answer.signed(house.signer)
            costs.append(process_time() - cpu)
        house.close()
    what = "transfer without documents, its title on a log, ES256, SQLite, median of CPU"
    yield Figure(what, median(costs) * 1000, "ms CPU", "<= 50")


def _entries(sender: PartyKey, title: str, moved: Json, to: str) -> Iterator[str]:
    """Yield the sender's entries: the issue to itself, and the transfer marked with its step."""
    register, own = "bole/log", sender.party
    told = Issue(kind=Kind.ESCROW, terms=Terms(roles=Roles.of(own)), content=title)
    move = Move("issue", own, (own, own))
    first = Entry(
        register=register, title=title, n=0, previous="", move=move, at=utc_now(), issue=told
    ).sealed(sender)
    yield first
    yield Entry(
        register=register,
        title=title,
        n=1,
        previous=digest(first),
        move=Move("transferOwners", own, (to, to)),
        at=utc_now(),
        remark=bytes.fromhex(checksum([title, moved])),
    ).sealed(sender)


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
