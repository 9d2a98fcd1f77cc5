"""Single-error copies of a WCO declaration, each with the findings that would be right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

from lxml import etree

from schemas import xml
from tests.conformance.mutants_customs import Accept, Mutant

ITEM: Final = "Declaration/GoodsShipment/GovernmentAgencyGoodsItem"
BOX: Final = "Declaration/GoodsShipment/Consignment/TransportEquipment"
VALUES: Final = (
    ("Declaration/GoodsShipment/Destination/CountryCode", "QQ", ("code",)),
    ("Declaration/GoodsShipment/ExportCountry/ID", "CHN", ("code", "table", "length", "format")),
    ("Declaration/BorderTransportMeans/ModeCode", "X", ("code", "format")),
    ("Declaration/GoodsShipment/TradeTerms/ConditionCode", "QQQ", ("code",)),
    (f"{ITEM}/Origin/CountryCode", "QQ", ("code",)),
    (f"{ITEM}[2]/Destination/CountryCode", "156", ("code", "table", "length", "format")),
    (f"{ITEM}/Packaging/TypeCode", "QQQ", ("code", "length", "format")),
    ("Declaration/FunctionalReferenceID", "R" * 40, ("length",)),
    ("Declaration/Exporter/Name", "N" * 300, ("length",)),
    ("Declaration/TypeCode", "IMPORT", ("length",)),
    ("Declaration/GoodsItemQuantity", "three", ("format",)),
    ("Declaration/TotalGrossMassMeasure", "heavy", ("format",)),
    ("Declaration/TotalPackageQuantity", "1 3", ("format",)),
    (f"{ITEM}/SequenceNumeric", "one", ("format",)),
    (f"{ITEM}/Commodity/InvoiceLine/ItemChargeAmount", "12,50", ("format",)),
    ("Declaration/InvoiceAmount", "999999.99", ("sum",)),
    ("Declaration/GoodsItemQuantity", "99", ("consistency", "sum")),
    (f"{ITEM}[2]/SequenceNumeric", "1", ("consistency",)),
    (f"{BOX}/ID", "TSTU2603099", ("checkdigit",)),
    ("Declaration/TotalGrossMassMeasure", "12.0", ("weight",)),
)
ATTRIBUTES: Final = (
    ("Declaration/InvoiceAmount", "currencyID", "QQQ"),
    ("Declaration/TotalGrossMassMeasure", "unitCode", "QQQ"),
    (f"{ITEM}/Commodity/InvoiceLine/ItemChargeAmount", "currencyID", "502"),
)


@dataclass(slots=True)
class _Source:
    data: bytes

    def edited(
        self, name: str, where: str, edit: Callable[[xml.Element], None], *accept: Accept
    ) -> Iterator[Mutant]:
        root = xml.parse(self.data)
        found = _find(root, where)
        if found is not None:
            edit(found)
            yield Mutant(f"{name} {where}", etree.tostring(root, encoding="utf-8"), accept)


def _find(root: xml.Element, where: str) -> xml.Element | None:
    here: xml.Element | None = root
    for step in where.split("/"):
        name, _, index = step.rstrip("]").partition("[")
        found = [] if here is None else here.findall(f"{{*}}{name}")
        here = found[int(index or 1) - 1] if len(found) >= int(index or 1) else None
    return here


def mutants(data: bytes) -> Iterator[Mutant]:
    """Yield the single-error copies of a WCO declaration in its MetaData envelope."""
    source = _Source(data)
    for where, value, kinds in VALUES:
        yield from source.edited("value", where, _text(value), (f"MetaData/{where}", kinds))
    for where, name, value in ATTRIBUTES:
        kinds = ("code", "table", "length", "format")
        accept = ((f"MetaData/{where}/@{name}", kinds), (f"MetaData/{where}", kinds))
        yield from source.edited("attribute", where, _attribute(name, value), *accept)
    yield from _structure(source)


def _text(value: str) -> Callable[[xml.Element], None]:
    def edit(element: xml.Element) -> None:
        element.text = value

    return edit


def _attribute(name: str, value: str) -> Callable[[xml.Element], None]:
    def edit(element: xml.Element) -> None:
        element.set(name, value)

    return edit


def _structure(source: _Source) -> Iterator[Mutant]:
    kinds = ("structure",)

    def foreign(element: xml.Element) -> None:
        etree.SubElement(element, f"{{{etree.QName(element).namespace}}}Foreign").text = "1"

    def twice(element: xml.Element) -> None:
        element.addnext(deepcopy(element))

    def drop(element: xml.Element) -> None:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)

    where = "Declaration/GoodsShipment"
    yield from source.edited("foreign", where, foreign, (f"MetaData/{where}/Foreign", kinds))
    where = "Declaration/FunctionalReferenceID"
    places = (f"MetaData/{where}[2]", f"MetaData/{where}")
    yield from source.edited("twice", where, twice, *((place, kinds) for place in places))
    where = "Declaration/FunctionCode"
    yield from source.edited("drop", where, drop, (f"MetaData/{where}", ("mandatory",)))
