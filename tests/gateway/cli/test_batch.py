"""`silkgate batch`: whole folders, taken up where a run broke off."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.gateway.cli.conftest import DECLARATION, INVOICE, LADING


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Give a folder with two invoices, a declaration, a bill and rubbish, in two levels."""
    folder = tmp_path / "archive"
    (folder / "2026").mkdir(parents=True)
    for name, file in (
        ("a.xml", INVOICE),
        ("2026/b.xml", INVOICE),
        ("2026/c.xml", DECLARATION),
        ("d.json", LADING),
    ):
        shutil.copy(file, folder / name)
    (folder / "e.txt").write_text("rubbish")
    return folder


NAMES = ["a.xml", "d.json", "e.txt", "2026/b.xml", "2026/c.xml"]


def rows(out: str) -> list[dict[str, object]]:
    """Return the results in a folder."""
    return [json.loads(line) for line in Path(out, "results.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_every_file_has_one_verdict_in_order(silkgate, archive, jobs):
    """In the shape of `validate`, by the path in the folder; the summary counts, the worst wins."""
    ran = silkgate("batch", "validate", archive, "-o", "out", "--jobs", jobs, "--json")
    found = rows("out")
    assert [row["file"] for row in found] == NAMES
    assert found[0]["valid"] is True
    assert found[2]["findings"]
    counts = {"files": 5, "ok": 4, "invalid": 1, "errors": 0}
    assert {name: ran.row[name] for name in counts} == counts
    assert (ran.code, json.loads(Path("out/summary.json").read_text())) == (3, ran.row)


def test_a_run_that_broke_off_goes_on(silkgate, archive, monkeypatch):
    """Whole lines are kept and not worked on again; one that was cut short is."""
    silkgate("batch", "validate", archive, "-o", "out")
    whole = Path("out/results.jsonl").read_bytes()
    lines = whole.splitlines(keepends=True)
    Path("out/results.jsonl").write_bytes(b"".join(lines[:3]) + lines[3][:20])
    worked = []
    from gateway.cli import validate

    original = validate.validate

    def counted(name: str, **asked: str) -> tuple[dict[str, object], int]:
        """Work as ever, and remember the file."""
        worked.append(Path(name).name)
        return original(name, **asked)

    monkeypatch.setattr(validate, "validate", counted)
    ran = silkgate("batch", "validate", archive, "-o", "out", "--json")
    assert worked == ["b.xml", "c.xml"]
    assert Path("out/results.jsonl").read_bytes() == whole
    assert ran.row["files"] == 5


def test_results_of_another_question_are_not_mixed(silkgate, archive):
    """Exit code 2, and nothing is written."""
    silkgate("batch", "validate", archive, "-o", "out")
    before = Path("out/results.jsonl").read_bytes()
    ran = silkgate("batch", "validate", archive, "-o", "out", "--mode", "official", "--json")
    assert (ran.code, ran.row["error"]["code"]) == (2, "SG-1160")
    assert Path("out/results.jsonl").read_bytes() == before


def test_parts_are_apart_and_together_everything(silkgate, archive):
    """Several machines with one folder work on each file once."""
    found = []
    for number in (1, 2, 3):
        silkgate("batch", "validate", archive, "-o", f"out{number}", "--part", f"{number}/3")
        found += [row["file"] for row in rows(f"out{number}")]
    assert sorted(map(str, found)) == sorted(NAMES)
    for wrong in ("0/3", "4/3", "x", "1/"):
        assert silkgate("batch", "validate", archive, "-o", "x", "--part", wrong).code == 2


def test_documents_are_translated_beside_their_reports(silkgate, archive):
    """What was written is where the result says; what is of no such family has its error."""
    ran = silkgate("batch", "convert", archive, "--to", "cefact-cii", "-o", "out", "--json")
    by_name = {row["file"]: row for row in rows("out")}
    assert ran.row["ok"] == 2
    for name in ("a.xml", "2026/b.xml"):
        place = Path(str(by_name[name]["out"]))
        assert place == Path("out/documents", f"{name}.xml")
        assert b"CrossIndustryInvoice" in place.read_bytes()
    assert "error" in by_name["e.txt"]
    assert silkgate("batch", "convert", archive, "--to", "fax", "-o", "o").code == 2


def test_signatures_of_a_folder_are_verified(silkgate, own, tmp_path):
    """By what the gateway trusts; the results folder inside the source is left out."""
    (tmp_path / "signed").mkdir()
    silkgate("sign", INVOICE, "--key", "seal", "-o", "signed/a.xml")
    shutil.copy(INVOICE, tmp_path / "signed" / "b.xml")
    for _ in range(2):
        ran = silkgate("batch", "verify", "signed", "--home", own, "-o", "signed/out", "--json")
        assert next(row["indication"] for row in rows("signed/out")) == "TOTAL-PASSED"
        assert (ran.row["files"], ran.row["ok"], ran.code) == (2, 1, 3)


def test_a_source_that_is_not_there_is_told(silkgate):
    """Exit code 4."""
    assert silkgate("batch", "validate", "nowhere", "-o", "out", "--json").code == 4
