"""Rules over freight, insurance and other charges of the Chinese goods declaration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from schemas.document import Term
from schemas.rules.rule import Mismatch, rule
from schemas.rules.view import Terms, View, attribute, number, sibling
from schemas.text import Text

_RATE: Final = "1"


@dataclass(frozen=True, slots=True)
class Charge:
    """The elements of one charge in the head: `amount` is the term when the mark says total."""

    name: str
    amount: str

    @property
    def mark(self) -> str:
        """The term of the mark: 1 rate, 2 unit price, 3 total."""
        return f"ext.cn.{self.name}Mark"

    @property
    def rate(self) -> str:
        """The term of the figure when the mark says rate or unit price."""
        return f"ext.cn.{self.name}Rate"


_VALUATION: Final = "GoodsShipment.CustomsValuation"
CHARGES: Final = (
    Charge("Fee", f"{_VALUATION}.FreightChargeAmount"),
    Charge("Insur", f"{_VALUATION}.ChargeDeduction.OtherChargeDeductionAmount"),
    Charge("Other", f"{_VALUATION}.ChargeDeduction[2].OtherChargeDeductionAmount"),
)


@rule(
    "mandatory-charge",
    terms=tuple(charge.amount for charge in CHARGES),
    says=Text("{term} is not complete: {expected} is missing.", "{term}不完整:缺少 {expected}。"),
    hint=Text(
        "A charge needs its mark, its amount and, unless it is a rate, its currency.",
        "费用须同时填报标记与数额;除费率外还须填报币制。",
    ),
)
def complete_charge(declaration: View) -> Iterator[Mismatch]:
    """Freight, insurance and other charges have mark, figure and (but for rates) currency."""
    for charge in CHARGES:
        figure = _figure(declaration.head, charge)
        mark = declaration.head.get(charge.mark)
        anchor = mark or figure or _orphan(declaration.head, charge)
        if anchor is None:
            continue
        for part in _absent(declaration.head, charge, mark, figure):
            element = charge.name + part
            yield Mismatch(
                anchor, expected=element, path=sibling(anchor.path, element), about=charge.amount
            )


def _absent(head: Terms, charge: Charge, mark: Term | None, figure: Term | None) -> Iterator[str]:
    if mark is None:
        yield "Mark"
    if figure is None:
        yield "Rate"
    elif mark is not None and mark.value != _RATE and not attribute(figure, "currency"):
        yield "Curr"
    if figure is None and mark is not None and mark.value != _RATE and not _orphan(head, charge):
        yield "Curr"


def _figure(head: Terms, charge: Charge) -> Term | None:
    """Return the term of the charge's figure: the element Rate, whichever term holds it."""
    for term_id in (charge.rate, charge.amount):
        term = head.get(term_id)
        if term is not None and term.path.endswith(f"{charge.name}Rate"):
            return term
    return None


def _orphan(head: Terms, charge: Charge) -> Term | None:
    return head.get(f"{charge.rate}@currency") or head.get(f"{charge.amount}@currency")


@rule(
    "range-charge-rate",
    terms=("ext.cn.FeeRate",),
    says=Text("{term} is {found} percent.", "{term}为百分之 {found}。"),
    hint=Text(
        "A charge marked 1 is a percentage of the price; mark a total with 3.",
        "标记 1 表示费率(百分比);总价请用标记 3。",
    ),
)
def charge_rate(declaration: View) -> Iterator[Mismatch]:
    """A charge marked as rate is below one hundred percent."""
    for charge in CHARGES:
        mark, figure = declaration.head.get(charge.mark), _figure(declaration.head, charge)
        value = number(figure)
        if mark is not None and mark.value == _RATE and value is not None and value >= _WHOLE:
            yield Mismatch(figure, found=str(value), expected="< 100")


_WHOLE: Final = Decimal(100)
