"""Published declarations of a WCO-model customs (read from ../shared where it is present)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import adapters
from schemas import xml
from schemas.errors import InputError
from schemas.finding import Flag
from tests.adapters import declarations as d


@pytest.fixture(scope="module")
def samples(shared: Path) -> list[tuple[Path, dict[str, Any]]]:
    """The published samples with what the published schema says of each."""
    folder = shared / "data/customs/samples/wco-cds"
    lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    kinds = ("declaration", "not-well-formed")
    return [(folder / entry["file"], entry) for entry in entries if entry["kind"] in kinds]


def test_our_verdict_is_that_of_the_published_schema(
    samples: list[tuple[Path, dict[str, Any]]],
) -> None:
    """Every published declaration gets the verdict that its authority's schema gives it."""
    wrong = [path.name for path, entry in samples if valid(path) != bool(entry["valid"])]
    assert wrong == []


def test_published_declarations_come_back_unchanged(
    samples: list[tuple[Path, dict[str, Any]]],
) -> None:
    """Read and written again they are identical after C14N, and every leaf is accounted for."""
    for path, entry in samples:
        if entry["kind"] == "declaration":
            data = path.read_bytes()
            reading = adapters.read(data)
            assert reading.format == "wco-dec"
            rendering = adapters.render(reading.document, "wco-dec")
            assert d.canonical(rendering.data) == d.canonical(data), path.name
            found = sorted((e.path, e.value) for e in rendering.report.entries)
            assert found == sorted(d.leaves(xml.parse(data))), path.name


def valid(path: Path) -> bool:
    """Return our verdict on a file."""
    try:
        reading = adapters.read(path.read_bytes())
    except InputError:
        return False
    return not any(finding.flag is Flag.FATAL for finding in adapters.validate(reading))
