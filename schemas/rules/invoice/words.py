"""What a finding says: its message by rule, or else by check; expectation and hint by check.

`messages/*.csv` have the texts of checks, `wording/rules.csv` those of rules (`family rule` where
an id means different things, `rule check` where the norm mode checks otherwise), and
`wording/hints.csv` what to do about a check, and what it expects.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from schemas.rules.invoice.plan import Assertion
from schemas.text import Text

_LONGEST: Final = 200
_MEND: Final = Text("Mend {path}.", "请更正 {path}。")
_SOURCE: Final = Text(" Official rule {rule} of {ruleset}.", "官方规则 {rule}({ruleset})。")


class Advice(NamedTuple):
    """What a check expects where it does not say so itself, and what to do."""

    expected: str
    hint: Text


def message(pack_id: str, assertion: Assertion) -> Text:
    """Return what is wrong; `{term}`, `{found}`, `{expected}`, `{args}` are still to be filled."""
    said, rule = _rules(), assertion.rule
    keys = (f"{pack_id.rpartition('-')[0]} {rule}", f"{rule} {assertion.test}", rule)
    return next((said[key] for key in keys if key in said), texts()[assertion.test])


def hint(assertion: Assertion, expects: str) -> Text:
    """Return what to do, and which official rule wants it."""
    advice = _advice().get(assertion.test)
    does = advice.hint if advice and (expects or "{expected}" not in advice.hint.en) else _MEND
    return Text(does.en + _SOURCE.en, does.zh + _SOURCE.zh)


def expected(assertion: Assertion) -> str:
    """Return what a check expects, by its kind: for a clause, the clause itself."""
    if assertion.test == "holds":
        return assertion.args[:_LONGEST]
    advice = _advice().get(assertion.test)
    return advice.expected.format(args=assertion.args.replace("|", ", ")) if advice else ""


@cache
def texts() -> Mapping[str, Text]:
    """Return the messages of the checks."""
    return {
        row["test"]: Text(row["en"], row["zh"])
        for source in (files("schemas.rules.invoice") / "messages").iterdir()
        for row in csv.DictReader(source.read_text(encoding="utf-8").splitlines())
    }


@cache
def _rules() -> Mapping[str, Text]:
    return {row["rule"]: Text(row["en"], row["zh"]) for row in _rows("rules")}


@cache
def _advice() -> Mapping[str, Advice]:
    return {
        row["test"]: Advice(row["expected"], Text(row["en"], row["zh"])) for row in _rows("hints")
    }


def _rows(name: str) -> Iterator[dict[str, str]]:
    source = files("schemas.rules.invoice") / "wording" / f"{name}.csv"
    yield from csv.DictReader(source.read_text(encoding="utf-8").splitlines())
