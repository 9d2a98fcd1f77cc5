from __future__ import annotations

from pathlib import Path

import pytest

from schemas.rules.invoice.xsd import validate
from schemas.xml import parse
from tests.conformance.invoice.scoreboard import documents

pytestmark = pytest.mark.conformance


def test_the_schemas_give_the_official_verdict_on_every_document(shared: Path) -> None:
    """The whole corpus and all mutants: valid by XSD exactly when the oracle says so."""
    folder = shared / "data" / "invoice"
    for row, data in documents(folder):
        ruleset = "xsd-cii-d22b" if row["root"] == "CrossIndustryInvoice" else "xsd-ubl-2.1"
        assert (not validate(parse(data), ruleset)) is row["xsd_valid"], row["file"]
