"""Terms that a source says several times and a target only once: made one, none forgotten.

The one term carries the paths of all it was made of, joined by `|`, so that the loss report finds
each of them in the target.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Final

from schemas.document import Term, plain
from schemas.loss import LossClass

BETWEEN: Final = "|"
"""Stands between the paths of a term that was made of several."""

Merge = Callable[[Sequence[Term]], Term]
"""Makes one term of several; they come in document order."""

_DIGITS: Final = 30
_AGAIN: Final = re.compile(r"\[\d+\]$")


def together(terms: Iterable[Term], merges: Mapping[str, Merge]) -> list[Term]:
    """Return the terms; those called `BT-20`, `BT-20[2]` are made one by the merge of `BT-20`."""
    found: dict[str, list[Term]] = {}
    order: list[Term | str] = []
    for term in terms:
        key = _AGAIN.sub("", plain(term.id))
        if key.rpartition("/")[2] not in merges:
            order.append(term)
        elif key in found:
            found[key].append(term)
        else:
            found[key] = [term]
            order.append(key)
    return [_one(each, found[each], merges) if isinstance(each, str) else each for each in order]


def _one(key: str, terms: Sequence[Term], merges: Mapping[str, Merge]) -> Term:
    if len(terms) == 1:
        return terms[0]
    made = merges[key.rpartition("/")[2]](terms)
    return replace(made, id=key, path=BETWEEN.join(term.path for term in terms))


def number(text: str) -> Decimal | None:
    """Return a number; None for text that is none, and for one beyond any amount (`1E+999`)."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) <= _DIGITS else None


def joined(by: str) -> Merge:
    """Return the merge that puts the texts one after the other."""
    reason = "put together with others of its kind / 与同类内容合并"

    def merge(terms: Sequence[Term]) -> Term:
        text = by.join(term.value for term in terms)
        return replace(terms[0], value=text, cls=LossClass.CONVERT, reason=reason)

    return merge


def summed(terms: Sequence[Term]) -> Term:
    """Return the sum of amounts; those that are no numbers stay the first."""
    amounts = [number(term.value) for term in terms]
    if None in amounts:
        return terms[0]
    total = sum((each for each in amounts if each is not None), Decimal(0))
    reason = "added up with others of its kind / 与同类金额合计"
    return replace(terms[0], value=f"{total:f}", cls=LossClass.CONVERT, reason=reason)


def latest(terms: Sequence[Term]) -> Term:
    """Return the last of several days (ISO dates): the target has room for one."""
    last = max(terms, key=lambda term: term.value)
    reason = "the last of several days / 取多个日期中最后一个"
    return replace(last, cls=LossClass.LOSSY, reason=reason)
