"""inspect, validate, convert, diff: exit codes, JSON shapes, order, languages."""

from __future__ import annotations

import json

import pytest

from tests.gateway.cli.conftest import DECLARATION, GOLDEN, INVOICE, LADING

FINDING = {
    "rule",
    "ruleset",
    "flag",
    "path",
    "line",
    "term",
    "found",
    "expected",
    "message",
    "hint",
}
CLASSES = {"exact", "convert", "derive", "lossy", "dropped", "ext"}


@pytest.fixture
def broken(tmp_path):
    """Give a declaration in which one country is no code."""
    data = DECLARATION.read_bytes()
    path = tmp_path / "broken.xml"
    path.write_bytes(data.replace(b"<TradeCountry>SGP", b"<TradeCountry>XQX"))
    assert path.read_bytes() != data
    return path


def test_inspect_lists_the_terms(silkgate):
    """Format, edition, family and every term as [path, value, attributes]."""
    row = silkgate("inspect", DECLARATION, "--json").row
    assert (row["format"], row["edition"], row["family"]) == ("cn-dec", "4", "declaration")
    assert ["ext.cn.ContrNo", "LSE-C-2601", {}] in row["terms"]
    assert ["TotalGrossMassMeasure", "4132.00000", {"unit": "KGM"}] in row["terms"]


def test_inspect_names_terms_in_the_callers_language(silkgate, monkeypatch):
    """A person reads the terms' names in Chinese when the language is Chinese."""
    assert "Contract number" in silkgate("inspect", DECLARATION).out
    monkeypatch.setenv("SILKGATE_LANG", "zh")
    assert "合同" in silkgate("inspect", DECLARATION).out


def test_a_file_that_is_not_there_has_exit_code_4(silkgate):
    """The others are still answered, in order."""
    ran = silkgate("inspect", "nothing.xml", DECLARATION, "--json")
    assert ran.code == 4
    assert ran.rows[0]["error"]["code"] == "SG-1120"
    assert ran.rows[1]["format"] == "cn-dec"


def test_rubbish_has_exit_code_3(silkgate, tmp_path):
    """Bytes that are no document are refused with a place and a hint in both languages."""
    (tmp_path / "rubbish").write_bytes(bytes(range(256)))
    ran = silkgate("inspect", "rubbish", "--json")
    assert ran.code == 3
    assert set(ran.row["error"]["hint"]) == {"en", "zh"}


def test_results_come_in_input_order_whatever_the_jobs(silkgate):
    """Two processes give the same lines as one."""
    files = [GOLDEN / name / "decmessage.xml" for name in ("g04", "g01", "g03", "g02")]
    one = silkgate("inspect", *files, "--json").rows
    two = silkgate("inspect", *files, "--json", "--jobs", "2").rows
    assert [row["file"] for row in two] == [str(path) for path in files]
    assert one == two


def test_validate_says_valid(silkgate):
    """A golden declaration is valid, with the rule sets that were applied."""
    ran = silkgate("validate", DECLARATION, "--json")
    assert ran.code == 0
    assert ran.row["valid"] is True
    assert ran.row["rulesets"]


def test_validate_says_what_is_wrong_and_where(silkgate, broken):
    """A code outside its list is a fatal finding at its path and line, in both languages."""
    ran = silkgate("validate", broken, "--json")
    assert ran.code == 3
    found = next(each for each in ran.row["findings"] if each["path"].endswith("TradeCountry"))
    assert set(found) == FINDING
    assert (found["flag"], found["found"]) == ("fatal", "XQX")
    assert found["line"] > 0
    assert found["message"]["zh"]


def test_validate_takes_what_cannot_be_read_as_invalid(silkgate, tmp_path):
    """A file that is no XML is invalid, with a finding instead of an error."""
    (tmp_path / "cut.xml").write_bytes(DECLARATION.read_bytes()[:500])
    ran = silkgate("validate", "cut.xml", "--json")
    assert ran.code == 3
    assert ran.row["valid"] is False
    assert set(ran.row["findings"][0]) == FINDING


def test_validate_shows_a_person_the_verdict_in_their_language(silkgate, monkeypatch, broken):
    """INVALID, or its Chinese, with message and hint."""
    assert "INVALID" in silkgate("validate", broken).out
    monkeypatch.setenv("SILKGATE_LANG", "zh")
    assert "无效" in silkgate("validate", broken).out


