"""Why something about titles is refused, in both languages."""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator
from pathlib import Path

from ledger.title.errors import EntryRefused
from ledger.title.reasons import Reasoned
from schemas.text import Text
from tests.conftest import ROOT

KINDS = {kind.__name__ for kind in Reasoned.__subclasses__()}


def reasons(module: Path) -> Iterator[str]:
    """Yield the reasons that a module gives in words."""
    text = module.read_text("utf-8")
    if not any(f"{kind}(" in text for kind in KINDS):
        return
    for call in ast.walk(ast.parse(text)):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KINDS:
            for value in (word.value for word in call.keywords if word.arg == "reason"):
                assert not isinstance(value, ast.JoinedStr), (module, ast.unparse(call))
                if isinstance(value, ast.Constant):
                    yield str(value.value)


def test_every_reason_has_chinese() -> None:
    """A new or changed reason needs its row in reasons.csv, with its placeholders; no row idles."""
    rows = list(csv.DictReader((ROOT / "ledger/title/reasons.csv").read_text("utf-8").splitlines()))
    modules = [*(ROOT / "ledger/title").glob("*.py"), *(ROOT / "gateway").rglob("*.py")]
    given = {reason for module in modules for reason in reasons(module)}
    assert given == {row["en"] for row in rows}
    assert len(given) == len(rows)
    for row in rows:
        marks = [word.partition("}")[0] for word in row["en"].split("{")[1:]]
        assert all(f"{{{mark}}}" in row["zh"] for mark in marks), row
        assert not row["zh"].isascii(), row


def test_a_reason_is_said_in_both_languages() -> None:
    """Its values are filled in on both sides."""
    said = EntryRefused(reason="{field} is no time", field="at").message
    assert said == Text(
        "The title entry is refused: at is no time.", "凭证条目被拒绝:at 不是时间。"
    )
