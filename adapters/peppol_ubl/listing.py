"""Terms that are translated but not listed: the semantic reference reads UBL by the letter.

It knows allowances whose indicator is `false` or `true` and not `0` or `1`, the category of a tax
that is called `VAT` without white space, and a creditor identifier beside a mandate only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from adapters.engine.reading import Draft
from schemas.document import Term
from schemas.xml import Element

CREDITOR: Final = "BG-16/BG-19/BT-90"
_CHARGE: Final = re.compile(r"(?:.+/)?BG-2[0178]\[\d+\](?=/BT)")
_DIGITS: Final = ("0", "1")
_CATEGORY: Final = re.compile(r"BG-20(?:\[\d+\])?/BT-95")
_MANDATE: Final = re.compile(r"BG-16(?:\[\d+\])?/BG-19/BT-(?:89|91)")
# At the end of a creditor identifier that came without mandate: with it, our readers list it.
_ALONE: Final = "\t"


def mark(draft: Draft) -> None:
    """Mark the terms of a draft that are not listed."""
    debit = mandated(term.id for term in draft.terms)
    for term in draft.terms:
        if term.id == CREDITOR and not debit and not _text(draft, term.path).endswith(_ALONE):
            _unlisted(term, "mandate")
        elif (group := _CHARGE.match(term.id)) and draft.value(
            f"{group[0]}/ext.ubl.ChargeIndicator"
        ) in _DIGITS:
            _unlisted(term, "indicator")
        elif _CATEGORY.fullmatch(term.id):
            name = _text(draft, term.path.rpartition("/")[0] + "/TaxScheme/ID")
            if name.strip() == "VAT" != name:
                _unlisted(term, "tax")


def creditor(term: Term, ids: Iterable[str]) -> Term:
    """Return a creditor identifier as it is written, told apart where there is no mandate."""
    return term if mandated(ids) else replace(term, value=term.value + _ALONE)


def mandated(ids: Iterable[str]) -> bool:
    """Tell whether a mandate or a debited account is among terms."""
    return any(_MANDATE.fullmatch(each) for each in ids)


def _unlisted(term: Term, why: str) -> None:
    term.attrs = {**term.attrs, "unlisted": why}


def _text(draft: Draft, path: str) -> str:
    """Return the text at a path of the source as it stands, white space and all."""
    if not isinstance(draft.root, Element):
        return ""
    return draft.root.findtext("/".join("{*}" + step for step in path.split("/")[2:]), "")
