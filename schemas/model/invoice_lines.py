# ruff: noqa: RUF009 - term() and group() declare a field, as dataclasses.field does
"""The lines of an invoice, and what they are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from schemas.model.values import Amount, Identifier, Quantity
from schemas.term import group, groups, term, terms


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePeriod:
    """Period of a line (BG-26)."""

    start: date | None = term("BT-134")
    end: date | None = term("BT-135")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAllowance:
    """Allowance of a line (BG-27)."""

    amount: Amount | None = term("BT-136")
    base: Amount | None = term("BT-137")
    percentage: Decimal | None = term("BT-138")
    reason: str | None = term("BT-139")
    reason_code: str | None = term("BT-140")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCharge:
    """Charge of a line (BG-28)."""

    amount: Amount | None = term("BT-141")
    base: Amount | None = term("BT-142")
    percentage: Decimal | None = term("BT-143")
    reason: str | None = term("BT-144")
    reason_code: str | None = term("BT-145")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Price details (BG-29); the unit of the base quantity is BT-150."""

    net: Amount | None = term("BT-146")
    discount: Amount | None = term("BT-147")
    gross: Amount | None = term("BT-148")
    base: Quantity | None = term("BT-149")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineVat:
    """VAT of a line (BG-30)."""

    category: str | None = term("BT-151")
    rate: Decimal | None = term("BT-152")
    exemption: str | None = term("IBT-185")
    exemption_code: str | None = term("IBT-186")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """An attribute of the item (BG-32), e.g. its gross weight."""

    name: str | None = term("BT-160")
    value: str | None = term("BT-161")
    margin_reason: str | None = term("BTOM-025")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Item information (BG-31)."""

    name: str | None = term("BT-153")
    description: str | None = term("BT-154")
    seller_id: str | None = term("BT-155")
    buyer_id: str | None = term("BT-156")
    standard_id: Identifier | None = term("BT-157")
    classifications: tuple[Identifier, ...] = terms("BT-158")
    origin: str | None = term("BT-159")
    kinds: tuple[str, ...] = terms("BT-158/BTAE-13")
    reverse_charged: tuple[str, ...] = terms("BT-158/BTAE-09")
    service_codes: tuple[Identifier, ...] = terms("BTAE-17")
    attributes: tuple[Attribute, ...] = groups("BG-32")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Invoice line (BG-25); the unit of the quantity is BT-130."""

    id: str | None = term("BT-126")
    note: str | None = term("BT-127")
    object: Identifier | None = term("BT-128")
    quantity: Quantity | None = term("BT-129")
    net: Amount | None = term("BT-131")
    order_line: str | None = term("BT-132")
    buyer_accounting: str | None = term("BT-133")
    period: LinePeriod | None = group("BG-26")
    allowances: tuple[LineAllowance, ...] = groups("BG-27")
    charges: tuple[LineCharge, ...] = groups("BG-28")
    price: Price | None = group("BG-29")
    vat: LineVat | None = group("BG-30")
    item: Item | None = group("BG-31")
    order: str | None = term("IBT-183")
    despatch: str | None = term("IBT-184")
    tax: Amount | None = term("BTAE-08")
    payable: Amount | None = term("BTAE-10")
    sublines: tuple[SubLine, ...] = groups("BG-DEX-01")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubItem(Item):
    """Item information of a sub-line (BG-DEX-02, XRechnung)."""

    attributes: tuple[Attribute, ...] = groups("BG-DEX-08")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubLine(Line):
    """A line within a line (BG-DEX-01, XRechnung): the terms of a line in groups of its own."""

    period: LinePeriod | None = group("BG-DEX-05")
    allowances: tuple[LineAllowance, ...] = groups("BG-DEX-03")
    charges: tuple[LineCharge, ...] = groups("BG-DEX-04")
    price: Price | None = group("BG-DEX-07")
    vat: LineVat | None = group("BG-DEX-06")
    item: SubItem | None = group("BG-DEX-02")
