"""The MLETR table of docs/title.md: 21 controls, each led to a test or page that is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from ledger.title import entry, historyfile, mandate, privacy, readers
from ledger.title.state import Kind

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "title.md").read_text("utf-8")
ROW = re.compile(r"^\| (\d+) [^|]+\|[^|]+\|[^|]+\| (.+) \|$", re.MULTILINE)
EVIDENCE = re.compile(r"\[[^\]]+\]\(([^)]+)\)|`(test_\w+)`")
FACTOR = re.compile(r"^\| \((i|ii|iii|iv|v|vi|vii)\) [^|]+\| (.+) \|$", re.MULTILINE)


def test_every_row_leads_somewhere() -> None:
    """Controls 1 to 21 each name files that exist, and tests that are in them."""
    rows = ROW.findall(PAGE)
    assert [int(number) for number, _ in rows] == list(range(1, 22))
    for number, evidence in rows:
        text, found = "", 0
        for link, test in EVIDENCE.findall(evidence):
            if link:
                path = (ROOT / "docs" / link).resolve()
                assert path.is_file(), f"control {number}: {link}"
                text = path.read_text("utf-8")
            else:
                assert f"def {test}(" in text, f"control {number}: {test}"
            found += 1
        assert found, f"control {number} has no evidence"
    assert len(FACTOR.findall(PAGE)) == 7


def test_every_kind_of_record_is_described() -> None:
    """The page names every kind of title in the code, and the laws it was written for."""
    assert [kind for kind in Kind if f"`{kind.value}`" not in PAGE] == []
    for law in ("MLETR (2017)", "Electronic Trade Documents Act 2023", "Singapore"):
        assert law in PAGE


def test_the_standards_named_are_those_emitted() -> None:
    """The list of standards names each type of message that is written, and files that exist."""
    listed = tomllib.loads((ROOT / "ledger/title/standards.toml").read_text("utf-8"))["standard"]
    emitted = {word for each in listed for word in each.get("emitted", ())}
    assert emitted == {
        entry.TYP,
        mandate.TYP,
        privacy.TYP,
        readers.TYP,
        historyfile.TYPE,
        historyfile.HEAD,
    }
    for each in listed:
        first = each["where"].split(",")[0]
        assert (ROOT / first).is_file()
        assert each["version"]
