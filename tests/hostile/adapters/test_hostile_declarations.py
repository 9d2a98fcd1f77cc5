"""Every broken declaration gets its one finding or refusal, in English and Chinese."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import adapters
from schemas import xml
from schemas.errors import InputError
from schemas.finding import Flag
from tests.adapters import declarations as d

CASES: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "cases.toml").read_text(encoding="utf-8")
)["case"]


def broken(case: dict[str, Any]) -> bytes:
    """Return the golden declaration with the one thing of the case wrong."""
    text = d.message("g01").decode("utf-8")
    if "with_repeated" in case:
        opening, count, closing = case["with_repeated"]
        case = {**case, "with": opening * count + closing * count}
    if "pattern" in case:
        changed = re.sub(case["pattern"], case["with"], text, count=1, flags=re.DOTALL)
    else:
        changed = text.replace(case["replace"], case["with"], 1)
    assert changed != text
    return changed.encode("utf-8")


@pytest.mark.parametrize("case", [c for c in CASES if "kind" in c], ids=lambda c: c["name"])
def test_a_broken_aspect_is_found(case: dict[str, Any]) -> None:
    """The finding names kind and place, says what to do, and decides the verdict."""
    findings = adapters.read(broken(case)).findings
    flag = Flag(case.get("flag", "fatal"))
    found = [f for f in findings if (f.rule, f.path) == (case["kind"], case["path"])]
    assert found, findings
    assert found[0].flag is flag
    for text in (found[0].message, found[0].hint):
        assert text.en
        assert text.zh


@pytest.mark.parametrize("case", [c for c in CASES if "kind" in c], ids=lambda c: c["name"])
def test_a_broken_document_is_translated_without_silent_loss(case: dict[str, Any]) -> None:
    """Even what is wrong is accounted for, leaf by leaf."""
    data = broken(case)
    report = adapters.convert(data, "wco-dec").report
    reported = {(entry.path, entry.value) for entry in report.entries}
    assert set(d.leaves(xml.parse(data))) <= reported


@pytest.mark.parametrize("case", [c for c in CASES if "error" in c], ids=lambda c: c["name"])
def test_a_document_that_cannot_be_read_is_refused(case: dict[str, Any]) -> None:
    """Nothing is guessed from bytes that are not a well-formed, bounded document."""
    with pytest.raises(InputError) as refused:
        adapters.read(broken(case))
    assert refused.value.code == case["error"]
    assert refused.value.message.zh
