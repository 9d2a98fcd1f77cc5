# ruff: noqa: RUF009 - term() and group() declare a field, as dataclasses.field does
"""The invoice: terms of EN 16931, as far as a declaration is joined to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from schemas.model.values import Amount, Identifier, Quantity
from schemas.term import group, groups, term


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerAddress:
    """Seller postal address (BG-5)."""

    line: str | None = term("BT-35")
    line2: str | None = term("BT-36")
    city: str | None = term("BT-37")
    postcode: str | None = term("BT-38")
    subdivision: str | None = term("BT-39")
    country: str | None = term("BT-40")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """The seller (BG-4)."""

    name: str | None = term("BT-27")
    trading_name: str | None = term("BT-28")
    legal_id: Identifier | None = term("BT-30")
    vat_id: str | None = term("BT-31")
    address: SellerAddress | None = group("BG-5")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerAddress:
    """Buyer postal address (BG-8)."""

    line: str | None = term("BT-50")
    line2: str | None = term("BT-51")
    city: str | None = term("BT-52")
    postcode: str | None = term("BT-53")
    subdivision: str | None = term("BT-54")
    country: str | None = term("BT-55")


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """The buyer (BG-7)."""

    name: str | None = term("BT-44")
    trading_name: str | None = term("BT-45")
    legal_id: Identifier | None = term("BT-47")
    vat_id: str | None = term("BT-48")
    address: BuyerAddress | None = group("BG-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Document totals (BG-22)."""

    line_net: Amount | None = term("BT-106")
    without_vat: Amount | None = term("BT-109")
    vat: Amount | None = term("BT-110")
    with_vat: Amount | None = term("BT-112")
    due: Amount | None = term("BT-115")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Price details (BG-29)."""

    net: Amount | None = term("BT-146")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """An attribute of the item (BG-32), e.g. its gross weight."""

    name: str | None = term("BT-160")
    value: str | None = term("BT-161")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Item information (BG-31)."""

    name: str | None = term("BT-153")
    description: str | None = term("BT-154")
    seller_id: str | None = term("BT-155")
    classification: Identifier | None = term("BT-158")
    origin: str | None = term("BT-159")
    attributes: tuple[Attribute, ...] = groups("BG-32")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Invoice line (BG-25)."""

    id: str | None = term("BT-126")
    quantity: Quantity | None = term("BT-129")
    net: Amount | None = term("BT-131")
    price: Price | None = group("BG-29")
    item: Item | None = group("BG-31")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice (EN 16931-1)."""

    separator: ClassVar[str] = "/"

    number: str | None = term("BT-1")
    issued: date | None = term("BT-2")
    type: str | None = term("BT-3")
    currency: str | None = term("BT-5")
    contract: str | None = term("BT-12")
    order: str | None = term("BT-13")
    seller: Seller | None = group("BG-4")
    buyer: Buyer | None = group("BG-7")
    totals: Totals | None = group("BG-22")
    lines: tuple[Line, ...] = groups("BG-25")
    ext: Mapping[str, str] | None = None