def test_what_is_no_document_is_shown_without_empty_places(silkgate, tmp_path):
    """Neither a format that is none, nor a path and line that there are not."""
    (tmp_path / "x.txt").write_text("hello", "utf-8")
    ran = silkgate("validate", tmp_path / "x.txt")
    assert ran.code == 3
    assert "INVALID (of no known format)\n  [fatal] structure SG-1107\n" in ran.out


def test_an_unknown_rule_set_is_wrong_usage(silkgate):
    """Exit code 2, not a traceback."""
    assert silkgate("validate", DECLARATION, "--rules", "nonsense").code == 2


def test_together_compares_the_documents_of_a_shipment(silkgate, tmp_path):
    """An invoice with another total contradicts the declaration, which then is told so."""
    assert silkgate("validate", DECLARATION, INVOICE, LADING, "--together").code == 0
    lading = json.loads(LADING.read_bytes())
    lading["utilizedTransportEquipments"][0]["equipment"]["equipmentReference"] = "MSKU0000000"
    (tmp_path / "other.json").write_text(json.dumps(lading))
    rows = silkgate("validate", DECLARATION, "other.json", "--together", "--json").rows
    assert [row["file"] for row in rows] == [str(DECLARATION), "other.json"]
    assert any("match" in found["rule"] for found in rows[0]["findings"])


def test_convert_writes_document_and_loss_report(silkgate, tmp_path):
    """The result is valid in its format, and the report accounts for what became of each leaf."""
    ran = silkgate("convert", DECLARATION, "--to", "wco-dec", "-o", "out.xml", "--report", "l.json")
    assert ran.code == 0, ran.err
    report = json.loads((tmp_path / "l.json").read_bytes())
    assert (report["source"], report["target"]) == ("cn-dec", "wco-dec")
    assert {entry["class"] for entry in report["entries"]} <= CLASSES
    assert report["coverage"]["source"] == 1.0
    assert silkgate("validate", "out.xml", "--json").row["format"] == "wco-dec"


def test_convert_joins_related_documents(silkgate):
    """What only the invoice and the bill of lading say is in the result."""
    alone = silkgate("convert", DECLARATION, "--to", "wco-dec")
    joined = silkgate(
        "convert", DECLARATION, "--to", "wco-dec", "--with", INVOICE, "--with", LADING
    )
    assert alone.code == joined.code == 0
    assert alone.out != joined.out


def test_convert_keeps_back_what_a_corridor_does_not_let_cross(silkgate):
    """The declarant's name stays on the export side, and the report says so."""
    args = ("convert", DECLARATION, "--to", "wco-dec", "-o", "out.xml", "--json")
    name = "示例桥报关有限公司"
    report = silkgate(*args, "--profile", "cn-sg").row["report"]
    entries = [each for each in report["entries"] if each["value"] == name]
    assert {entry["class"] for entry in entries} == {"dropped"}
    assert all("cn-sg" in entry["reason"] for entry in entries)


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("--to", "nonsense"), 2),
        (("--to", "wco-dec", "--with", "nothing.xml"), 4),
        (("--to", "wco-dec", "--profile", "nothing.toml"), 4),
        (("--to", "wco-dec", "--profile", str(INVOICE)), 2),
        ((), 2),
    ],
)
def test_convert_refuses(silkgate, args, code):
    """Unknown formats, files and profiles each have their exit code."""
    assert silkgate("convert", DECLARATION, "-o", "x", *args).code == code


def test_convert_to_what_would_be_invalid_has_exit_code_3(silkgate):
    """A result that lacks mandatory elements is written, and is said to be incomplete."""
    ran = silkgate("convert", INVOICE, "--to", "cn-dec", "-o", "x.xml", "--json")
    assert ran.code == 3
    assert ran.row["report"]["missing"] or ran.row["findings"]


def test_diff_lists_the_terms_that_differ(silkgate, tmp_path):
    """Two documents that differ in one value differ in one term."""
    changed = DECLARATION.read_bytes().replace(b"<ContrNo>LSE-C-2601", b"<ContrNo>LSE-C-2602")
    (tmp_path / "other.xml").write_bytes(changed)
    (rows,) = silkgate("diff", DECLARATION, "other.xml", "--json").rows
    assert rows == [{"term": "ext.cn.ContrNo", "a": "LSE-C-2601", "b": "LSE-C-2602"}]
    assert silkgate("diff", DECLARATION, DECLARATION, "--json").rows == [[]]
