# ruff: noqa: RUF009 - term() and group() declare a field, as dataclasses.field does
"""The parties of an invoice: seller, buyer, payee, tax representative, place of delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from schemas.model.values import Identifier
from schemas.term import group, term, terms


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerAddress:
    """Seller postal address (BG-5)."""

    line: str | None = term("BT-35")
    line2: str | None = term("BT-36")
    line3: str | None = term("BT-162")
    city: str | None = term("BT-37")
    postcode: str | None = term("BT-38")
    subdivision: str | None = term("BT-39")
    subdivision_code: str | None = term("BTOM-024")
    country: str | None = term("BT-40")


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerContact:
    """Seller contact (BG-6)."""

    point: str | None = term("BT-41")
    telephone: str | None = term("BT-42")
    email: str | None = term("BT-43")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """The third party that issues for the seller (PINT of Oman)."""

    name: str | None = term("BTOM-005")
    vat_id: str | None = term("BTOM-006")
    line: str | None = term("BTOM-007")
    line2: str | None = term("BTOM-008")
    line3: str | None = term("BTOM-009")
    city: str | None = term("BTOM-010")
    postcode: str | None = term("BTOM-011")
    country: str | None = term("BTOM-013")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """The seller (BG-4)."""

    name: str | None = term("BT-27")
    trading_name: str | None = term("BT-28")
    identifiers: tuple[Identifier, ...] = terms("BT-29")
    legal_id: Identifier | None = term("BT-30")
    vat_id: str | None = term("BT-31")
    tax_id: str | None = term("BT-32")
    legal_information: str | None = term("BT-33")
    electronic_address: Identifier | None = term("BT-34")
    address: SellerAddress | None = group("BG-5")
    contact: SellerContact | None = group("BG-6")
    uuid: str | None = term("BTOM-004")
    agent: Agent | None = group("agent")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerAddress:
    """Buyer postal address (BG-8)."""

    line: str | None = term("BT-50")
    line2: str | None = term("BT-51")
    line3: str | None = term("BT-163")
    city: str | None = term("BT-52")
    postcode: str | None = term("BT-53")
    subdivision: str | None = term("BT-54")
    subdivision_code: str | None = term("BTOM-026")
    country: str | None = term("BT-55")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerContact:
    """Buyer contact (BG-9)."""

    point: str | None = term("BT-56")
    telephone: str | None = term("BT-57")
    email: str | None = term("BT-58")


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """The buyer (BG-7)."""

    name: str | None = term("BT-44")
    trading_name: str | None = term("BT-45")
    identifiers: tuple[Identifier, ...] = terms("BT-46")
    legal_id: Identifier | None = term("BT-47")
    vat_id: str | None = term("BT-48")
    electronic_address: Identifier | None = term("BT-49")
    address: BuyerAddress | None = group("BG-8")
    contact: BuyerContact | None = group("BG-9")


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """Who is paid, if not the seller (BG-10)."""

    name: str | None = term("BT-59")
    identifiers: tuple[Identifier, ...] = terms("BT-60")
    legal_id: Identifier | None = term("BT-61")


@dataclass(frozen=True, slots=True, kw_only=True)
class RepresentativeAddress:
    """Tax representative postal address (BG-12)."""

    line: str | None = term("BT-64")
    line2: str | None = term("BT-65")
    line3: str | None = term("BT-164")
    city: str | None = term("BT-66")
    postcode: str | None = term("BT-67")
    subdivision: str | None = term("BT-68")
    country: str | None = term("BT-69")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRepresentative:
    """The seller's tax representative (BG-11)."""

    name: str | None = term("BT-62")
    vat_id: str | None = term("BT-63")
    address: RepresentativeAddress | None = group("BG-12")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAddress:
    """Deliver to address (BG-15)."""

    line: str | None = term("BT-75")
    line2: str | None = term("BT-76")
    line3: str | None = term("BT-165")
    city: str | None = term("BT-77")
    postcode: str | None = term("BT-78")
    subdivision: str | None = term("BT-79")
    country: str | None = term("BT-80")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Where and when the goods went (BG-13)."""

    name: str | None = term("BT-70")
    location: tuple[Identifier, ...] = terms("BT-71")
    delivered: date | None = term("BT-72")
    address: DeliveryAddress | None = group("BG-15")
    customs_declaration: str | None = term("BTOM-021")
    incoterms: str | None = term("BTOM-022")
    imported: date | None = term("BTOM-030")
