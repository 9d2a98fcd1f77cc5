"""A bill of lading as people know it: its boxes, its table of goods, and what stands below.

The same sheet is printed as HTML and as PDF. It is a print of the record's words: the record
controls, and the sheet says so.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

import adapters
from gateway.lading import wording
from gateway.lading.machine import Kind, Status, kind_of
from schemas.model import from_document
from schemas.model.lading import Lading, Transport
from schemas.model.values import Quantity
from schemas.text import Text

Lines = wording.Lines


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the form: its caption, and what is written in it; `wide` ones span the sheet."""

    caption: Text
    lines: Lines
    name: str = ""


@dataclass(frozen=True, slots=True)
class Goods:
    """One row of the table of goods; each cell is a column of lines."""

    containers: Lines
    marks: Lines
    packages: Lines
    description: Lines
    weight: Lines
    measure: Lines


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that stands on the page, in the order of the page."""

    title: Text
    number: str
    carrier: str
    kind: Text
    stamp: Text | None
    left: tuple[Box, ...]
    right: tuple[Box, ...]
    voyage: tuple[Box, ...]
    goods: tuple[Goods, ...]
    totals: Goods
    particulars: tuple[Box, ...]
    clause: Text
    conditions: str
    notice: Text


def read(data: bytes) -> Sheet:
    """Return the sheet of a transport document, or of the record that holds one.

    Raises the errors of reading a document (SG-11xx), NoModel for one that does not fit.
    """
    lading: Lading = from_document(adapters.read(data).document)
    return _sheet(lading.transport or Transport())


@cache
def _words() -> dict[str, Text]:
    table = files("gateway.lading").joinpath("sheet.csv").read_text("utf-8")
    return {row["id"]: Text(row["en"], row["zh"]) for row in csv.DictReader(table.splitlines())}


def word(word_id: str) -> Text:
    """Return a caption or sentence of the sheet."""
    return _words()[word_id]


def _sheet(bill: Transport) -> Sheet:
    kind = _kind(bill)
    rows = tuple(_goods(bill))
    return Sheet(
        title=word("sea-waybill" if kind is Kind.SEA_WAYBILL else "bill-of-lading"),
        number=bill.reference or "",
        carrier=_carrier(bill),
        kind=word(f"kind-{kind}"),
        stamp=_stamp(bill),
        left=tuple(_left(bill, kind)),
        right=tuple(_right(bill)),
        voyage=tuple(_voyage(bill)),
        goods=rows,
        totals=_totals(bill),
        particulars=tuple(_particulars(bill)),
        clause=word("shipped" if bill.shipped == "true" else "received"),
        conditions=bill.conditions or "",
        notice=word("notice" if kind.of_title else "notice-waybill"),
    )


def _kind(bill: Transport) -> Kind:
    endorsee = bill.parties is not None and bill.parties.endorsee is not None
    return kind_of(
        type_code=bill.type or "BOL", to_order=bill.to_order == "true", endorsee=endorsee
    )


def _carrier(bill: Transport) -> str:
    issuing = bill.parties.issuing if bill.parties else None
    return (issuing.name if issuing else None) or bill.carrier or ""


def _stamp(bill: Transport) -> Text | None:
    """Return what is stamped across a document that is not in force."""
    status = bill.status or Status.DRAFT
    return None if status == Status.ISSUED else _words().get(f"stamp-{status}")


def _left(bill: Transport, kind: Kind) -> Iterator[Box]:
    parties = bill.parties
    if parties is None:
        return
    yield Box(word("shipper"), wording.party(parties.shipper), "party")
    if kind is Kind.TO_ORDER:
        order = word("to-order-of")
        named = wording.party(parties.endorsee)
        yield Box(word("consignee"), (f"{order.en} / {order.zh}", *named), "party")
    elif kind is Kind.BLANK:
        order = word("to-order")
        yield Box(word("consignee"), (f"{order.en} / {order.zh}",), "party")
    else:
        yield Box(word("consignee"), wording.party(parties.consignee), "party")
    notified = [line for party in parties.notify for line in wording.party(party)]
    yield Box(word("notify"), tuple(notified) or ("-",), "party")


def _right(bill: Transport) -> Iterator[Box]:
    bookings = dict.fromkeys(item.booking for item in bill.goods if item.booking)
    yield Box(word("booking"), tuple(bookings))
    contract = bill.service_contract
    yield Box(word("contract"), (contract,) if contract else ())
    parties = bill.parties
    yield Box(
        word("agent"), wording.party(parties.agent_at_destination if parties else None), "party"
    )
    contacts = [
        " · ".join(part for part in (each.name, each.phone, each.email) if part)
        for each in bill.contacts
    ]
    yield Box(word("contact"), tuple(contacts))


def _voyage(bill: Transport) -> Iterator[Box]:
    transports = bill.transports
    if transports is None:
        return
    yield Box(word("pre-carriage"), wording.one(transports.pre_carriage))
    yield Box(word("receipt"), bill.displayed_receipt or wording.place(transports.receipt))
    legs = [
        " / ".join(part for part in (leg.vessel, leg.voyage) if part) for leg in transports.voyages
    ]
    yield Box(word("vessel"), tuple(legs))
    yield Box(word("loading"), bill.displayed_loading or wording.place(transports.loading_port))
    yield Box(
        word("discharge"), bill.displayed_discharge or wording.place(transports.discharge_port)
    )
    yield Box(word("delivery"), bill.displayed_delivery or wording.place(transports.delivery))


def _goods(bill: Transport) -> Iterator[Goods]:
    for item in bill.goods:
        cargo = item.cargo
        dangerous = [
            " ".join(
                part
                for part in (
                    f"UN {one.un_number}" if one.un_number else None,
                    one.shipping_name,
                    f"IMO {one.imo_class}" if one.imo_class else None,
                    f"PG {one.packing_group}" if one.packing_group else None,
                )
                if part
            )
            for each in cargo
            for one in each.dangerous
        ]
        hs = (f"HS {', '.join(item.hs_codes)}",) if item.hs_codes else ()
        yield Goods(
            containers=tuple(dict.fromkeys(_box(bill, each.equipment) for each in cargo)),
            marks=item.marks or (word("no-marks").en,),
            packages=tuple(wording.packages(each) for each in cargo),
            description=(*item.descriptions, *hs, *dangerous),
            weight=tuple(wording.measured(each.gross_weight) for each in cargo),
            measure=tuple(wording.measured(each.gross_volume) for each in cargo),
        )


def _box(bill: Transport, reference: str | None) -> str:
    """Return a container with its size and type and its seals."""
    for each in bill.equipment:
        if each.reference == reference and reference:
            seals = ", ".join(seal.number for seal in each.seals if seal.number)
            parts = (reference, each.type, f"SEAL {seals}" if seals else None)
            return " / ".join(part for part in parts if part)
    return reference or "-"


def _totals(bill: Transport) -> Goods:
    cargo = [each for item in bill.goods for each in item.cargo]
    packages = sum((each.packages for each in cargo if each.packages is not None), Decimal(0))
    count = word("containers")
    return Goods(
        containers=(f"{count.en} / {count.zh}: {len(bill.equipment)}",),
        marks=(),
        packages=(wording.number(packages),),
        description=(),
        weight=_sum([each.gross_weight for each in cargo]),
        measure=_sum([each.gross_volume for each in cargo]),
    )


def _sum(values: list[Quantity | None]) -> Lines:
    """Return the total of each unit; no total where a part is missing."""
    found: dict[str, Decimal] = {}
    for each in values:
        if each is None:
            return ()
        found[each.unit] = found.get(each.unit, Decimal(0)) + each.value
    return tuple(wording.measured(Quantity(total, unit)) for unit, total in found.items())


def _particulars(bill: Transport) -> Iterator[Box]:
    freight = word(f"freight-{bill.freight}") if bill.freight in {"PRE", "COL"} else None
    charges = [
        " ".join(
            part
            for part in (
                each.name,
                f"{each.amount.currency} {wording.number(each.amount.value)}"
                if each.amount
                else None,
                each.payment,
            )
            if part
        )
        for each in bill.charges
    ]
    yield Box(word("freight"), (*((f"{freight.en} / {freight.zh}",) if freight else ()), *charges))
    yield Box(word("payable"), wording.place(bill.payable_at))
    value = bill.declared_value
    stated = (f"{value.currency} {wording.number(value.value)}",) if value else ()
    yield Box(word("declared"), stated)
    yield Box(word("originals"), (_originals(bill),))
    yield Box(word("on-board"), wording.one(bill.on_board or bill.received))
    yield Box(word("issued"), (*wording.place(bill.issue_place), *wording.one(bill.issued)))
    if bill.clauses:
        yield Box(word("clauses"), bill.clauses)


def _originals(bill: Transport) -> str:
    if bill.type == "SWB":
        return "0"
    stated = [bill.originals_with_charges, bill.originals_without_charges]
    known = [each for each in stated if each is not None]
    electronic = word("electronic")
    if bill.electronic == "true":
        return f"{electronic.en} / {electronic.zh}"
    return wording.number(sum(known, Decimal(0))) if known else "-"
