"""Writing CII: what it says in other places, once, or more often than the model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from adapters.engine.derived import amount, derived
from adapters.engine.together import BETWEEN
from schemas.document import Document, Term

_IDENTIFIER: Final = re.compile(r"(.+/BT-(?:29|46|60|71))(?:\[(\d+)\])?")
_DISCOUNT: Final = re.compile(r"(.+)/BT-147")
_BREAKDOWN: Final = re.compile(r"BG-23(?:\[\d+\])?")
_MANDATED: Final = re.compile(r"BG-16\[\d+\]/BG-19/BT-(?:89|91)")
_PLACES: Final = {
    "BG-22/BT-110": "BG-22/BT-110[1]",
    "BG-22/BT-111": "BG-22/BT-110[2]",
    "BG-22/BT-111[2]": "BG-22/BT-110[3]",
    "BG-4/BG-6/BT-41[2]": "BG-4/BG-6/ext.cii.DepartmentName",
    "BG-7/BG-9/BT-56[2]": "BG-7/BG-9/ext.cii.DepartmentName",
}
VAT_IDS: Final = {"BG-4/BT-31": "VA", "BG-4/BT-32": "FC", "BG-7/BT-48": "VA", "BG-11/BT-63": "VA"}
# UNTDID 2005 (UBL) and 2475 (CII) name the same events by other codes.
_TAX_POINT: Final = {"3": "5", "35": "29", "432": "72"}


def before_render(document: Document, profile: Mapping[str, object]) -> Document:
    """Return the document with CII's own places for its terms."""
    del profile
    first = next((t.id for t in document.terms if _BREAKDOWN.match(t.id)), "")
    count = max((_number(t.id) for t in document.terms if _BREAKDOWN.match(t.id)), default=0)
    same = _same_total(document)
    terms: list[Term] = []
    for term in document.terms:
        if same and term.id == "BG-22/BT-111":
            continue
        if term.id in ("BT-7", "BT-8") and first:
            value = _TAX_POINT.get(term.value, term.value) if term.id == "BT-8" else term.value
            last = 1 if term.id == "BT-7" else count  # CII-SR-461 wants the date once only
            terms += [
                replace(term, id=f"BG-23[{n}]/{term.id}", value=value) for n in range(1, last + 1)
            ]
        else:
            terms.append(_placed(term))
    terms += _gross(document.index())
    terms = _referenced(terms)
    return Document(document.format, document.edition, document.family, terms, trace=document.trace)


def _referenced(terms: Sequence[Term]) -> list[Term]:
    """Return the terms with one payment reference; UBL repeats it with each account."""
    first = next((term for term in terms if term.id.endswith("/BT-83")), None)
    if first is None:
        return list(terms)
    same = [term for term in terms if term.id.endswith("/BT-83") and term.value == first.value]
    one = replace(first, id="BG-16/BT-83", path=BETWEEN.join(term.path for term in same))
    return [one, *(term for term in terms if term not in same)]


def _gross(index: Mapping[str, Term]) -> Iterator[Term]:
    """Yield the gross price (BT-148) that a discount (BT-147) is taken from, if none was sent."""
    for key, term in index.items():
        match = _DISCOUNT.fullmatch(key)
        if match and f"{match[1]}/BT-148" not in index:
            net = amount(index.get(f"{match[1]}/BT-146")) or Decimal(0)
            yield derived(f"{match[1]}/BT-148", net + (amount(term) or Decimal(0)), term)


def _same_total(document: Document) -> bool:
    """Tell whether the VAT total in accounting currency is the other one, said twice."""
    total, other = document.get("BG-22/BT-110"), document.get("BG-22/BT-111")
    return bool(total and other and total.attrs.get("currency") == other.attrs.get("currency"))


def _placed(term: Term) -> Term:
    """Return a term under the id that the table writes."""
    match = _IDENTIFIER.fullmatch(term.id)
    if match and term.attrs.get("scheme"):
        return replace(term, id=f"{match[1]}g[{match[2] or 1}]")
    if match:
        return replace(term, id=f"{match[1]}[{match[2] or 1}]")
    if term.id in _PLACES:
        return replace(term, id=_PLACES[term.id])
    if term.id in VAT_IDS:
        return replace(term, attrs={**term.attrs, "scheme": VAT_IDS[term.id]})
    if _MANDATED.fullmatch(term.id) and term.id.endswith("BT-89"):
        return replace(term, id="BG-16/BG-19/BT-89")
    return term


def _number(term_id: str) -> int:
    group = term_id.partition("/")[0]
    return int(group[6:-1]) if group.endswith("]") else 1
