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
# The model has one group of payment instructions for each means, syntaxes one for each account.
_PAYMENT: Final = re.compile(r"(BG-16(?:\[\d+\])?)/(BT-8[123])")
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
    payments = _Payments(document)
    for term in document.terms:
        if "ext." in term.id or "@" in term.id or "unlisted" in term.attrs or not term.value:
            continue
        for path, value, attrs in _expanded(term):
            if match := _PAYMENT.fullmatch(term.id):
                found += [(path, value, attrs)] * payments.times(match[1], match[2], value)
                continue
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


class _Payments:
    """How often what is said with each account counts: once for each means of payment (BT-81)."""

    def __init__(self, document: Document) -> None:
        self.codes = {
            match[1]: term.value
            for term in document.terms
            if (match := _PAYMENT.fullmatch(term.id)) and match[2] == "BT-81"
        }
        self.said: set[tuple[str, str, str]] = set()

    def times(self, group: str, name: str, value: str) -> int:
        """Return how often to list a term; what no means says by itself belongs to each of them."""
        if group not in self.codes:
            return max(1, len(set(self.codes.values())))
        key = (name, self.codes[group], value if name == "BT-83" else "")
        new = key not in self.said
        self.said.add(key)
        return int(new)
