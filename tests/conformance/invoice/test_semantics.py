from __future__ import annotations

from pathlib import Path

import pytest

import adapters
from schemas.finding import Flag
from tests.conformance.invoice.semantics import kept, rows

pytestmark = pytest.mark.conformance


def test_terms_are_those_of_the_reference_and_survive_translation(shared: Path) -> None:
    """Read: every document term by term; there and back: as docs/invoice.md says, no crash."""
    found = rows(shared / "data" / "invoice")
    read = there = back = 0
    for row, data in found:
        cii = row["root"] == "CrossIndustryInvoice"
        own, other = ("cefact-cii", "peppol-ubl") if cii else ("peppol-ubl", "cefact-cii")
        read += kept(row, data)
        out = adapters.convert(data, other).data
        there += kept(row, out, converted=True)
        back += kept(row, adapters.convert(out, own).data, converted=True)
    assert read == len(found)
    assert there >= 0.965 * len(found)
    assert back >= 0.965 * len(found)


def test_a_translation_is_sound_in_its_new_syntax(shared: Path) -> None:
    """Every valid document is valid by XSD there, and all but one by the rules it keeps here."""
    refused = []
    for row, data in rows(shared / "data" / "invoice"):
        cii = row["root"] == "CrossIndustryInvoice"
        target = "peppol-ubl" if cii else "cefact-cii"
        document = adapters.read(data).document
        fatal = [
            each
            for each in adapters.judge(document, adapters.render(document, target), target)
            if each.flag is Flag.FATAL
        ]
        assert not [each for each in fatal if each.ruleset.startswith("xsd")], row["file"]
        refused += [each.rule for each in fatal]
    assert refused == ["UBL-SR-04"]


def test_every_leaf_has_its_fate_and_what_is_dropped_a_reason_of_its_own(shared: Path) -> None:
    """The loss reports of all translations are complete; no drop is left without explanation."""
    for row, data in rows(shared / "data" / "invoice"):
        cii = row["root"] == "CrossIndustryInvoice"
        report = adapters.convert(data, "peppol-ubl" if cii else "cefact-cii").report
        assert len(report.entries) == report.source_leaves, row["file"]
        for entry in report.entries:
            if entry.cls == "dropped":
                assert "has no place for it" not in entry.reason, (row["file"], entry)
