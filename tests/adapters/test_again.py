"""What the engine remembers from earlier documents never changes what it says of the next."""

from __future__ import annotations

import subprocess
import sys

import pytest

import adapters
from tests.adapters import declarations as d

_READ = """
import sys, adapters
reading = adapters.read(sys.stdin.buffer.read())
print([(t.id, t.value, dict(t.attrs), t.path, t.cls, t.reason) for t in reading.document.terms])
print(reading.findings)
"""


@pytest.mark.parametrize(
    "element", ["GUnit", "FirstUnit", "TradeCurr", "OriginCountry", "DutyMode"]
)
def test_a_fault_is_reported_on_every_line_of_every_document(element: str) -> None:
    """A code in no list is reported wherever it stands, however often it was seen before."""
    head, *parts = d.message("g01").decode().split(f"<{element}>")
    data = (head + "".join(f"<{element}>QQQ{part[part.index('<') :]}" for part in parts)).encode()
    wanted = adapters.read(data).document.value("GoodsItemQuantity")
    for _ in range(3):
        faults = [f for f in adapters.read(data).findings if f.path.endswith("/" + element)]
        assert str(len({fault.path for fault in faults})) == wanted


@pytest.mark.parametrize("case", d.CASES)
def test_a_warm_process_reads_what_a_fresh_one_reads(case: str) -> None:
    """Terms, classes, reasons and findings are the same in a fresh process and in an old one."""
    data = d.message(case)
    for other in d.CASES:
        adapters.read(d.message(other))
    reading = adapters.read(data)
    warm = [(t.id, t.value, dict(t.attrs), t.path, t.cls, t.reason) for t in reading.document.terms]
    fresh = subprocess.run(
        [sys.executable, "-c", _READ], input=data, capture_output=True, check=True
    )
    assert fresh.stdout.decode() == f"{warm}\n{reading.findings}\n"
