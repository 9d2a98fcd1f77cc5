"""PDF signatures verified: processor time per megabyte, and what the process of its own costs.

Processor time is that of the process which reads the file and of the one that judges it together.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from certs import pades
from certs.authority.ca import CertificateAuthority
from certs.authority.tsa import Authority
from certs.domain import Domain, create_domain
from certs.levels import Level
from certs.pades import survey, worker
from certs.validation.sources import Gatherer, OwnAuthority
from tests.bench import Figure
from tests.certs.test_pades import page
from tests.hostile.certs.test_pdf_costs import form

_MB: Final = 1_000_000
_FIELDS: Final = 1_300
_ROUNDS: Final = 7
_GOAL: Final = "<= 1,000"


def run() -> Iterator[Figure]:
    """Yield the figures."""
    with tempfile.TemporaryDirectory() as folder:
        domain = create_domain(Path(folder), "Bench", "SG", secret="")
        many = form(_FIELDS)
        for name, data in (
            ("form of 1,300 fields, archived", _signed(domain, many, Level.LTA, 1)),
            ("form of 1,300 fields, 8 signatures", _signed(domain, many, Level.B, 8)),
            ("page, 24 signatures", _signed(domain, page(), Level.B, 24)),
        ):
            spent = _spent(lambda d=data: worker.answer(d))  # type: ignore[misc]
            survey.survey(data)
            spent += _spent(lambda d=data: pades.verify(d, domain.trust))  # type: ignore[misc]
            yield Figure(f"PDF {name}, per MB", spent / max(1.0, len(data) / _MB), "ms", _GOAL)
        yield from _started(domain, _signed(domain, page(), Level.LTA, 1))


def _signed(domain: Domain, data: bytes, level: Level, times: int) -> bytes:
    stamper = Authority(domain.keys.load("tsa"))
    source = OwnAuthority(CertificateAuthority(domain.keys.load("root")))
    gatherer = Gatherer(domain.trust, (source,))
    for _ in range(times):
        seal = domain.keys.load("seal")
        data = pades.sign(data, seal, stamper=stamper, gatherer=gatherer, level=level)
    return data


def _started(domain: Domain, data: bytes) -> Iterator[Figure]:
    """Yield what a page costs on the clock: with the start of the process, and after it."""
    first, others = [], []
    for _ in range(3):
        survey.WORKER.close()
        first.append(_clocked(lambda: _afresh(data, domain)))
        others += [_clocked(lambda: _afresh(data, domain)) for _ in range(20)]
    yield Figure("PDF page at LTA verified, the first one", statistics.median(first), "ms")
    yield Figure("PDF page at LTA verified, the next ones", statistics.median(others), "ms")


def _afresh(data: bytes, domain: Domain) -> None:
    survey.survey.cache_clear()
    pades.verify(data, domain.trust)


def _spent(operation: Callable[[], object]) -> float:
    """Return milliseconds of processor time, without collection of garbage, as in the process."""
    taken = []
    gc.disable()
    for _ in range(_ROUNDS):
        start = time.process_time()
        operation()
        taken.append(time.process_time() - start)
        gc.collect()
    gc.enable()
    return statistics.median(taken) * 1000


def _clocked(operation: Callable[[], object]) -> float:
    start = time.perf_counter()
    operation()
    return (time.perf_counter() - start) * 1000
