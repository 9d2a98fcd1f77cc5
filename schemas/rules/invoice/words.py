"""What a finding says: its message by rule, or else by check; expectation and hint by check.

`messages/*.csv` have the texts of checks, `wording/rules.csv` those of rules (`family rule` where
an id means different things, `rule check` where the norm mode checks otherwise), and
`wording/hints.csv` what to do about a check, and what it expects. A text of a check may be told
apart for rules that name a business term (`check term`). `wording/groups.csv` says which business
group stands at a path of a syntax.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from schemas import terms
from schemas.rules.invoice.context import Assertion
from schemas.text import Text

_LONGEST: Final = 200
_DOCUMENT: Final = Text("Document", "单据")
_WORD: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
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
    return next((said[key] for key in keys if key in said), _of_check(assertion))


def _of_check(assertion: Assertion) -> Text:
    plain = texts()[assertion.test]
    return texts().get(f"{assertion.test} term", plain) if assertion.term else plain


def element(assertion: Assertion) -> str:
    """Return the paths that a check speaks of, without its other arguments."""
    return assertion.args.rpartition(" ")[2].replace("|", ", ")


def spoken(assertion: Assertion) -> str:
    """Return in plain words what stands at these paths: `ID of payment means`."""
    return ", ".join(map(_spoken, element(assertion).split(", ")))


def group(names: Sequence[str], assertion: Assertion) -> Text:
    """Return the name of the business group that the paths of a check stand in.

    `names` are those of the context, from the root down; outside all groups it is the document.
    """
    steps = [*names[1:], *element(assertion).partition(",")[0].split("/")]
    known = _groups()
    paths = ("/".join(steps[:end]) for end in range(len(steps), 0, -1))
    return next((terms.name(known[path]) for path in paths if path in known), _DOCUMENT)


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
def _groups() -> Mapping[str, str]:
    return {row["path"]: row["group"] for row in _rows("groups")}


@cache
def _spoken(path: str) -> str:
    steps = [_WORD.sub(" ", each.rpartition(":")[2].lstrip("@")) for each in path.split("/")[-2:]]
    first, *rest = [" ".join(map(_lower, each.split())) for each in reversed(steps)]
    return " of ".join((first, *rest))


def _lower(word: str) -> str:
    return word if word.isupper() else word.lower()


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
