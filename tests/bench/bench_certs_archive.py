"""Archives: records over many packages, containers and PDF files renewed, when they are due."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

from certs import asic, ers, pades, verify_any
from certs.authority.ca import CertificateAuthority
from certs.authority.tsa import Authority
from certs.digests import SHA512
from certs.domain import Domain, create_domain
from certs.due import verifies_until
from certs.levels import Level
from certs.renewal import renew_any
from certs.validation.sources import Gatherer, OwnAuthority
from tests.bench import Figure

PACKAGES: Final = 10_000
FILES: Final = {"document.xml": b"<Declaration/>" * 700, "meta.json": b"{}" * 2500}


def run() -> Iterator[Figure]:
    """Yield the figures, in processor time; those of PDF, which is read elsewhere, on the clock."""
    with tempfile.TemporaryDirectory() as folder:
        domain = create_domain(Path(folder), "Bench", "SG", secret="")
        stamper = Authority(domain.keys.load("tsa"))
        yield from _records(domain, stamper)
        yield from _renewals(domain, stamper)


def _records(domain: Domain, stamper: Authority) -> Iterator[Figure]:
    def make() -> list[bytes]:
        return ers.make(([str(number).encode()] for number in range(PACKAGES)), stamper)

    yield Figure("evidence records of 10,000 packages", _median(make, 3), "ms")
    record = make()[77]
    spent = _median(lambda: ers.verify(record, [b"77"], domain.trust), 50)
    yield Figure("one of them verified", spent, "ms")


def _renewals(domain: Domain, stamper: Authority) -> Iterator[Figure]:
    seal, now = domain.keys.load("seal"), datetime.now(UTC)
    source = OwnAuthority(CertificateAuthority(domain.keys.load("root")))
    gatherer = Gatherer(domain.trust, (source,))
    container = asic.pack(FILES, seal, stamper, gatherer=gatherer, level=Level.LTA)
    pdf = pades.sign(_page(), seal, stamper=stamper, gatherer=gatherer, level=Level.LTA)
    for name, data, clock in (
        ("ASiC-E", container, time.process_time),
        ("PDF", pdf, time.perf_counter),
    ):
        aged = data
        for _ in range(3):
            aged = renew_any(aged, stamper, gatherer, digest=SHA512)
        spent = _median(lambda d=data: renew_any(d, stamper, gatherer, digest=SHA512), 20, clock)  # type: ignore[misc]
        yield Figure(f"{name} renewed", spent, "ms")
        spent = _median(lambda d=aged: verify_any(d, domain.trust), 20, clock)  # type: ignore[misc]
        yield Figure(f"{name} renewed three times, verified", spent, "ms")
        spent = _median(lambda d=aged: verifies_until(d, domain.trust, {}, now), 5, clock)  # type: ignore[misc]
        yield Figure(f"{name} renewed three times, when due", spent, "ms")


def _page() -> bytes:
    from reportlab.pdfgen import canvas

    out = BytesIO()
    drawn = canvas.Canvas(out, invariant=True)
    drawn.drawString(72, 720, "INVOICE 1")
    drawn.save()
    return out.getvalue()


def _median(
    operation: Callable[[], object],
    rounds: int,
    clock: Callable[[], float] = time.process_time,
) -> float:
    """Return the median milliseconds of one call, after a first that does not count."""
    operation()
    taken = []
    for _ in range(rounds):
        start = clock()
        operation()
        taken.append(clock() - start)
    return statistics.median(taken) * 1000
