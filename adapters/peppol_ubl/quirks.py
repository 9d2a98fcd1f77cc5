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
    groups: dict[tuple[str, str], int] = {}
    for term in list(draft.terms):
        subtotal = _SUBTOTAL.fullmatch(term.id)
        if subtotal:
            key = subtotal[1], subtotal[2]
            number = groups.setdefault(key, len(groups) + 1)
            draft.rename(term, f"BG-23[{number}]/{subtotal[3]}")
        elif _TOTAL.fullmatch(term.id):
            _total(draft, term, currency, accounting)
        elif term.id == CREDITOR + ".payee":
            draft.rename(term, CREDITOR)
    listing.mark(draft)
    notes.read(draft)
    references.read(draft, credit=draft.format.alternate is not None)
    if isinstance(draft.root, Element) and draft.root.findtext(_ORDER) == _NOTHING:
        draft.rename(draft.by_id["BT-13"], "ext.ubl.OrderReference.ID")


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
