"""Declaration, invoice and bill of lading joined to one shipment, each value with its origin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from gateway.clearance.apportion import ITEM, gross_weights
from gateway.clearance.compare import latin, number
from gateway.clearance.joinrules import NAMES, RULESET, JoinRule, Rule, Source, rules
from gateway.clearance.pairing import own_lines, paired
from gateway.clearance.view import View
from schemas.document import Document, Family, Term, plain
from schemas.finding import Finding
from schemas.loss import LossClass
from schemas.text import Text

_REPLACED: Final = Text("replaced by {by}", "已由此取代:{by}")


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


_UNCHANGED: Final[Mapping[str, Mapping[str, str]]] = {}
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
        self._own = View(replace(self._base, terms=list(self._terms.values())))
        mine = own_lines(self._own)
        pairs = {
            source: paired(self._own, mine, view, source) for source, view in self._views.items()
        }
        self._numbers = {
            source: {"n": pair.lines, "c": pair.containers} for source, pair in pairs.items()
        }
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
        numbers = self._own.numbers(f"{ITEM}[n].SequenceNumeric")
        for term in gross_weights(self._terms, numbers):
            self._terms[plain(term.id)] = term
            self._origin[plain(term.id)] = Source.DECLARATION

    def _view(self, source: Source) -> View | None:
        # The declaration is looked at as it has become, so that one row can build on another.
        return self._own if source is Source.DECLARATION else self._views.get(source)

    def _values(self, rule: JoinRule, view: View) -> Iterable[tuple[str, Term]]:
        variable = rule.source.variable
        if not variable:
            return self._grouped(rule, view)
        # Almost every row of a line is of this kind: one number, told apart by nothing else.
        here = self._numbers.get(rule.document, _UNCHANGED).get(variable)
        return [
            (rule.target.fill({variable: index if here is None else here[index]}), term)
            for index, term in view.by(rule.source).items()
            if here is None or index in here
        ]

    def _grouped(self, rule: JoinRule, view: View) -> Iterator[tuple[str, Term]]:
        groups: dict[str, list[Term]] = {}
        numbers = self._numbers.get(rule.document, _UNCHANGED)
        for bound, term in view.find(rule.source):
            if _translated(bound, numbers):
                groups.setdefault(rule.target.fill(bound), []).append(term)
        summed = "+" in rule.source.indices
        agreed = "*" in rule.source.indices
        for target_id, found in groups.items():
            if summed:
                yield target_id, _sum(found)
            elif not agreed or len({term.value for term in found}) == 1:
                yield target_id, found[0]

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
        taken = _copied(other, target_id if mine is None else mine.id)
        if rule.document is not Source.DECLARATION:
            taken.cls = LossClass.DERIVE
            taken.reason = rule.reason.line
            if mine is not None and self._origin[name] is Source.DECLARATION:
                self._replaced.append(replace(mine, reason=_REPLACED.format(by=rule.reason).line))
        self._terms[name] = taken
        self._own.put(taken)
        self._origin[name] = rule.document


def _translated(bound: dict[str, str], numbers: Mapping[str, Mapping[str, str]]) -> bool:
    """Put in the line and container numbers as the declaration counts them; False for none."""
    for variable, by_theirs in numbers.items():
        if variable in bound:
            mine = by_theirs.get(bound[variable])
            if mine is None:
                return False
            bound[variable] = mine
    return True


def _copied(term: Term, term_id: str) -> Term:
    """Return a term under another id (`dataclasses.replace` takes four times as long)."""
    return Term(
        term_id,
        term.value,
        term.attrs,
        term.path,
        term.line,
        term.source,
        term.cls,
        term.reason,
    )


def _sum(found: list[Term]) -> Term:
    if len(found) == 1:
        return found[0]
    numbers = [number(term) for term in found]
    if any(value is None for value in numbers):
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
