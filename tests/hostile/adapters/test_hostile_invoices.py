"""Whatever is sent as an invoice, there is a verdict: no traceback, no hang, no free pass."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gateway.cli.validate import validate
from schemas.finding import Flag
from tests.hostile.adapters.wreckage import wreck

SHORT = 150
LONG = 10_000
SECONDS = 20.0


def judged(folder: Path, number: int, mode: str) -> None:
    """Validate broken input `number` as the command line does, and look at the verdict."""
    path = folder / "input.xml"
    path.write_bytes(wreck(number))
    begun = time.process_time()
    result, code = validate(str(path), mode=mode)
    assert time.process_time() - begun < SECONDS, number
    findings = result["findings"]
    assert isinstance(findings, list)
    assert isinstance(result["valid"], bool)
    assert code == (0 if result["valid"] else 3), number
    fatal = [each for each in findings if each["flag"] == Flag.FATAL.value]
    assert result["valid"] is not bool(fatal), number
    if result["valid"]:
        assert result["rulesets"], number
    for each in fatal[:20]:
        assert each["rule"], number
        assert each["message"]["en"], number
        assert each["message"]["zh"], number
        assert each["hint"]["en"], number


@pytest.mark.parametrize("mode", ["official", "norm"])
def test_broken_input_has_a_verdict(tmp_path: Path, mode: str) -> None:
    """A first part of the broken inputs: valid, or invalid with a reason in both languages."""
    for number in range(SHORT):
        judged(tmp_path, number, mode)


@pytest.mark.conformance
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(10))
def test_ten_thousand_broken_inputs_have_a_verdict(tmp_path: Path, part: int) -> None:
    """All of them, in the official mode."""
    for number in range(part * LONG // 10, (part + 1) * LONG // 10):
        judged(tmp_path, number, "official")
