"""Notes: UBL has no element for the subject code (BT-21), it stands in the text as `#ADU# text`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from adapters.engine.reading import Draft
from adapters.engine.together import BETWEEN
from schemas.document import Term
from schemas.loss import LossClass

# Others' coded notes stay as they stand; ours have a blank after the code, and come apart again.
_CODED: Final = re.compile(r"#([A-Z0-9]{3})# (\S.*)", re.DOTALL)
_CODE: Final = re.compile(r"[A-Z]{3}")
_NOTE: Final = re.compile(r"(BG-1(?:\[\d+\])?)/BT-22")


def read(draft: Draft) -> None:
    """Take the codes out of notes; a note of three letters is the code of the next one."""
    for term in list(draft.terms):
        note = _NOTE.fullmatch(term.id)
        if note:
            _apart(draft, term, note[1])


def coded(term: Term, index: Mapping[str, Term]) -> Term:
    """Return a note with its code in front; any other term as it is."""
    note = _NOTE.fullmatch(term.id)
    code = index.get(note[1].replace("[1]", "") + "/BT-21") if note else None
    if code is None:
        return term
    path = BETWEEN.join((term.path, code.path))
    return replace(term, value=f"#{code.value}# {term.value}", path=path, cls=LossClass.CONVERT)


def _apart(draft: Draft, term: Term, group: str) -> None:
    match = _CODED.fullmatch(term.value)
    if match:
        term.value = match[2]
        draft.add(f"{group}/BT-21", match[1], source=term)
        return
    following = f"BG-1[{int(group[5:-1]) + 1}]"
    if _CODE.fullmatch(term.value) and f"{following}/BT-22" in draft.by_id:
        draft.rename(term, f"{following}/BT-21")
