from __future__ import annotations

import re
from pathlib import Path

import pytest

import adapters
from schemas import rules
from schemas.finding import Finding, Flag
from tests.conformance.mutants_customs import Accept, Mutant, mutants

GOLDEN = Path(__file__).parent.parent / "golden"
DECLARATIONS = ("g01", "g02", "g03", "g04", "g06")
RULESETS = ("declaration-core", "cn-dec-business")


def findings(data: bytes) -> list[Finding]:
    """Return everything that is found wrong with a declaration."""
    reading = adapters.read(data)
    return [*reading.findings, *rules.check(reading.document, RULESETS)]


def bare(path: str) -> str:
    """Return a source path as it is compared: no leading slash, no `[1]`."""
    return path.lstrip("/").replace("[1]", "")


def hits(finding: Finding, accept: tuple[Accept, ...]) -> bool:
    """Tell whether a finding is one of the right ones."""
    return any(
        bare(finding.path) == path and any(kind in finding.rule for kind in kinds)
        for path, kinds in accept
    )


def strays(mutant: Mutant, found: list[Finding]) -> list[Finding]:
    """Return the fatal findings at another place than the error's."""
    places = {path for path, _ in mutant.accept}
    return [each for each in found if each.flag is Flag.FATAL and bare(each.path) not in places]


Found = tuple[Mutant, list[Finding]]


@pytest.fixture(scope="module")
def found() -> list[Found]:
    """What is found in the mutants of all golden declarations, under two seeds."""
    return [
        (mutant, findings(mutant.data))
        for name in DECLARATIONS
        for seed in range(2)
        for mutant in mutants((GOLDEN / name / "decmessage.xml").read_bytes(), seed)
    ]


@pytest.mark.parametrize("name", DECLARATIONS)
def test_nothing_is_found_in_a_right_declaration(name: str) -> None:
    """A golden declaration passes structure, code lists and business rules without a finding."""
    assert findings((GOLDEN / name / "decmessage.xml").read_bytes()) == []


def test_seeded_errors_are_found_at_their_place(found: list[Found]) -> None:
    """At least 95 % of the seeded errors are found, of the right kind and at the right place."""
    missed = [
        mutant.name
        for mutant, findings_ in found
        if not any(hits(finding, mutant.accept) for finding in findings_)
    ]
    assert len(found) > 1000
    assert len(missed) <= 0.05 * len(found), missed


def test_seeded_errors_raise_few_false_alarms(found: list[Found]) -> None:
    """At most 2 % of the seeded errors have a fatal finding at another place than their own."""
    alarmed = [mutant.name for mutant, findings_ in found if strays(mutant, findings_)]
    assert len(alarmed) <= 0.02 * len(found), alarmed


def test_findings_speak_english_and_chinese(found: list[Found]) -> None:
    """Every finding about a seeded error has a message and a hint in both languages."""
    for _, findings_ in found:
        for finding in findings_:
            for text in (finding.message, finding.hint):
                assert text.en, finding
                assert re.search(r"[\u4e00-\u9fff]", text.zh), finding
                assert "{" not in text.en + text.zh, finding
