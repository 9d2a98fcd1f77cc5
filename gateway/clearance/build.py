"""The declaration of the other side: what leaves the export side, and what the import side sends.

`outbound` joins, keeps back what the corridor does not let cross, and narrows commodity codes to
the common digits; `inbound` adds the importer's answers and what the importing customs wants.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from gateway.clearance.apportion import ITEM
from gateway.clearance.corridor import Corridor, listed
from gateway.clearance.join import join, shipment
from gateway.clearance.joinrules import Source
from gateway.clearance.view import pattern
from schemas.document import Document, Term, plain
from schemas.finding import Finding
from schemas.loss import LossClass, LossEntry, LossReport
from schemas.text import Text

CLASSIFICATION: Final = f"{ITEM}.Commodity.Classification.ID"
_NUMBER: Final = f"{ITEM}.SequenceNumeric"
LRN: Final = "FunctionalReferenceID"
_STAYS: Final = Text("corridor {corridor}: not listed to cross", "通道 {corridor}:未列为可跨境")
_COMMON: Final = Text(
    "{digits} digits are common; national digits differ", "前 {digits} 位通用，其余为各国税则"
)
_DEFAULT: Final = Text("corridor {corridor}: default", "通道 {corridor}:默认值")
_IMPORTER: Final = Text("from the importer", "由进口方填写")


@dataclass(frozen=True, slots=True)
class Outbound:
    """What may leave: the document, contradictions found on the way, and what is held back.

    `held` has one entry for each term of the declaration that does not cross, with the reason;
    it belongs in the loss report and stays on this side.
    """

    document: Document
    findings: list[Finding]
    held: list[LossEntry]

    def explain(self, report: LossReport) -> LossReport:
        """Return the loss report of rendering the document, with why each leaf stayed here."""
        reasons = {entry.path: entry for entry in self.held}
        for entry in report.entries:
            held = reasons.get(entry.path)
            if held is not None and not entry.target:
                entry.cls, entry.reason = held.cls, held.reason
        return report


def outbound(
    declaration: Document, related: Iterable[Document], corridor: Corridor, *, companion: str = ""
) -> Outbound:
    """Return what crosses to the importing side, in the import declaration or in a companion.

    `related` are invoice, bill of lading, release receipt and, where there are, packing list and
    party master, as canonical documents.
    """
    joined = join(shipment(declaration, *related))
    crossing = []
    held = [_held(term, term.reason) for term in joined.replaced]
    reason, origin = _STAYS.format(corridor=corridor.id).line, joined.origin
    allowed, mapped = corridor.allowed(companion), {CLASSIFICATION, *corridor.codes}
    for term in joined.document.terms:
        if listed(term.id, allowed):
            special = pattern(term.id).shape in mapped
            crossing.append(_adapted(term, corridor) if special else term)
        elif term.path and origin[plain(term.id)] is Source.DECLARATION:
            held.append(_held(term, reason))
    document = replace(joined.document, terms=crossing)
    if not companion:
        document = document.joined(_defaults(document, corridor))
    return Outbound(document, joined.findings, held)


def inbound(
    received: Document, corridor: Corridor, answers: Mapping[str, str], clearance_id: str
) -> Document:
    """Return the declaration for the importing customs, completed with the importer's answers.

    `answers` are values by concrete term id, `[*]` meaning every line.
    """
    attrs = {plain(field.term): field.attrs for field in corridor.fields}
    given = [
        Term(term_id, value, attrs.get(plain(key), {}), cls=LossClass.DERIVE, reason=_IMPORTER.line)
        for key, value in answers.items()
        for term_id in _each(key, received)
    ]
    own = {plain(term.id) for term in given}
    kept = [term for term in received if plain(term.id) not in own]
    document = replace(received, terms=[*kept, *given], trace=None)
    document = document.joined([Term(LRN, lrn(clearance_id), cls=LossClass.DERIVE)])
    document = document.joined(_defaults(document, corridor))
    return replace(document, terms=[part for term in document for part in _split(term, corridor)])


def lrn(clearance_id: str) -> str:
    """Return the importing declarant's local reference for a clearance: 18 characters, stable."""
    digest = hashlib.sha256(clearance_id.encode()).digest()
    return "SK" + base64.b32encode(digest[:10]).decode()


def _adapted(term: Term, corridor: Corridor) -> Term:
    """Narrow a commodity code to the common digits, and map codes as the corridor says."""
    shape = pattern(term.id).shape
    if shape == CLASSIFICATION and len(term.value) > corridor.classification.digits:
        digits = corridor.classification.digits
        return Term(
            term.id,
            term.value[:digits],
            {**term.attrs, "digits": str(digits)},
            term.path,
            term.line,
            term.source,
            LossClass.LOSSY,
            _COMMON.format(digits=digits).line,
        )
    codes = corridor.codes.get(shape)
    mapped = None if codes is None else codes.get(term.value)
    return term if mapped is None else replace(term, value=mapped, cls=LossClass.CONVERT)


def _held(term: Term, reason: str) -> LossEntry:
    return LossEntry(
        term.path, term.id, term.source or term.value, LossClass.DROPPED, reason=reason
    )


def _defaults(document: Document, corridor: Corridor) -> Iterator[Term]:
    """Yield the corridor's defaults; those of a group only where the group has a member."""
    reason = _DEFAULT.format(corridor=corridor.id).line
    for key, value in corridor.defaults.items():
        group = pattern(key).shape.rpartition(".")[0]
        if group.endswith("PreviousDocument") and not _has(document, f"{group}.ID"):
            continue
        for term_id in _each(key, document):
            yield Term(term_id, value, cls=LossClass.DERIVE, reason=reason)


def _has(document: Document, shape: str) -> bool:
    return any(pattern(term.id).shape == shape for term in document.terms)


def _each(key: str, document: Document) -> Iterator[str]:
    """Yield the term ids a key stands for: itself, or one for each goods line for `[*]`."""
    if "[*]" not in key:
        yield key
        return
    for term in document.terms:
        known = pattern(term.id)
        if known.shape == _NUMBER and term.value:
            yield key.replace("[*]", f"[{known.wanted[1]}]")


def _split(term: Term, corridor: Corridor) -> Iterator[Term]:
    """Yield a national commodity code in the parts the importing customs wants it in."""
    parts = corridor.classification.parts
    is_code = pattern(term.id).shape == CLASSIFICATION
    if not is_code or not parts or len(term.value) != corridor.classification.national:
        yield term
        return
    at = term.id.rpartition("Classification")[0]
    start = 0
    for number, (length, kind) in enumerate(parts, 1):
        group = f"{at}Classification[{number}]"
        yield replace(term, id=f"{group}.ID", value=term.value[start : start + length])
        yield Term(f"{group}.IdentificationTypeCode", kind, cls=LossClass.DERIVE)
        start += length
