from __future__ import annotations

from pathlib import Path

import pytest

import adapters
from schemas.finding import Finding, Flag
from tests.conformance.mutants_customs import Mutant
from tests.conformance.mutants_wco import mutants
from tests.conformance.test_mutants_customs import hits, strays

GOLDEN = Path(__file__).parent.parent / "golden"
DECLARATIONS = ("g01", "g02", "g03", "g04", "g06")


def translated(name: str) -> bytes:
    """Return a golden declaration in the WCO format."""
    return adapters.convert((GOLDEN / name / "decmessage.xml").read_bytes(), "wco-dec").data


def findings(data: bytes) -> list[Finding]:
    """Return everything that is found wrong with a declaration."""
    return adapters.validate(adapters.read(data))


@pytest.fixture(scope="module")
def found() -> list[tuple[Mutant, list[Finding]]]:
    """What is found in the mutants of all translated golden declarations."""
    return [
        (mutant, findings(mutant.data))
        for name in DECLARATIONS
        for mutant in mutants(translated(name))
    ]


@pytest.mark.parametrize("name", DECLARATIONS)
def test_nothing_fatal_is_found_in_a_translated_declaration(name: str) -> None:
    """What our own adapter writes is valid in its own eyes."""
    assert [each for each in findings(translated(name)) if each.flag is Flag.FATAL] == []


def test_seeded_errors_are_found_at_their_place(found: list[tuple[Mutant, list[Finding]]]) -> None:
    """At least 95 % of the seeded errors are found, of the right kind and at the right place."""
    missed = [
        mutant.name
        for mutant, findings_ in found
        if not any(hits(finding, mutant.accept) for finding in findings_)
    ]
    assert len(found) > 80
    assert len(missed) <= 0.05 * len(found), missed


def test_seeded_errors_raise_few_false_alarms(found: list[tuple[Mutant, list[Finding]]]) -> None:
    """At most 2 % of the seeded errors have a fatal finding at another place than their own."""
    alarmed = [mutant.name for mutant, findings_ in found if strays(mutant, findings_)]
    assert len(alarmed) <= 0.02 * len(found), alarmed
