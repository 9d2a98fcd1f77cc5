# ruff: noqa: RUF009 - term() and group() declare a field, as dataclasses.field does
"""The money of an invoice: payment, totals, VAT, allowances and charges of the document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from schemas.model.values import Amount
from schemas.term import group, term


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAddress:
    """Address of an account (IBG-34, PINT)."""

    line: str | None = term("IBT-169")
    line2: str | None = term("IBT-170")
    line3: str | None = term("IBT-174")
    city: str | None = term("IBT-171")
    postcode: str | None = term("IBT-172")
    subdivision: str | None = term("IBT-173")
    country: str | None = term("IBT-175")


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTransfer:
    """An account to pay to (BG-17)."""

    account: str | None = term("BT-84")
    account_name: str | None = term("BT-85")
    provider: str | None = term("BT-86")
    address: AccountAddress | None = group("IBG-34")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCard:
    """A card that was used (BG-18)."""

    number: str | None = term("BT-87")
    holder: str | None = term("BT-88")


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectDebit:
    """Direct debit (BG-19)."""

    mandate: str | None = term("BT-89")
    creditor: str | None = term("BT-90")
    debited_account: str | None = term("BT-91")


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Payment instructions (BG-16), one for each account."""

    means: str | None = term("BT-81")
    text: str | None = term("BT-82")
    reference: str | None = term("BT-83")
    transfer: CreditTransfer | None = group("BG-17")
    card: PaymentCard | None = group("BG-18")
    direct_debit: DirectDebit | None = group("BG-19")
    identifier: str | None = term("IBT-178")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """Terms of an instalment (IBG-33, PINT)."""

    amount: Amount | None = term("IBT-176")
    due: date | None = term("IBT-177")
    payment: str | None = term("IBT-187")


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdPartyPayment:
    """What a third party is paid (BG-DEX-09, XRechnung; date from PINT)."""

    type: str | None = term("BT-DEX-001")
    amount: Amount | None = term("BT-DEX-002")
    description: str | None = term("BT-DEX-003")
    received: date | None = term("IBT-181")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Document level allowance (BG-20)."""

    amount: Amount | None = term("BT-92")
    base: Amount | None = term("BT-93")
    percentage: Decimal | None = term("BT-94")
    category: str | None = term("BT-95")
    rate: Decimal | None = term("BT-96")
    reason: str | None = term("BT-97")
    reason_code: str | None = term("BT-98")
    exemption_code: str | None = term("IBT-196")
    exemption: str | None = term("IBT-197")


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Document level charge (BG-21)."""

    amount: Amount | None = term("BT-99")
    base: Amount | None = term("BT-100")
    percentage: Decimal | None = term("BT-101")
    category: str | None = term("BT-102")
    rate: Decimal | None = term("BT-103")
    reason: str | None = term("BT-104")
    reason_code: str | None = term("BT-105")
    exemption_code: str | None = term("IBT-198")
    exemption: str | None = term("IBT-199")


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Document totals (BG-22)."""

    line_net: Amount | None = term("BT-106")
    allowances: Amount | None = term("BT-107")
    charges: Amount | None = term("BT-108")
    without_vat: Amount | None = term("BT-109")
    vat: Amount | None = term("BT-110")
    vat_accounting: Amount | None = term("BT-111")
    with_vat: Amount | None = term("BT-112")
    paid: Amount | None = term("BT-113")
    rounding: Amount | None = term("BT-114")
    due: Amount | None = term("BT-115")


@dataclass(frozen=True, slots=True, kw_only=True)
class VatBreakdown:
    """VAT of one category and rate (BG-23)."""

    taxable: Amount | None = term("BT-116")
    tax: Amount | None = term("BT-117")
    category: str | None = term("BT-118")
    rate: Decimal | None = term("BT-119")
    exemption: str | None = term("BT-120")
    exemption_code: str | None = term("BT-121")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountingBreakdown:
    """Tax of one category and rate in the accounting currency (IBG-37, PINT)."""

    tax: Amount | None = term("IBT-190")
    category: str | None = term("IBT-192")
    rate: Decimal | None = term("IBT-193")
