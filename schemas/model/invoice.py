# ruff: noqa: RUF009 - term() and group() declare a field, as dataclasses.field does
"""The invoice: the semantic model of EN 16931-1, with the terms that PINT and XRechnung add."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from schemas.model.invoice_lines import Line
from schemas.model.invoice_parties import Buyer, Delivery, Payee, Seller, TaxRepresentative
from schemas.model.invoice_payment import (
    AccountingBreakdown,
    Allowance,
    Charge,
    Instalment,
    Payment,
    ThirdPartyPayment,
    Totals,
    VatBreakdown,
)
from schemas.model.values import Attachment, Identifier
from schemas.term import group, groups, term, terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note and what it is about (BG-1)."""

    subject: str | None = term("BT-21")
    text: str | None = term("BT-22")


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """Process and specification that the invoice follows (BG-2)."""

    type: str | None = term("BT-23")
    specification: str | None = term("BT-24")
    transaction: str | None = term("BTAE-02")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preceding:
    """A preceding invoice (BG-3)."""

    number: str | None = term("BT-25")
    issued: date | None = term("BT-26")
    uuid: str | None = term("BTOM-031")
    correction: str | None = term("BTOM-032")


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Invoicing period (BG-14)."""

    start: date | None = term("BT-73")
    end: date | None = term("BT-74")


@dataclass(frozen=True, slots=True, kw_only=True)
class Supporting:
    """An additional supporting document (BG-24)."""

    reference: str | None = term("BT-122")
    description: str | None = term("BT-123")
    location: str | None = term("BT-124")
    attachment: Attachment | None = term("BT-125")
    uuid: str | None = term("BTOM-023")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice or credit note (EN 16931-1)."""

    separator: ClassVar[str] = "/"

    number: str | None = term("BT-1")
    issued: date | None = term("BT-2")
    issue_time: str | None = term("IBT-168")
    uuid: str | None = term("IBT-SG-003")
    type: str | None = term("BT-3")
    currency: str | None = term("BT-5")
    vat_currency: str | None = term("BT-6")
    tax_point: date | None = term("BT-7")
    tax_point_code: str | None = term("BT-8")
    due: date | None = term("BT-9")
    buyer_reference: str | None = term("BT-10")
    project: str | None = term("BT-11")
    contract: str | None = term("BT-12")
    order: str | None = term("BT-13")
    sales_order: str | None = term("BT-14")
    receiving_advice: str | None = term("BT-15")
    despatch_advice: str | None = term("BT-16")
    tender: str | None = term("BT-17")
    objects: tuple[Identifier, ...] = terms("BT-18")
    buyer_accounting: str | None = term("BT-19")
    payment_terms: str | None = term("BT-20")
    notes: tuple[Note, ...] = groups("BG-1")
    process: Process | None = group("BG-2")
    preceding: tuple[Preceding, ...] = groups("BG-3")
    seller: Seller | None = group("BG-4")
    buyer: Buyer | None = group("BG-7")
    payee: Payee | None = group("BG-10")
    representative: TaxRepresentative | None = group("BG-11")
    delivery: Delivery | None = group("BG-13")
    period: Period | None = group("BG-14")
    payments: tuple[Payment, ...] = groups("BG-16")
    allowances: tuple[Allowance, ...] = groups("BG-20")
    charges: tuple[Charge, ...] = groups("BG-21")
    totals: Totals | None = group("BG-22")
    vat: tuple[VatBreakdown, ...] = groups("BG-23")
    supporting: tuple[Supporting, ...] = groups("BG-24")
    lines: tuple[Line, ...] = groups("BG-25")
    third_party_payments: tuple[ThirdPartyPayment, ...] = groups("BG-DEX-09")
    instalments: tuple[Instalment, ...] = groups("IBG-33")
    vat_accounting: tuple[AccountingBreakdown, ...] = groups("IBG-37")
    correction: str | None = term("BTAE-03")
    beneficiary: str | None = term("BTAE-01")
    principal: str | None = term("BTAE-14")
    exchange_rate: Decimal | None = term("BTAE-04")
    ext: Mapping[str, str] | None = None
