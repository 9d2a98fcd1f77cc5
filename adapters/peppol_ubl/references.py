"""Additional documents: UBL tells the invoiced object and a project from other papers by a code.

Every `AdditionalDocumentReference` is a supporting document (BG-24), and one of type 130 the
invoiced object (BT-18) as well. In a credit note one of type 50 is the project (BT-11) instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from adapters.engine.reading import Draft
from adapters.engine.together import BETWEEN
from schemas.document import Term, plain
from schemas.loss import LossClass

_TYPE: Final = re.compile(r"(BG-24(?:\[\d+\])?)/ext\.ubl\.DocumentTypeCode")
_GROUP: Final = re.compile(r"BG-24(?:\[(\d+)\])?/")
_OBJECT: Final = re.compile(r"BT-18(?:\[\d+\])?")
_PROJECT: Final = "BT-11"
_OBJECT_CODE: Final = "130"
_PROJECT_CODE: Final = "50"


def read(draft: Draft, *, credit: bool) -> None:
    """Tell which documents are the invoiced object, and in a credit note the project."""
    count = 0
    for term in list(draft.terms):
        match = _TYPE.fullmatch(term.id)
        reference = draft.by_id.get(f"{match[1]}/BT-122") if match else None
        if reference is None:
            continue
        if term.value == _OBJECT_CODE:
            count += 1
            _add(draft, reference, f"BT-18[{count}]" if count > 1 else "BT-18")
        elif term.value == _PROJECT_CODE and credit and _PROJECT not in draft.by_id:
            draft.rename(reference, _PROJECT)


def _add(draft: Draft, reference: Term, term_id: str) -> None:
    draft.add(
        term_id, reference.value, attrs=reference.attrs, source=reference, cls=LossClass.EXACT
    )


def placed(terms: Sequence[Term], *, credit: bool) -> list[Term]:
    """Return the terms with BT-18, and in a credit note BT-11, among the supporting documents."""
    found = [term for term in terms if not _special(term, credit=credit)]
    groups = {
        term.value: term.id.rpartition("/")[0]
        for term in reversed(found)
        if _GROUP.match(term.id) and term.id.endswith("/BT-122")
    }
    last = max((int(m[1] or 1) for t in found if (m := _GROUP.match(t.id))), default=0)
    for term in terms:
        if _special(term, credit=credit):
            group = groups.pop(term.value, "") if term.id != _PROJECT else ""
            if not group:
                last += 1
                group = f"BG-24[{last}]"
                found.append(replace(term, id=f"{group}/BT-122"))
            found = list(_marked(found, group, term))
    return found


def _special(term: Term, *, credit: bool) -> bool:
    return bool(_OBJECT.fullmatch(term.id)) or (credit and term.id == _PROJECT)


def _marked(terms: Sequence[Term], group: str, meant: Term) -> Iterator[Term]:
    """Yield the terms with the type code, and the scheme, of what a document is."""
    key = plain(f"{group}/BT-122")
    kind = plain(f"{group}/ext.ubl.DocumentTypeCode")
    for term in terms:
        if plain(term.id) == key:
            both = dict.fromkeys((term.path, meant.path))
            attrs = {**term.attrs, **_scheme(meant.attrs)}
            yield replace(term, attrs=attrs, path=BETWEEN.join(both))
        elif plain(term.id) != kind:
            yield term
    code = _PROJECT_CODE if meant.id == _PROJECT else _OBJECT_CODE
    yield replace(meant, id=kind, value=code, attrs={})


def _scheme(attrs: Mapping[str, str]) -> dict[str, str]:
    return {"scheme": attrs["scheme"]} if "scheme" in attrs else {}
