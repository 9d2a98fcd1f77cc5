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
from typing import Final

import adapters
from gateway.lading.machine import Kind, Status, kind_of
from gateway.lading.page import wording
from schemas.model import from_document
from schemas.model.lading import CargoItem, Charge, Equipment, Lading, Transport
from schemas.model.values import Quantity
from schemas.text import Text

Lines = wording.Lines

_PAYMENTS: Final = frozenset({"PRE", "COL"})


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the form: its caption, and what is written in it.

    `name` says how it is drawn: `party` boxes are high, `wide` ones span the sheet.
    """

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
    table = files("gateway.lading.page").joinpath("sheet.csv").read_text("utf-8")
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
        named = wording.party(parties.endorsee)
        yield Box(word("consignee"), (both("to-order-of"), *named), "party")
    elif kind is Kind.BLANK:
        yield Box(word("consignee"), (both("to-order"),), "party")
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
    yield Box(word("movement"), _movement(bill))
    yield Box(
        word("agent"), wording.party(parties.agent_at_destination if parties else None), "party"
    )
    contacts = [
        " · ".join(part for part in (each.name, each.phone, each.email) if part)
        for each in bill.contacts
    ]
    yield Box(word("contact"), tuple(contacts))


def _movement(bill: Transport) -> Lines:
    """Return where the carrier takes the cargo over and gives it up, and how it is stuffed."""
    ends = (
        (bill.receipt_type, bill.delivery_type),
        (bill.movement_origin, bill.movement_destination),
    )
    said = [f"{start or '-'}/{end or '-'}" for start, end in ends if start or end]
    return (" · ".join(said),) if said else ()


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
    """Yield a row for each cargo, what its item says of all of them beside the first."""
    boxes = {each.reference: each for each in bill.equipment if each.reference}
    for item in bill.goods:
        hs = (f"HS {', '.join(item.hs_codes)}",) if item.hs_codes else ()
        marks: Lines = item.marks or (word("no-marks").en,)
        described: Lines = (*item.descriptions, *hs)
        for cargo in item.cargo or (CargoItem(),):
            yield Goods(
                containers=_box(cargo.equipment, boxes.get(cargo.equipment or "")),
                marks=marks,
                packages=(wording.packages(cargo),),
                description=(*described, *map(wording.dangerous, cargo.dangerous)),
                weight=wording.one(wording.measured(cargo.gross_weight)),
                measure=wording.one(wording.measured(cargo.gross_volume)),
            )
            marks = described = ()


def _box(reference: str | None, box: Equipment | None) -> Lines:
    """Return a container with its size and type, its seals, and the temperature it is set at."""
    if box is None:
        return (reference or "-",)
    seals = ", ".join(seal.number for seal in box.seals if seal.number)
    lines = [" / ".join(part for part in (reference, box.type) if part)]
    if seals:
        lines.append(f"SEAL {seals}")
    if box.temperature is not None:
        lines.append(f"{both('set-at')} {wording.temperature(box)}")
    return tuple(lines)


def both(word_id: str) -> str:
    """Return words in both languages, for a line that is not a caption."""
    said = word(word_id)
    return f"{said.en} / {said.zh}"


def _totals(bill: Transport) -> Goods:
    cargo = [each for item in bill.goods for each in item.cargo]
    packages = sum((each.packages for each in cargo if each.packages is not None), Decimal(0))
    return Goods(
        containers=(f"{both('containers')}: {len(bill.equipment)}",),
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
    terms = (both(f"freight-{bill.freight}"),) if bill.freight in _PAYMENTS else ()
    yield Box(word("freight"), (*terms, *map(_charge, bill.charges)))
    yield Box(word("payable"), wording.place(bill.payable_at))
    value = bill.declared_value
    stated = (f"{value.currency} {wording.number(value.value)}",) if value else ()
    yield Box(word("declared"), stated)
    yield Box(word("originals"), (_originals(bill),))
    yield Box(word("on-board"), wording.one(bill.on_board or bill.received))
    yield Box(word("issued"), (*wording.place(bill.issue_place), *wording.one(bill.issued)))
    if bill.clauses:
        yield Box(word("clauses"), bill.clauses, "wide")


def _charge(charge: Charge) -> str:
    amount = charge.amount
    stated = f"{amount.currency} {wording.number(amount.value)}" if amount else ""
    paid = both(f"payment-{charge.payment}") if charge.payment in _PAYMENTS else ""
    return " ".join(part for part in (charge.name, stated, paid) if part)


def _originals(bill: Transport) -> str:
    if bill.type == "SWB":
        return "0"
    stated = [bill.originals_with_charges, bill.originals_without_charges]
    known = [each for each in stated if each is not None]
    if bill.electronic == "true":
        return both("electronic")
    return wording.number(sum(known, Decimal(0))) if known else "-"
