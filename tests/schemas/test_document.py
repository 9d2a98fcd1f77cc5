from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from schemas.clock import iso, utc_now
from schemas.document import Document, Family, Term, plain
from schemas.errors import SilkgateError, TranslationError
from schemas.finding import Finding, Flag
from schemas.jcs import NotCanonical, canonical_json
from schemas.loss import LossClass, LossEntry, LossReport, Missing
from schemas.text import Text


def test_a_term_is_found_with_or_without_its_first_index() -> None:
    """`[1]` may be left out on either side; the first of equal ids wins."""
    document = Document(
        "x",
        "1",
        Family.DECLARATION,
        [Term("A[1].B", "one"), Term("A.B", "two"), Term("A[2].B", "3")],
    )
    assert document.value("A.B") == document.value("A[1].B") == "one"
    assert document.value("A[2].B") == "3"
    assert document.value("C", "none") == "none"
    assert plain("A[1].B[11].C[1]") == "A.B[11].C"


def test_joining_adds_only_what_is_missing() -> None:
    """Terms of a related document never overwrite those of the declaration."""
    document = Document("x", "1", Family.DECLARATION, [Term("A", "mine")])
    joined = document.joined([Term("A[1]", "theirs"), Term("B", "new")])
    assert [(term.id, term.value) for term in joined] == [("A", "mine"), ("B", "new")]
    assert len(document.terms) == 1


def test_a_loss_report_counts_what_is_accounted_for() -> None:
    """Coverage is the share of source leaves with an entry and of mandatory targets filled."""
    report = LossReport("a", "b", source_leaves=4, target_mandatory=2)
    report.entries += [
        LossEntry("/a", "A", "1", LossClass.EXACT, "/b", "1"),
        LossEntry("/c", "C", "2", LossClass.DROPPED, reason="no target"),
    ]
    report.missing.append(Missing("/d", "D", "ask the importer"))
    assert report.coverage() == {"source": 0.5, "target_mandatory": 0.5}
    assert [entry.path for entry in report.lost()] == ["/c"]
    assert report.as_dict()["missing"] == [
        {"target": "/d", "term": "D", "reason": "ask the importer"}
    ]


def test_canonical_json_sorts_by_utf16_and_keeps_text() -> None:
    """RFC 8785: keys by UTF-16 code units, no blanks, no escapes beyond the needed."""
    value = {"\ufb33": 1, "\U0001f600": 2, "b": [True, None, "中\n"], "a": {}}
    expected = '{"a":{},"b":[true,null,"中\\n"],"\U0001f600":2,"\ufb33":1}'
    assert canonical_json(value) == expected.encode()


@pytest.mark.parametrize("value", [1.5, 2**53, {"a": {1, 2}}, float("nan")])
def test_what_has_no_canonical_json_is_refused(value: object) -> None:
    """Fractions and integers beyond 53 bits travel as text."""
    with pytest.raises(NotCanonical):
        canonical_json(value)


def test_times_are_written_in_utc_with_milliseconds() -> None:
    """Any offset becomes Z; the house's clock is aware."""
    moment = datetime(2026, 3, 14, 16, 0, 0, 5000, tzinfo=timezone(timedelta(hours=8)))
    assert iso(moment) == "2026-03-14T08:00:00.005Z"
    assert utc_now().tzinfo is not None


def test_an_error_tells_its_story_in_both_languages() -> None:
    """Code, message, hint, place and details are plain JSON values."""
    told = TranslationError(where="/a/b", value=1).as_dict()
    assert told["code"] == "SG-2000"
    assert told["where"] == "/a/b"
    assert told["details"] == {"value": "1"}
    assert set(told["message"]) == {"en", "zh"}  # type: ignore[call-overload]
    assert issubclass(TranslationError, SilkgateError)


def test_a_text_keeps_placeholders_it_has_no_value_for() -> None:
    """A missing value leaves its placeholder standing instead of failing."""
    assert Text("{a} {b}", "{b}").format(a=1) == Text("1 {b}", "{b}")


def test_a_text_within_a_text_is_said_in_its_language() -> None:
    """A value that is a text itself fills each half with its own half."""
    inner = Text("invoice", "发票")
    assert Text("from the {x}", "来自{x}").format(x=inner) == Text("from the invoice", "来自发票")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("no place; lost / 无对应项", Text("no place; lost", "无对应项")),
        ("a / 甲; b, c / 乙,丙", Text("a; b, c", "甲;乙,丙")),
        ("narrowed / 缩减; n/a / x", Text("narrowed; n/a / x", "缩减;n/a / x")),
        ("English alone", Text("English alone", "English alone")),
        ("", Text("", "")),
    ],
)
def test_a_line_of_a_table_has_two_languages(line: str, text: Text) -> None:
    """`English / Chinese`, several of them, or one language: each half is read alone."""
    assert Text.of(line) == text


def test_a_text_comes_back_from_its_line() -> None:
    """What `line` writes `of` reads."""
    text = Text("kept; narrowed", "保留，缩减")
    assert Text.of(text.line) == text


def test_a_finding_is_plain_json() -> None:
    """A finding has the shape of the command-line contract."""
    told = Finding(rule="sum-x", ruleset="s:1", flag=Flag.WARNING, path="/a").as_dict()
    assert told["flag"] == "warning"
    assert told["message"] == {"en": "", "zh": ""}
