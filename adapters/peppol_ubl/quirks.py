"""What the table of UBL cannot say: notes with a code, VAT totals by currency, repeated groups."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from adapters.engine.reading import Draft
from schemas.document import Document, Term
from schemas.loss import LossClass
from schemas.xml import Element

# Others' coded notes stay as they stand; ours have a blank after the code, and come apart again.
_CODED: Final = re.compile(r"#([A-Z0-9]{3})# (\S.*)", re.DOTALL)
_CODE: Final = re.compile(r"[A-Z]{3}")
_NOTE: Final = re.compile(r"(BG-1(?:\[\d+\])?)/BT-22")
_SUBTOTAL: Final = re.compile(r"BG-23\[(\d+)\]/sub\[(\d+)\]/(.+)")
_BREAKDOWN: Final = re.compile(r"BG-23(?:\[(\d+)\])?/(.+)")
_TOTAL: Final = re.compile(r"BG-22/BT-110\[(\d+)\]")
_CREDITOR: Final = "BG-16/BG-19/BT-90"
_TOTALS: Final = {"BG-22/BT-110": "BG-22/BT-110[1]", "BG-22/BT-111": "BG-22/BT-110[2]"}
_MEANS: Final = re.compile(r"BG-16(?:\[\d+\])?(?=/)")
# UNTDID 2005 (UBL) and 2475 (CII) name the same events by other codes.
_TAX_POINT: Final = {"5": "3", "29": "35", "72": "432"}
_VAT_IDS: Final = {"BG-4/BT-31": "VA", "BG-4/BT-32": "FC", "BG-7/BT-48": "VA", "BG-11/BT-63": "VA"}
# What UBL wants where there is no order number; the blank tells ours from one that was sent.
_NOTHING: Final = "NA "
_ORDER: Final = "{*}OrderReference/{*}ID"

REASONS: Final[Mapping[str, str]] = {
    "BG-16/BT-83": "UBL says it with each payment means / UBL 在每个付款方式中表达",
}


def after_read(draft: Draft) -> None:
    """Give notes their code, totals and breakdowns their meaning."""
    accounting = draft.value("BT-6")
    currency = draft.value("BT-5")
    groups: dict[tuple[str, str], int] = {}
    for term in list(draft.terms):
        note = _NOTE.fullmatch(term.id)
        subtotal = _SUBTOTAL.fullmatch(term.id)
        if note:
            _coded(draft, term, note[1])
        elif subtotal:
            key = subtotal[1], subtotal[2]
            number = groups.setdefault(key, len(groups) + 1)
            _name(draft, term, f"BG-23[{number}]/{subtotal[3]}")
        elif _TOTAL.fullmatch(term.id):
            _total(draft, term, currency, accounting)
        elif term.id == _CREDITOR + ".payee":
            _name(draft, term, _CREDITOR)
        elif term.id in _VAT_IDS:
            term.attrs = {**term.attrs, "scheme": _VAT_IDS[term.id]}
    if isinstance(draft.root, Element) and draft.root.findtext(_ORDER) == _NOTHING:
        _name(draft, draft.by_id["BT-13"], "ext.ubl.OrderReference.ID")


def before_render(document: Document, profile: Mapping[str, object]) -> Document:
    """Return the document with UBL's own places for what the semantic model says once."""
    del profile
    index = document.index()
    same = _same_total(index)
    terms = [_placed(t, index) for t in document.terms if not (same and t.id == "BG-22/BT-111")]
    return Document(
        document.format,
        document.edition,
        document.family,
        [*terms, *_added(document, index)],
        trace=document.trace,
    )


def _coded(draft: Draft, term: Term, group: str) -> None:
    """Take the code out of a note; a note of three letters is the code of the next one."""
    match = _CODED.fullmatch(term.value)
    if match:
        term.value = match[2]
        draft.add(f"{group}/BT-21", match[1], source=term)
        return
    following = f"BG-1[{int(group[5:-1]) + 1}]"
    if _CODE.fullmatch(term.value) and f"{following}/BT-22" in draft.by_id:
        _name(draft, term, f"{following}/BT-21")


def _total(draft: Draft, term: Term, currency: str, accounting: str) -> None:
    """Tell the VAT total by its currency; one in the invoice's own may be both."""
    stated = term.attrs.get("currency", currency)
    if stated == currency:
        _name(draft, term, "BG-22/BT-110")
        if accounting == currency:
            draft.add("BG-22/BT-111", term.value, attrs=term.attrs, source=term)
    elif stated == accounting:
        _name(draft, term, "BG-22/BT-111")
    else:
        _name(draft, term, f"ext.ubl.TaxTotal.{stated}.TaxAmount")


def _name(draft: Draft, term: Term, term_id: str) -> None:
    if draft.by_id.get(term.id) is term:
        del draft.by_id[term.id]
    term.id = term_id
    draft.by_id.setdefault(term_id, term)


def _same_total(index: Mapping[str, Term]) -> bool:
    """Tell whether the VAT total in accounting currency is the other one, said twice."""
    total, other = index.get("BG-22/BT-110"), index.get("BG-22/BT-111")
    return bool(total and other and total.attrs.get("currency") == other.attrs.get("currency"))


def _placed(term: Term, index: Mapping[str, Term]) -> Term:
    """Return a term under the id, and with the attributes, that the table writes."""
    breakdown = _BREAKDOWN.fullmatch(term.id)
    if breakdown:
        return replace(term, id=f"BG-23[1]/sub[{breakdown[1] or 1}]/{breakdown[2]}")
    note = _NOTE.fullmatch(term.id)
    if note:
        code = index.get(note[1].replace("[1]", "") + "/BT-21")
        return replace(term, value=f"#{code.value}# {term.value}") if code else term
    if term.id in _TOTALS:
        return replace(term, id=_TOTALS[term.id])
    if term.id == "BT-8":
        return replace(term, value=_TAX_POINT.get(term.value, term.value))
    if term.id == _CREDITOR:
        place = ".payee" if "BG-10/BT-59" in index else ""
        return replace(term, id=_CREDITOR + place, attrs={**term.attrs, "scheme": "SEPA"})
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
    if "BT-14" in index and "BT-13" not in index:
        added.append(Term("BT-13", _NOTHING, cls=LossClass.DERIVE))
    return added
