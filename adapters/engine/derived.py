"""Amounts that a syntax insists on and the source did not send: written with a tab before them.

The tab is white space to schemas and rules. It tells our own readers that the amount was derived,
so that it does not become a term on the way back.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from adapters.engine.reading import Draft
from adapters.engine.together import number
from schemas.document import Term
from schemas.loss import LossClass
from schemas.xml import Element, path_of

_DERIVED: Final = re.compile(r"\t-?\d+(?:\.\d+)?")


def derived(term_id: str, value: Decimal, like: Term) -> Term:
    """Return a derived amount, in the currency of another."""
    return Term(term_id, f"\t{value:f}", dict(like.attrs), cls=LossClass.DERIVE)


def amount(term: Term | None) -> Decimal | None:
    """Return the number that a term says; None for no term, no number, or one beyond any amount."""
    return None if term is None else number(term.value)


def set_aside(draft: Draft, *names: str) -> None:
    """Give the derived amounts in elements of these names ids of extension terms."""
    if not isinstance(draft.root, Element):
        return
    found = {
        path_of(element)
        for element in draft.root.iter(*(f"{{*}}{name}" for name in names))
        if _DERIVED.fullmatch(element.text or "")
    }
    for term in list(draft.terms) if found else ():
        if term.path in found:
            group, slash, _ = term.id.rpartition("/")
            name = term.path.rpartition("/")[2].partition("[")[0]
            draft.rename(term, f"{group}{slash}ext.{draft.format.ext}.{name}")
