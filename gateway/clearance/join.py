"""Declaration, invoice and bill of lading joined to one shipment, each value with its origin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from gateway.clearance.apportion import ITEM, gross_weights
from gateway.clearance.compare import latin, number
from gateway.clearance.joinrules import NAMES, RULESET, JoinRule, Rule, Source, rules
from gateway.clearance.pairing import paired
from gateway.clearance.view import View
from schemas.document import Document, Family, Term, plain
from schemas.finding import Finding
from schemas.loss import LossClass
from schemas.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """The documents of one shipment as canonical documents; only the declaration must be there."""

    declaration: Document
    others: Mapping[Source, Document] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Joined:
    """One declaration with everything the other documents add, and where they disagree.

    `origin` gives for each term id (`[1]` left out) the document its value is from; `replaced`
    are the declaration's terms that another document's value took the place of, with the reason.
    """

    document: Document
    findings: list[Finding]
    origin: Mapping[str, Source]
    replaced: list[Term]


def join(shipment: Shipment) -> Joined:
    """Join the documents by the join table.

    Values taken from another document have class `derive` and a reason that starts with the name
    of that document. Contradictions are findings of kind `match`; nothing is changed silently.
    """
    return _Join(shipment).run()


def shipment(declaration: Document, *related: Document) -> Shipment:
    """Sort related documents by what they are."""
    return Shipment(
        declaration=declaration, others={source_of(document): document for document in related}
    )


def source_of(document: Document) -> Source:
    """Return what a document is to a shipment."""
    by_family = _FAMILIES.get(document.family)
    if by_family is not None:
        return by_family
    try:
        return Source(document.format)
    except ValueError:
        return Source.DECLARATION


_FAMILIES: Final[Mapping[Family, Source]] = {
    Family.INVOICE: Source.INVOICE,
    Family.LADING: Source.LADING,
    Family.RECEIPT: Source.RECEIPT,
}


class _Join:
    """The work of one join: a dict of terms that the rows of the table fill and check."""

    def __init__(self, shipment: Shipment) -> None:
        self._base = shipment.declaration
        self._views = {source: View(doc) for source, doc in shipment.others.items()}
        self._terms = {plain(term.id): term for term in shipment.declaration}
        self._origin = dict.fromkeys(self._terms, Source.DECLARATION)
        self._replaced: list[Term] = []
        own = View(shipment.declaration)
        pairs = {source: paired(own, view, source) for source, view in self._views.items()}
        self._lines = {source: pair.lines for source, pair in pairs.items()}
        self._boxes = {source: pair.containers for source, pair in pairs.items()}
        self._findings = [finding for pair in pairs.values() for finding in pair.strays]

    def run(self) -> Joined:
        """Apply every row of the table."""
        for rule in rules():
            view = self._view(rule.document)
            if view is not None:
                for target_id, term in self._values(rule, view):
                    self._apply(rule, target_id, term)
        self._apportion()
        base = self._base
        document = replace(base, terms=list(self._terms.values()))
        return Joined(document, self._findings, self._origin, self._replaced)

    def _apportion(self) -> None:
        numbers = View(self._base).numbers(f"{ITEM}[n].SequenceNumeric", "n")
        for term in gross_weights(self._terms, numbers):
            self._terms[plain(term.id)] = term
            self._origin[plain(term.id)] = Source.DECLARATION

    def _view(self, source: Source) -> View | None:
        # The declaration is looked at as it has become, so that one row can build on another.
        if source is Source.DECLARATION:
            return View(replace(self._base, terms=list(self._terms.values())))
        return self._views.get(source)

    def _values(self, rule: JoinRule, view: View) -> Iterator[tuple[str, Term]]:
        groups: dict[str, list[Term]] = {}
        for bound, term in view.find(rule.source, {}):
            here = self._translated(rule.document, bound)
            if here is not None:
                groups.setdefault(rule.target.fill(here), []).append(term)
        summed = "+" in rule.source.indices
        agreed = "*" in rule.source.indices
        for target_id, found in groups.items():
            if summed:
                yield target_id, _sum(found)
            elif not agreed or len({term.value for term in found}) == 1:
                yield target_id, found[0]

    def _translated(self, source: Source, bound: dict[str, str]) -> dict[str, str] | None:
        """Return the variables with line and container numbers as the declaration counts them."""
        if source is Source.DECLARATION:
            return bound
        here = dict(bound)
        for variable, numbers in (("n", self._lines[source]), ("c", self._boxes[source])):
            if variable in here:
                mine = numbers.get(here[variable])
                if mine is None:
                    return None
                here[variable] = mine
        return here

    def _apply(self, rule: JoinRule, target_id: str, other: Term) -> None:
        mine = self._terms.get(plain(target_id))
        if mine is None or not mine.value:
            if rule.rule is not Rule.CHECKS:
                self._set(rule, target_id, other)
            return
        if not rule.same(mine, other):
            self._findings.append(_contradiction(rule, target_id, mine, other))
        replaces = rule.rule is Rule.WINS and (mine.value, mine.attrs) != (other.value, other.attrs)
        if replaces or (rule.rule is Rule.LATIN and not latin(mine.value) and latin(other.value)):
            self._set(rule, target_id, other)

    def _set(self, rule: JoinRule, target_id: str, other: Term) -> None:
        name = plain(target_id)
        mine = self._terms.get(name)
        # The id keeps the form that the declaration's reader gave it.
        taken = replace(other, id=target_id if mine is None else mine.id)
        if rule.document is not Source.DECLARATION:
            taken.cls = LossClass.DERIVE
            taken.reason = f"{NAMES[rule.document].en}: {rule.why}"
            if mine is not None and self._origin[name] is Source.DECLARATION:
                self._replaced.append(replace(mine, reason=f"replaced by {taken.reason}"))
        self._terms[name] = taken
        self._origin[name] = rule.document


def _sum(found: list[Term]) -> Term:
    numbers = [number(term) for term in found]
    if len(found) == 1 or any(value is None for value in numbers):
        return found[0]
    total = sum((value for value in numbers if value is not None), Decimal(0))
    return replace(found[0], value=str(total))


def _contradiction(rule: JoinRule, target_id: str, mine: Term, other: Term) -> Finding:
    name = NAMES[rule.document]
    return Finding(
        rule=f"match-{rule.target.shape.rsplit('.', 1)[-1]}",
        ruleset=RULESET,
        flag=rule.flag,
        path=mine.path or other.path,
        line=mine.line,
        term=target_id,
        found=other.value,
        expected=mine.value,
        message=Text(
            f"The {name.en} says {other.value}, the declaration {mine.value}.",
            f"{name.zh}为 {other.value},报关单为 {mine.value}。",
        ),
        hint=Text(
            "Correct the document that is wrong before the goods are released.",
            "请在货物放行前更正有误的文件。",
        ),
    )
