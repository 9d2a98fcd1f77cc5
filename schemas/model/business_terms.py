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
# The model has one group of payment instructions; syntaxes repeat it for each account, and with it
# the means and the reference, which count again only where they differ.
_ONCE: Final = frozenset({"BG-16/BT-81", "BG-16/BT-82", "BG-16/BT-83"})
# Several of these in one document (payment in steps) are listed as one, `;` between them.
_ROW: Final = frozenset({"BT-9", "BT-20"})
# An invoiced object (BT-18) has a scheme, the supporting document that it is as well has none.
_BARE: Final = "BT-122"
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
    said: set[tuple[str, str]] = set()
    for term in document.terms:
        if "ext." in term.id or "@" in term.id or "unlisted" in term.attrs or not term.value:
            continue
        for path, value, attrs in _expanded(term):
            if path in _ONCE:
                if (path, value) in said:
                    continue
                said.add((path, value))
            if path in _ROW and path in seen:
                at = next(n for n, each in enumerate(found) if each[0] == path)
                found[at] = (path, f"{found[at][1]};{value}", attrs)
                continue
            seen.add(path)
            found.append((path, value, attrs))
    return found


def _expanded(term: Term) -> Iterator[BusinessTerm]:
    path = _INDEX.sub("", term.id)
    group, slash, last = path.rpartition("/")
    attrs = {} if last == _BARE else term.attrs
    yield path, term.value, {_ATTRS[name]: attrs[name] for name in attrs if name in _ATTRS}
    unit = term.attrs.get("unit", "")
    if last in _UNITS and unit:
        yield group + slash + _UNITS[last], unit, {}
