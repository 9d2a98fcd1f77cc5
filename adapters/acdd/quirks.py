"""What the table of the 15 elements cannot say: English names, and an address on one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from schemas.document import Document, Term
from schemas.loss import LossClass

_ADDRESS: Final = "GoodsShipment.Consignee.Address"
_BEYOND_LATIN: Final = "\u0250"
_NAMES: Final = {
    "Exporter.Name": "ext.acdd.ExporterLocalName",
    "Declarant.Name": "ext.acdd.DeclarantLocalName",
}
_LINES: Final = (
    (
        f"{_ADDRESS}.Line",
        f"{_ADDRESS}.CityName",
        f"{_ADDRESS}.PostcodeID",
        f"{_ADDRESS}.CountryCode",
    ),
    ("BG-7/BG-8/BT-50", "BG-7/BG-8/BT-52", "BG-7/BG-8/BT-53", "BG-7/BG-8/BT-55"),
    tuple(
        f"TD.documentParties.consignee.address.{part}"
        for part in ("street", "city", "postCode", "countryCode")
    ),
)


def before_render(document: Document, profile: Mapping[str, object]) -> Document:
    """Keep names in another script apart from the English ones, and join the address.

    A name is never transliterated: without an English one the element is reported as missing.
    """
    del profile
    terms = [_apart(term) for term in document.terms]
    found = Document(document.format, document.edition, document.family, terms)
    address = _address(found)
    return found if address is None else found.joined([address])


def _apart(term: Term) -> Term:
    local = _NAMES.get(term.id)
    if local is None or _latin(term.value):
        return term
    return replace(term, id=local)


def _latin(text: str) -> bool:
    """Tell whether every letter is of a Latin script."""
    return all(char < _BEYOND_LATIN or not char.isalpha() for char in text)


def _address(document: Document) -> Term | None:
    index = document.index()
    for ids in _LINES:
        parts = [index[term_id] for term_id in ids if term_id in index]
        if parts:
            text = ", ".join(part.value for part in parts)
            return Term(_ADDRESS, text, path=parts[0].path, cls=LossClass.DERIVE)
    return None
