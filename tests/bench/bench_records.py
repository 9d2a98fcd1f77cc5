"""Figures of records of title: verified, signed, derived, and shown."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from certs import records
from certs.records.wrapping import redacted
from gateway.console.bill import bill_page
from gateway.lading.page import sheet
from gateway.lading.page.paper import bill_pdf
from gateway.lading.titles.issuing import Bill, Register, credential, derived, signed, wrapped
from ledger.anchors.secp256k1 import recover
from tests.bench import Figure
from tests.certs.records import issuer

_LADING = Path(__file__).parent.parent / "golden" / "related" / "g06" / "lading.json"
_REPEATS = 40


def run() -> Iterator[Figure]:
    """Yield the figures; times are CPU of one core, medians."""
    data = _LADING.read_bytes()
    bill = Bill.read(data, incomplete=True)
    register = Register(31337, issuer.REGISTRY)
    record, _ = wrapped(bill, register, domain=issuer.DOMAIN, name="Sample Line")
    yield from _verified("OpenAttestation 2.0, whole transport document", record)
    yield from _verified(
        "the same with 60 fields redacted", redacted(record, ["transportDocument"])
    )
    now = datetime(2026, 2, 1, tzinfo=UTC)
    plain = credential(bill, register, did=issuer.DID, at=now)
    base = signed(plain, issuer.KEY, method=issuer.METHOD, at=now)
    shown = derived(base, ("/credentialSubject/blNumber", "/credentialSubject/packages/0"))
    yield from _verified("VC ecdsa-sd-2023, base, all statements", base)
    yield from _verified("VC ecdsa-sd-2023, derived", shown)
    method = issuer.METHOD
    yield _timed("sign a VC", lambda: signed(plain, issuer.KEY, method=method, at=now))
    yield _timed("derive a VC", lambda: derived(base, ("/credentialSubject/blNumber",)))
    yield _timed("bill as HTML", lambda: bill_page(sheet.read(data), "en"))
    yield _timed("bill as PDF", lambda: bill_pdf(sheet.read(data), "en"))


def _verified(name: str, record: object) -> Iterator[Figure]:
    data = json.dumps(record, ensure_ascii=False).encode()
    identities = issuer.identities(issuer.RECORD)
    assert records.check(data, identities, recover).integrity == "VALID"
    yield Figure(f"{name}: size", len(data), "bytes")
    yield _timed(f"{name}: verify", lambda: records.check(data, identities, recover))


def _timed(name: str, work: Callable[[], object]) -> Figure:
    work()
    times = []
    for _ in range(_REPEATS):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return Figure(name, median(times) * 1e3, "ms CPU")
