"""The official mode: exactly the findings of the official artefacts, each explained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Context, localcontext
from typing import Final

from lxml import etree

from schemas import terms
from schemas.finding import Finding, Flag
from schemas.rules.invoice import words
from schemas.rules.invoice.context import Fault
from schemas.rules.invoice.editions import chosen
from schemas.rules.invoice.gather import gather
from schemas.rules.invoice.pack import pack
from schemas.rules.invoice.tree import Tree, Undecidable
from schemas.rules.invoice.xsd import TermAt, validate, xsd_sets
from schemas.text import Text
from schemas.xml import Element

_EXACT: Final = Context(prec=1000)
_FOUND: Final = 120
_NOTHING: Final = "-"
_EMPTY: Final = Text("", "")
_CUSTOMIZATION: Final = etree.XPath(
    "*[local-name()='CustomizationID']/text()"
    "|*[local-name()='ExchangedDocumentContext']"
    "/*[local-name()='GuidelineSpecifiedDocumentContextParameter']/*[local-name()='ID']/text()"
)
_PROCESS: Final = etree.XPath("*[local-name()='ProfileID']/text()")
_CURRENCIES: Final = etree.XPath(
    "*[local-name()='DocumentCurrencyCode' or local-name()='TaxCurrencyCode']/text()"
)
_ISSUED: Final = etree.XPath(
    "*[local-name()='IssueDate']/text()"
    "|*[local-name()='ExchangedDocument']/*[local-name()='IssueDateTime']/*/text()"
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
    root: Element, pack_ids: Sequence[str], term_at: TermAt = lambda _: ""
) -> list[Finding]:
    """Return the findings of official rule packs and XML schemas for a parsed invoice.

    `term_at` gives the business term at a path, for what a schema finds there. Where the official
    engine gives up, one fatal finding `engine` says so.
    """
    known = xsd_sets()
    found = [
        each
        for ruleset in pack_ids
        if ruleset in known
        for each in validate(root, ruleset, term_at)
    ]
    return [*found, *judged(gather(root), [each for each in pack_ids if each not in known])]


def judged(tree: Tree, pack_ids: Iterable[str]) -> list[Finding]:
    """Return the findings of official rule packs for a gathered invoice; its tree is given up."""
    findings: list[Finding] = []
    with localcontext(_EXACT):
        for pack_id in pack_ids:
            try:
                findings += [finding(pack_id, fault) for fault in pack(pack_id).run(tree)]
            except Undecidable as stop:
                findings.append(_no_verdict(pack_id, str(stop)))
    tree.release()
    return findings


def automatic(root: Element, default: Iterable[str]) -> tuple[str, ...]:
    """Return the packs of a parsed invoice by its CustomizationID (BT-24) and issue date (BT-2).

    `default` are those of a document without a known profile, or process (BT-23) and currency.
    """
    customization, process = (
        " ".join(_first(root, path).split()) for path in (_CUSTOMIZATION, _PROCESS)
    )
    money = [str(each).strip() for each in _all(root, _CURRENCIES)]
    return chosen(customization, default, _day(_first(root, _ISSUED).strip()), process, money)


def finding(pack_id: str, fault: Fault) -> Finding:
    """Return a fault of a pack as a finding, in words."""
    assertion, node = fault.assertion, fault.node
    path = node.path()
    found, expected = fault.verdict if isinstance(fault.verdict, tuple) else ("", "")
    found = found or (node.text.strip() if not node.kids else "")
    expected = expected or words.expected(assertion)
    name = terms.name(assertion.term) if assertion.term else Text(assertion.args, assertion.args)
    group = words.group(node.place.names, assertion)
    values = {
        "element": words.element(assertion),
        "spoken": words.spoken(assertion),
        "found": found[:_FOUND] or _NOTHING,
        "expected": expected or _NOTHING,
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
        message=_filled(words.message(pack_id, assertion), name, values, group),
        hint=_filled(words.hint(assertion, expected), name, values, group),
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


def _first(root: Element, path: etree.XPath) -> str:
    found = _all(root, path)
    return str(found[0]) if found else ""


def _all(root: Element, path: etree.XPath) -> list[object]:
    found = path(root)
    return list(found) if isinstance(found, list) else []


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _filled(text: Text, name: Text, values: Mapping[str, str], group: Text = _EMPTY) -> Text:
    return Text(
        text.en.format(term=name.en, group=group.en, **values),
        text.zh.format(term=name.zh, group=group.zh, **values),
    )
