"""The built-in authority: OCSP answers per second and core, a revocation list of 100,000."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from certs.authority import crl
from certs.authority.ocsp import Responder, Standing
from certs.domain import create_domain
from certs.recognition import Domains, Question, recognise
from certs.xades import sign, verify
from tests.bench import Figure

SECONDS = 1.0
ENTRIES = 100_000
NOW = datetime.now(UTC)
DOCUMENT = b"<Declaration><Goods>Widget</Goods></Declaration>"


def run() -> Iterator[Figure]:
    """Yield the figures, in processor time; the best of three."""
    with tempfile.TemporaryDirectory() as folder:
        domain = create_domain(Path(folder), "Bench", "SG", secret="")
        root, seal = domain.keys.load("root"), domain.keys.load("seal")
        asked = ocsp.OCSPRequestBuilder().add_certificate(
            seal.certificate.x509, root.certificate.x509, hashes.SHA256()
        )
        question = asked.build().public_bytes(Encoding.DER)
        responder = Responder(root, root.certificate, lambda _: Standing())
        spent = min(_cost(lambda: responder.respond(question)) for _ in range(3))
        yield Figure("OCSP answers, P-256", 1 / spent, "/s", ">= 3,000")
        entries = [crl.Entry(1 << 100 | number, NOW) for number in range(ENTRIES)]

        def write() -> bytes:
            until = NOW + timedelta(days=7)
            return crl.write(root, entries, number=1, this_update=NOW, next_update=until)

        yield Figure("revocation list of 100,000", min(_once(write) for _ in range(3)), "s", "<= 2")
        report = verify(sign(DOCUMENT, seal), domain.trust).signatures[0]
        asking = Question(domains=Domains(), trust=domain.trust, at=NOW)
        spent = min(_cost(lambda: recognise(report, asking)) for _ in range(3))
        yield Figure("recognition of one signature", spent * 1e6, "us")


def _once(operation: Callable[[], object]) -> float:
    start = time.process_time()
    operation()
    return time.process_time() - start


def _cost(operation: Callable[[], object]) -> float:
    """Return seconds of processor time for one call."""
    operation()
    count, start = 0, time.process_time()
    while (spent := time.process_time() - start) < SECONDS:
        operation()
        count += 1
    return spent / count
