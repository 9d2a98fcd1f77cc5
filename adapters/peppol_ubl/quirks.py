"""What the table of UBL cannot say: notes with a code, VAT totals by currency, repeated groups."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from adapters.engine.reading import Draft
from adapters.engine.together import joined, latest, summed, together
from adapters.peppol_ubl import amounts, listing, notes, references
from adapters.peppol_ubl.listing import CREDITOR
from schemas.document import Document, Term
from schemas.loss import LossClass
from schemas.xml import Element

_SUBTOTAL: Final = re.compile(r"BG-23\[(\d+)\]/sub\[(\d+)\]/(.+)")
_BREAKDOWN: Final = re.compile(r"BG-23(?:\[(\d+)\])?/(.+)")
_TOTAL: Final = re.compile(r"BG-22/BT-110\[(\d+)\]")
_ACCOUNTING: Final = re.compile(r"IBG-37(?:\[(\d+)\])?/(.+)")
# The tax breakdown in accounting currency (PINT) stands in a tax total of its own.
_IN_ACCOUNTING: Final = {"BT-117": "IBT-190", "BT-118": "IBT-192", "BT-119": "IBT-193"}
_UBL_ACCOUNTING: Final = {mine: ubl for ubl, mine in _IN_ACCOUNTING.items()}
_TOTALS: Final = {
    "BG-22/BT-110": "BG-22/BT-110[1]",
    "BG-22/BT-111": "BG-22/BT-110[2]",
    "BG-22/BT-111[2]": "BG-22/BT-110[3]",
}
# What CII may say several times, and UBL once.
_TOGETHER: Final = {
    "BT-9": latest,
    "BT-20": joined(";"),
    "BT-41": joined(", "),
    "BT-56": joined(", "),
    "BT-147": summed,
}
_MEANS: Final = re.compile(r"BG-16(?:\[\d+\])?(?=/)")
# UNTDID 2005 (UBL) and 2475 (CII) name the same events by other codes.
_TAX_POINT: Final = {"5": "3", "29": "35", "72": "432"}
# What UBL wants where there is no order number; the blank tells ours from one that was sent.
_NOTHING: Final = "NA "
_ORDER: Final = "{*}OrderReference/{*}ID"

REASONS: Final[Mapping[str, str]] = {
    "BG-16/BT-83": "UBL says it with each payment means / UBL 在每个付款方式中表达",
}


def after_read(draft: Draft) -> None:
    """Give notes their code, totals and breakdowns their meaning."""
    amounts.read(draft)
    accounting = draft.value("BT-6")
    currency = draft.value("BT-5")
    _breakdowns(draft, currency, accounting)
    for term in list(draft.terms):
        if _TOTAL.fullmatch(term.id):
            _total(draft, term, currency, accounting)
        elif term.id == CREDITOR + ".payee":
            draft.rename(term, CREDITOR)
    listing.mark(draft)
    notes.read(draft)
    references.read(draft, credit=draft.format.alternate is not None)
    if isinstance(draft.root, Element) and draft.root.findtext(_ORDER) == _NOTHING:
        draft.rename(draft.by_id["BT-13"], "ext.ubl.OrderReference.ID")


def _breakdowns(draft: Draft, currency: str, accounting: str) -> None:
    """Number the tax breakdowns, those in the accounting currency (IBG-37) by themselves."""
    found = [(term, match) for term in draft.terms if (match := _SUBTOTAL.fullmatch(term.id))]
    apart = {
        match[1]
        for term, match in found
        if match[3] == "BT-117" and term.attrs.get("currency", currency) == accounting != currency
    }
    numbers: tuple[dict[tuple[str, str], int], ...] = ({}, {})
    for term, match in found:
        other = match[1] in apart
        groups = numbers[other]
        number = groups.setdefault((match[1], match[2]), len(groups) + 1)
        if other:
            name = _IN_ACCOUNTING.get(match[3], match[3])
            draft.rename(term, f"IBG-37[{number}]/{name}")
        else:
            draft.rename(term, f"BG-23[{number}]/{match[3]}")


def before_render(document: Document, profile: Mapping[str, object]) -> Document:
    """Return the document with UBL's own places for what the semantic model says once."""
    index = document.index()
    same = _same_total(index)
    credit = profile.get("root") == "CreditNote"
    terms = [
        _placed(t, index)
        for t in references.placed(together(document.terms, _TOGETHER), credit=credit)
        if not (same and t.id == "BG-22/BT-111")
    ]
    return Document(
        document.format,
        document.edition,
        document.family,
        [*terms, *_added(document, index)],
        trace=document.trace,
    )


def _total(draft: Draft, term: Term, currency: str, accounting: str) -> None:
    """Tell the VAT total by its currency; one in the invoice's own may be both."""
    stated = term.attrs.get("currency", currency)
    if stated == currency:
        draft.rename(term, "BG-22/BT-110")
        if accounting == currency:
            draft.add("BG-22/BT-111", term.value, attrs=term.attrs, source=term)
    elif stated == accounting:
        again = sum(each.id.startswith("BG-22/BT-111") for each in draft.terms)
        draft.rename(term, f"BG-22/BT-111[{again + 1}]" if again else "BG-22/BT-111")
    else:
        draft.rename(term, f"ext.ubl.TaxTotal.{stated}.TaxAmount")


def _same_total(index: Mapping[str, Term]) -> bool:
    """Tell whether the VAT total in accounting currency is the other one, said twice."""
    total, other = index.get("BG-22/BT-110"), index.get("BG-22/BT-111")
    return bool(total and other and total.attrs.get("currency") == other.attrs.get("currency"))


def _placed(term: Term, index: Mapping[str, Term]) -> Term:
    """Return a term under the id, and with the attributes, that the table writes."""
    term = notes.coded(term, index)
    breakdown = _BREAKDOWN.fullmatch(term.id)
    if breakdown:
        return replace(term, id=f"BG-23[1]/sub[{breakdown[1] or 1}]/{breakdown[2]}")
    if accounted := _ACCOUNTING.fullmatch(term.id):
        name = _UBL_ACCOUNTING.get(accounted[2], accounted[2])
        return replace(term, id=f"BG-23[2]/sub[{accounted[1] or 1}]/{name}")
    if term.id in _TOTALS:
        return replace(term, id=_TOTALS[term.id])
    if term.id == "BT-8":
        return replace(term, value=_TAX_POINT.get(term.value, term.value))
    if term.id == CREDITOR:
        term = listing.creditor(term, index)
        place = ".payee" if "BG-10/BT-59" in index else ""
        return replace(term, id=CREDITOR + place, attrs={**term.attrs, "scheme": "SEPA"})
    return term


def _added(document: Document, index: Mapping[str, Term]) -> list[Term]:
    """Return the terms that UBL wants in more places, or that it cannot do without."""
    reference = index.get("BG-16/BT-83")
    groups = dict.fromkeys(
        match[0].replace("[1]", "") for term in document.terms if (match := _MEANS.match(term.id))
    )
    added = [
        replace(reference, id=f"{group}/BT-83")
        for group in groups
        if reference is not None and f"{group}/BT-83" not in index
    ]
    added += amounts.missing(index)
    if "BT-14" in index and "BT-13" not in index:
        added.append(Term("BT-13", _NOTHING, cls=LossClass.DERIVE))
    return added
