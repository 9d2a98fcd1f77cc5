"""The reference validator's decisions over its own diagnostic data, by both policies."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest

from certs import decision
from certs.decision import policy

CASES: Final = 64
RANK: Final = ("TOTAL-FAILED", "INDETERMINATE", "TOTAL-PASSED")
FOLDER: Final = Path(__file__).resolve().parents[4] / "shared/data/esign/dss-decisions"


def rows() -> list[dict[str, Any]]:
    """Return the rows, or none where the published documents are not at hand."""
    listed = FOLDER / "manifest.jsonl"
    return (
        [json.loads(line) for line in listed.read_text().splitlines()] if listed.is_file() else []
    )


def judged(row: dict[str, Any], chosen: policy.Policy | None = None) -> str:
    """Return agree, stricter or LAXER about a document's first signature, else time-stamp."""
    found = decision.decide((FOLDER / row["file"]).read_bytes(), chosen)
    first = (found.signatures or found.timestamps)[0]
    expected = row.get("signature") or row["timestamp"]
    if RANK.index(first.indication) > RANK.index(expected["indication"]):
        return "LAXER"
    same = first.indication == expected["indication"] and (
        expected["sub"] is None or first.subindication == expected["sub"]
    )
    return "agree" if same else "stricter"


@pytest.mark.conformance
@pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"])
def test_a_decision_is_the_expected_one(row: dict[str, Any]) -> None:
    """Indication and sub-indication are those of the reference validator's own test."""
    assert judged(row) == "agree"


@pytest.mark.conformance
def test_the_published_policy_decides_alike(shared: Path) -> None:
    """A policy read from a file leads to the same decisions as the built-in one."""
    chosen = policy.read((shared / "data/esign/dss-decisions/default-policy.xml").read_bytes())
    assert Counter(judged(row, chosen) for row in rows()) == {"agree": CASES}


def test_a_sample_of_decisions_is_the_expected_one(shared: Path) -> None:
    """Every eighth document in each run of the tests; all are `make conformance`."""
    assert shared.is_dir()
    for row in rows()[::8]:
        assert judged(row) == "agree", row["id"]
