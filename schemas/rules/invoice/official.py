"""The official mode: exactly the findings of the official artefacts, each explained."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from schemas import terms
from schemas.finding import Finding, Flag
from schemas.rules.invoice.pack import Fault, pack, packs
from schemas.rules.invoice.tree import Undecidable, gather
from schemas.rules.invoice.xsd import TermAt, validate, xsd_sets
from schemas.rules.runner import UnknownRuleSet
from schemas.text import Text
from schemas.xml import Element

_EDITION: Final = re.compile(r"-(?:\d[\d.]*|d\d\d[ab])$")
_FOUND: Final = 120
_HINT: Final = Text(
    "Mend {path}. Official rule {rule} of {ruleset}.", "请更正 {path}。官方规则 {rule}({ruleset})。"
)
_NO_VERDICT: Final = Text(
    "The official rules {ruleset} give no verdict: a value occurs twice, or is no number or date"
    " ({found}).",
    "官方规则 {ruleset} 无法给出结论:某值重复出现,或不是数字或日期({found})。",
)
_NO_VERDICT_HINT: Final = Text(
    "Mend the value; the document counts as invalid until then.",
    "请更正该值;在此之前单据视为无效。",
)


def official(
    root: Element, pack_ids: Iterable[str], term_at: TermAt = lambda _: ""
) -> list[Finding]:
    """Return the findings of official rule packs and XML schemas for a parsed invoice.

    `term_at` gives the business term at a path, for what a schema finds there. Where the official
    engine gives up, one fatal finding `engine` says so. Raises UnknownRuleSet.
    """
    tree = gather(root)
    findings: list[Finding] = []
    for pack_id in map(edition, pack_ids):
        if pack_id in xsd_sets():
            findings += validate(root, pack_id, term_at)
            continue
        try:
            findings += [_finding(pack_id, fault) for fault in pack(pack_id).run(tree)]
        except Undecidable as stop:
            findings.append(_no_verdict(pack_id, str(stop)))
    return findings


def edition(pack_id: str) -> str:
    """Return the id of a pack or schema; one without edition means the newest that is here."""
    known = (*packs(), *xsd_sets())
    if pack_id in known:
        return pack_id
    of_family = [each for each in known if _EDITION.sub("", each) == pack_id]
    if not of_family:
        raise UnknownRuleSet(value=pack_id, known=", ".join(known))
    return max(of_family, key=_age)


def is_pack(pack_id: str) -> bool:
    """Tell whether an id, with or without edition, names an official rule pack or schema."""
    known = (*packs(), *xsd_sets())
    return any(pack_id in (each, _EDITION.sub("", each)) for each in known)


def _age(pack_id: str) -> tuple[list[int], str]:
    """Return what orders editions: their numbers, then their letters (d16b, d22b)."""
    number = pack_id.rpartition("-")[2]
    return [int(n) for n in re.findall(r"\d+", number)], number


@cache
def _messages() -> Mapping[str, Text]:
    source = files("schemas.rules.invoice") / "messages.csv"
    rows = csv.DictReader(source.read_text(encoding="utf-8").splitlines())
    return {row["test"]: Text(row["en"], row["zh"]) for row in rows}


def _finding(pack_id: str, fault: Fault) -> Finding:
    assertion, node = fault.assertion, fault.node
    path = node.path()
    found, expected = fault.verdict if isinstance(fault.verdict, tuple) else ("", "")
    found = found or (node.text.strip() if not node.kids else "")
    name = terms.name(assertion.term) if assertion.term else Text(assertion.args, assertion.args)
    values = {
        "found": found[:_FOUND],
        "expected": expected,
        "args": assertion.args.replace("|", ", "),
        "rule": assertion.rule,
        "ruleset": pack_id,
        "path": path,
    }
    return Finding(
        rule=assertion.rule,
        ruleset=pack_id,
        flag=assertion.flag,
        path=path,
        line=node.line,
        term=assertion.term,
        found=found[:_FOUND],
        expected=expected,
        message=_filled(_messages()[assertion.test], name, values),
        hint=_filled(_HINT, name, values),
    )


def _no_verdict(pack_id: str, found: str) -> Finding:
    values = {"ruleset": pack_id, "found": found[:_FOUND]}
    return Finding(
        rule="engine",
        ruleset=pack_id,
        flag=Flag.FATAL,
        found=found[:_FOUND],
        message=_filled(_NO_VERDICT, Text("", ""), values),
        hint=_NO_VERDICT_HINT,
    )


def _filled(text: Text, name: Text, values: Mapping[str, str]) -> Text:
    return Text(text.en.format(term=name.en, **values), text.zh.format(term=name.zh, **values))
