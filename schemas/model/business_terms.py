"""The semantic view of an invoice: its business terms by group path, as EN 16931-1 lists them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from schemas.document import Document, Term

BusinessTerm = tuple[str, str, dict[str, str]]

_INDEX: Final = re.compile(r"\[\d+\]")
# Units of measure are business terms of their own in EN 16931-1.
_UNITS: Final = {"BT-129": "BT-130", "BT-149": "BT-150"}
# The model has one group of payment instructions; syntaxes repeat it for each account.
_ONCE: Final = frozenset({"BG-16/BT-81", "BG-16/BT-82", "BG-16/BT-83"})
# UBL says the invoiced object among the supporting documents; it is listed as both.
_OBJECT: Final = "BT-18"
_REFERENCE: Final = "BG-24/BT-122"
_UBL: Final = ("/Invoice/", "/CreditNote/")
_ATTRS: Final[Mapping[str, str]] = {
    "scheme": "scheme_identifier",
    "version": "scheme_version_identifier",
    "mime_code": "mime_code",
    "filename": "filename",
}


def business_terms(document: Document) -> list[BusinessTerm]:
    """Return path (`BG-25/BG-31/BT-153`), value and attributes of each term, in document order.

    What has no business term (`ext.`) is not among them.
    """
    found: list[BusinessTerm] = []
    seen: set[str] = set()
    for term in document.terms:
        if "ext." in term.id or "@" in term.id or not term.value:
            continue
        for path, value, attrs in _expanded(term):
            if path in _ONCE and path in seen:
                continue
            seen.add(path)
            found.append((path, value, attrs))
            if path == _OBJECT and term.path.startswith(_UBL):
                found.append((_REFERENCE, value, {}))
    return found


def _expanded(term: Term) -> Iterator[BusinessTerm]:
    path = _INDEX.sub("", term.id)
    yield (
        path,
        term.value,
        {_ATTRS[name]: value for name, value in term.attrs.items() if name in _ATTRS},
    )
    group, slash, last = path.rpartition("/")
    unit = term.attrs.get("unit", "")
    if last in _UNITS and unit:
        yield group + slash + _UNITS[last], unit, {}
