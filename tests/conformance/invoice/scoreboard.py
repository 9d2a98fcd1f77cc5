"""Our findings beside those that the official artefacts gave, document by document."""

from __future__ import annotations

import gzip
import json
import tarfile
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from schemas.rules.invoice.official import official
from schemas.xml import parse

NOT_IN_THE_CORPUS = {"peppol-ubl-sb-2026.5"}
"""Compared with the official artefact by our own mutants alone (`test_mutants.py`)."""


@dataclass
class Score:
    """How many documents agree in every rule and count, and which rules differ."""

    documents: int = 0
    exact: int = 0
    engine_errors: int = 0
    passed_engine_errors: int = 0
    missed: Counter[str] = field(default_factory=Counter)
    extra: Counter[str] = field(default_factory=Counter)


@cache
def oracle(folder: Path) -> list[dict[str, Any]]:
    """Return the recorded findings of the official artefacts."""
    with gzip.open(folder / "oracle.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@cache
def documents(folder: Path) -> list[tuple[dict[str, Any], bytes]]:
    """Return each row with its document, from the folder or the archive of mutants."""
    with tarfile.open(folder / "mutants.tar.xz") as archive:
        mutants = {
            member.name: stream.read()
            for member in archive
            if (stream := archive.extractfile(member)) is not None
        }
    rows = oracle(folder)
    return [(row, mutants.get(row["file"]) or (folder / row["file"]).read_bytes()) for row in rows]


def score(folder: Path, pack_id: str, step: int = 1) -> Score:
    """Run a pack over every `step`-th document that the official artefact was run on."""
    rows = [each for each in documents(folder) if pack_id in each[0]["findings"]]
    found = Score()
    for row, data in rows[::step]:
        wanted = row["findings"][pack_id]
        have = official(parse(data), [pack_id])
        if isinstance(wanted, dict):
            found.engine_errors += 1
            found.passed_engine_errors += not any(each.flag == "fatal" for each in have)
            continue
        ours = Counter(each.rule for each in have)
        theirs = Counter(rule for rule, *_ in wanted)
        found.documents += 1
        found.exact += ours == theirs
        found.missed += theirs - ours
        found.extra += ours - theirs
    return found
