"""Rule sets, addressed by id, and the run of some of them over a document."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from schemas import terms
from schemas.document import Document, Family, Term
from schemas.errors import SettingsError
from schemas.finding import Finding, Flag
from schemas.rules import view as views
from schemas.rules.rule import RULES, Mismatch, Rule
from schemas.text import Text

_SETS: Final = Path(__file__).parent / "sets.toml"
_GROUPS: Final[Mapping[Family, views.Groups]] = {
    Family.INVOICE: views.INVOICE,
    Family.LADING: views.LADING,
}


class UnknownRuleSet(SettingsError):
    """A rule set is asked for that the house does not have."""

    code = "SG-9108"
    title = Text("There is no rule set {value}.", "不存在规则集 {value}。")
    hint = Text("Known rule sets: {known}.", "可用的规则集:{known}。")
    status = 422


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules that run together, under one id and edition.

    `flag`, if given, is the flag of all their findings. A set that is `together` compares the
    document with the other documents of its shipment.
    """

    id: str
    edition: str
    title: Text
    family: Family
    rules: tuple[Rule, ...]
    flag: Flag | None
    together: bool


@cache
def rulesets() -> Mapping[str, RuleSet]:
    """Return all rule sets by id."""
    from schemas.rules import (  # noqa: F401 - they register
        cn_charges,
        cn_dec,
        cn_parties,
        commercial,
        declaration,
        lading,
        matching,
    )

    raw = tomllib.loads(_SETS.read_text(encoding="utf-8"))
    return {
        set_id: RuleSet(
            id=set_id,
            edition=entry["edition"],
            title=Text(entry["title_en"], entry["title_zh"]),
            family=Family(entry["family"]),
            rules=tuple(RULES[rule_id] for rule_id in entry["rules"]),
            flag=Flag(entry["flag"]) if "flag" in entry else None,
            together=entry.get("together", False),
        )
        for set_id, entry in raw["sets"].items()
    }


def check(
    document: Document, ruleset_ids: Iterable[str], together: Sequence[Document] = ()
) -> list[Finding]:
    """Return what the rule sets find in a document, in the order of the sets and their rules.

    `together` are the other documents of the same shipment. Raises UnknownRuleSet (SG-9108).
    """
    known = rulesets()
    findings: list[Finding] = []
    seen = _view(document)
    for set_id in ruleset_ids:
        ruleset = known.get(set_id)
        if ruleset is None:
            raise UnknownRuleSet(value=set_id, known=", ".join(known))
        if ruleset.family is not document.family:
            continue
        if ruleset.together:
            others = [_view(other) for other in together]
            findings.extend(_run(ruleset, seen, others))
        else:
            findings.extend(_run(ruleset, seen, None))
    return findings


def reads(ruleset_ids: Iterable[str]) -> frozenset[str] | None:
    """Return the terms and groups of items that some rule sets look at, None if any may be."""
    known = rulesets()
    sets = [known.get(set_id) for set_id in ruleset_ids]
    each = [rule.reads for found in sets for rule in (found.rules if found else ())]
    if None in sets or None in each:
        return None
    return frozenset(term for terms in each for term in terms or ())


def _view(document: Document) -> views.View:
    return views.view(document, _GROUPS.get(document.family, views.DECLARATION))


def default(document: Document) -> tuple[str, ...]:
    """Return the rule sets of a document whose format names none, by its family."""
    return _DEFAULTS.get(document.family, ())


def shipment(documents: Sequence[Document]) -> list[list[Finding]]:
    """Return, document by document, where each contradicts the others of its shipment."""
    return [
        check(document, ("shipment-match",), [o for o in documents if o is not document])
        for document in documents
    ]


_DEFAULTS: Final[Mapping[Family, tuple[str, ...]]] = {
    Family.DECLARATION: ("declaration-plausibility",),
    Family.INVOICE: ("invoice-core",),
    Family.LADING: ("lading-core", "lading-title"),
}


def _run(
    ruleset: RuleSet, seen: views.View, others: Sequence[views.View] | None
) -> Iterator[Finding]:
    for rule in ruleset.rules:
        found = rule.test(seen) if others is None else rule.test(seen, others)
        for mismatch in found:
            yield _finding(ruleset, rule, mismatch)


def _finding(ruleset: RuleSet, rule: Rule, mismatch: Mismatch) -> Finding:
    term: Term | None = mismatch.term
    about = mismatch.about or (term.id if term is not None else rule.terms[0])
    values = {"found": mismatch.found, "expected": mismatch.expected}
    name = terms.name(about)
    return Finding(
        rule=rule.id,
        ruleset=f"{ruleset.id}:{ruleset.edition}",
        flag=ruleset.flag or rule.flag,
        path=mismatch.path or (term.path if term is not None else ""),
        line=term.line if term is not None else 0,
        term=about,
        found=mismatch.found,
        expected=mismatch.expected,
        message=_filled(rule.says, name, values),
        hint=_filled(rule.hint, name, values),
    )


def _filled(text: Text, name: Text, values: Mapping[str, str]) -> Text:
    return Text(
        text.en.format(term=name.en, **values),
        text.zh.format(term=name.zh, **values),
    )
