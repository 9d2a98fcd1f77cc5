"""What the rules read: the terms of a document, grouped in one pass by goods item and container."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

from schemas.document import Document, Term, plain

Terms = dict[str, Term]


@dataclass(frozen=True, slots=True)
class Groups:
    """Where the repeated groups of a family begin; what is below is looked up by its own id."""

    items: str
    equipment: str


DECLARATION: Final = Groups(
    items="GoodsShipment.GovernmentAgencyGoodsItem",
    equipment="GoodsShipment.Consignment.TransportEquipment",
)
INVOICE: Final = Groups(items="BG-25", equipment="BG-24")
LADING: Final = Groups(items="TD.consignmentItems", equipment="TD.utilizedTransportEquipments")


_Place = tuple[str, str, str]
_DIGITS: Final = 24
_PLACES: Final[dict[Groups, dict[str, _Place]]] = {}
_PLACES_KEPT: Final = 50_000
_HEAD, _ITEM, _BOX = "head", "item", "box"


@dataclass(slots=True)
class View:
    """A document as the rules see it.

    `head` holds the terms outside the repeated groups by id without `[1]`; `items` and
    `equipment` hold those of each goods item and each container by the id below the group, in
    document order.
    """

    document: Document
    head: Terms = field(default_factory=dict)
    items: list[Terms] = field(default_factory=list)
    equipment: list[Terms] = field(default_factory=list)


def view(document: Document, groups: Groups = DECLARATION) -> View:
    """Group the terms of a document.

    Where an id belongs is remembered: the ids of a format come again in every document.
    """
    places = _PLACES.setdefault(groups, {})
    head: Terms = {}
    items: dict[str, Terms] = {}
    equipment: dict[str, Terms] = {}
    for term in document.terms:
        term_id = term.id
        place = places.get(term_id)
        if place is None:
            place = _place(groups, term_id)
            if len(places) < _PLACES_KEPT:
                places[term_id] = place
        group, index, below = place
        if group is _ITEM:
            found = items.get(index)
            if found is None:
                found = items[index] = {}
        elif group is _HEAD:
            found = head
        else:
            found = equipment.setdefault(index, {})
        if below not in found:
            found[below] = term
    return View(document, head, list(items.values()), list(equipment.values()))


def _place(groups: Groups, term_id: str) -> _Place:
    for group, prefix in ((_ITEM, groups.items + "["), (_BOX, groups.equipment + "[")):
        if term_id.startswith(prefix):
            index, _, below = term_id[len(prefix) :].partition("]")
            return group, index, plain(below[1:])
    return _HEAD, "", plain(term_id)


def number(term: Term | None) -> Decimal | None:
    """Return the value of a term as a number, None when there is none."""
    if term is None:
        return None
    return decimal(term.value)


def decimal(text: str) -> Decimal | None:
    """Return the number a text says, None when it says none, or one beyond any document."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() and found.adjusted() < _DIGITS else None


def total(numbers: Iterable[Decimal | None]) -> Decimal:
    """Return the sum of the numbers there are."""
    return sum((value for value in numbers if value is not None), Decimal(0))


def kilograms(term: Term | None) -> Decimal | None:
    """Return a quantity in kilograms, None when it measures something else."""
    if term is None:
        return None
    value = number(term)
    factor = _KILOGRAMS.get(term.attrs.get("unit", ""))
    return None if value is None or factor is None else value * factor


_KILOGRAMS: Final[Mapping[str, Decimal]] = {
    "KGM": Decimal(1),
    "GRM": Decimal("0.001"),
    "TNE": Decimal(1000),
    "DTN": Decimal(100),
    "LBR": Decimal("0.45359237"),
}


def sibling(path: str, name: str) -> str:
    """Return the path of the element `name` beside the one at `path`."""
    return path.rpartition("/")[0] + "/" + name


def attribute(term: Term, name: str) -> str:
    """Return an attribute, or the source code of one that has no counterpart."""
    return term.attrs.get(name) or term.attrs.get(f"source_{name}", "")
