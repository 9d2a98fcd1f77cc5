"""Rules over the Chinese goods declaration (DecMessage): its extension terms `ext.cn.*`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from schemas.document import Term
from schemas.finding import Flag
from schemas.rules.checkdigits import credit_code_digit, organisation_digit
from schemas.rules.declaration import CENT, ITEM, LINE_AMOUNT, NET
from schemas.rules.rule import Mismatch, rule
from schemas.rules.view import Terms, View, decimal, kilograms, number, sibling, total
from schemas.text import Text

EXPORT: Final = "E"
_RATE, _TOTAL = "1", "3"


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
    "sum-line-amount",
    terms=(f"{ITEM}.{LINE_AMOUNT}", f"{ITEM}.ext.cn.DeclPrice", f"{ITEM}.ext.cn.GQty"),
    says=Text(
        "{term} is {found}, but quantity by price is {expected}.",
        "{term}为 {found},而数量乘单价为 {expected}。",
    ),
    hint=Text(
        "Correct the total, the price or the quantity of the line.",
        "请更正该项的总价、单价或数量。",
    ),
)
def line_amount(declaration: View) -> Iterator[Mismatch]:
    """Quantity by price is the line's total, within what the price's last digit can hide."""
    for item in declaration.items:
        quantity, price = _written(item.get("ext.cn.GQty")), _written(item.get("ext.cn.DeclPrice"))
        amount = number(item.get(LINE_AMOUNT))
        if quantity is None or price is None or amount is None or min(quantity, price, amount) <= 0:
            continue
        product = quantity * price
        if product == amount or abs(product - amount) <= _slack(quantity, price):
            continue
        expected = product.quantize(CENT)
        yield Mismatch(item[LINE_AMOUNT], found=str(amount), expected=str(expected))


def _written(term: Term | None) -> Decimal | None:
    """Return the number as the source has it: prices go with the unit that was declared."""
    return None if term is None else decimal(term.source or term.value)


def _slack(quantity: Decimal, price: Decimal) -> Decimal:
    """Return what rounding the total and the price's last digit can hide."""
    exponent = price.as_tuple().exponent
    half_digit = Decimal(5).scaleb(min(exponent if isinstance(exponent, int) else 0, 0) - 1)
    return max(CENT, CENT / 2 + quantity * half_digit)


@rule(
    "weight-net-above-gross",
    terms=("ext.cn.NetWt", "TotalGrossMassMeasure"),
    says=Text(
        "{term} is {found} kg, more than the gross weight of {expected} kg.",
        "{term}为 {found} 千克,大于毛重 {expected} 千克。",
    ),
    hint=Text(
        "The net weight cannot exceed the gross weight; correct one of them.",
        "净重不得大于毛重,请更正其中之一。",
    ),
)
def net_above_gross(declaration: View) -> Iterator[Mismatch]:
    """The declared net weight is not above the gross weight.

    The weight to fix is the one that the lines' own kilograms contradict.
    """
    net_term = declaration.head.get("ext.cn.NetWt")
    gross_term = declaration.head.get("TotalGrossMassMeasure")
    net, gross = number(net_term), number(gross_term)
    if net is None or gross is None or net <= gross:
        return
    lines = total(kilograms(item.get(NET)) for item in declaration.items)
    if lines > gross:
        yield Mismatch(gross_term, found=str(gross), expected=f">= {net}")
    else:
        yield Mismatch(net_term, found=str(net), expected=f"<= {gross}")


@rule(
    "weight-lines-above-header-net",
    terms=("ext.cn.NetWt", f"{ITEM}.{NET}"),
    says=Text(
        "{term} is {found} kg; the lines weigh {expected} kg more than the net weight allows.",
        "{term}为 {found} 千克;各项重量超出净重 {expected} 千克。",
    ),
    hint=Text(
        "Correct the net weight of the head or the kilograms of the line.",
        "请更正表头净重或该项的千克数。",
    ),
)
def lines_above_header_net(declaration: View) -> Iterator[Mismatch]:
    """The lines' kilograms do not add up to more than the declared net weight.

    If they exceed the gross weight as well, the heaviest line is to be fixed, else the head.
    """
    net_term = declaration.head.get("ext.cn.NetWt")
    net = number(net_term)
    weighed = [(kilograms(item[NET]), item[NET]) for item in declaration.items if NET in item]
    lines = total(weight for weight, _ in weighed)
    if net is None or lines <= net + CENT * len(declaration.items):
        return
    gross = number(declaration.head.get("TotalGrossMassMeasure"))
    excess = str((lines - net).normalize())
    if gross is not None and net <= gross < lines:
        weight, heaviest = max(weighed, key=lambda pair: pair[0] or Decimal(0))
        yield Mismatch(heaviest, found=str(weight), expected=excess)
    else:
        yield Mismatch(net_term, found=str(net), expected=excess)


@rule(
    "checkdigit-credit-code",
    terms=("Declarant.ID", "Exporter.ID", "GoodsShipment.Importer.ID", "ext.cn.CopCodeScc"),
    says=Text("The check character of {term} {found} is wrong.", "{term} {found} 的校验位错误。"),
    hint=Text(
        "Check for a typing error in the unified social credit code: {expected}.",
        "请核对统一社会信用代码的录入:{expected}。",
    ),
)
def credit_code(declaration: View) -> Iterator[Mismatch]:
    """A unified social credit code has both its check characters right (GB 32100, GB 11714)."""
    for term in declaration.head.values():
        if not term.path.endswith("Scc"):
            continue
        code = term.source or term.value
        if len(code) != _CREDIT_LENGTH:
            continue
        expected = _credit_code_fault(code)
        if expected:
            yield Mismatch(term, found=code, expected=expected)


_CREDIT_LENGTH: Final = 18


def _credit_code_fault(code: str) -> str:
    """Return what is expected of a wrong code, "" for a right one."""
    last = credit_code_digit(code)
    if last is None:
        return "0-9 A-H J-N P-R T U W X Y"
    if last != code[-1]:
        return f"...{last}"
    inner = organisation_digit(code[8:17])
    return "" if inner is None or inner == code[16] else f"9-17: ...{inner}"


@rule(
    "mandatory-second-quantity",
    terms=(f"{ITEM}.ext.cn.SecondQty",),
    says=Text("{term} is missing beside its unit {found}.", "有单位 {found} 而缺少{term}。"),
    hint=Text("State the quantity in that unit.", "请按该单位填报数量。"),
)
def second_quantity(declaration: View) -> Iterator[Mismatch]:
    """A second unit comes with a second quantity."""
    for item in declaration.items:
        unit = item.get("ext.cn.SecondQty@unit")
        if unit is not None and "ext.cn.SecondQty" not in item:
            yield Mismatch(
                unit,
                found=unit.source or unit.value,
                path=sibling(unit.path, "SecondQty"),
                about="ext.cn.SecondQty",
            )


@rule(
    "mandatory-second-unit",
    terms=(f"{ITEM}.ext.cn.SecondQty@unit",),
    says=Text("{term} is missing beside the quantity {found}.", "有数量 {found} 而缺少{term}。"),
    hint=Text("State the unit of the second quantity.", "请填报法定第二计量单位。"),
)
def second_unit(declaration: View) -> Iterator[Mismatch]:
    """A second quantity comes with its unit."""
    for item in declaration.items:
        quantity = item.get("ext.cn.SecondQty")
        if quantity is not None and not _attribute(quantity, "unit"):
            yield Mismatch(
                quantity,
                found=quantity.value,
                path=sibling(quantity.path, "SecondUnit"),
                about="ext.cn.SecondQty@unit",
            )


def _attribute(term: Term, name: str) -> str:
    """Return an attribute, or the source code of one that has no counterpart."""
    return term.attrs.get(name) or term.attrs.get(f"source_{name}", "")


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
    elif mark is not None and mark.value != _RATE and not _attribute(figure, "currency"):
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


@rule(
    "consistency-container-line",
    terms=("GoodsShipment.Consignment.TransportEquipment.ext.cn.GoodsNo",),
    says=Text(
        "{term} names line {found}, which does not exist.", "{term}所列商品项 {found} 不存在。"
    ),
    hint=Text(
        "Name lines of this declaration: {expected}.", "请填写本报关单的商品项号:{expected}。"
    ),
)
def container_line(declaration: View) -> Iterator[Mismatch]:
    """A container names only lines that exist."""
    numbers = _line_numbers(declaration)
    for box in declaration.equipment:
        term = box.get("ext.cn.GoodsNo")
        if term is None or not numbers:
            continue
        named = [part.strip() for part in term.value.replace(",", ",").split(",") if part.strip()]
        strange = [part for part in named if (part.lstrip("0") or "0") not in numbers]
        if strange:
            yield Mismatch(term, found=", ".join(strange), expected=_span(numbers))


@rule(
    "consistency-certificate-line",
    terms=("ext.cn.EcoRelation.DecGNo",),
    says=Text(
        "{term} names line {found}, which does not exist.", "{term}所列商品项 {found} 不存在。"
    ),
    hint=Text(
        "Name a line of this declaration: {expected}.", "请填写本报关单的商品项号:{expected}。"
    ),
)
def certificate_line(declaration: View) -> Iterator[Mismatch]:
    """A certificate of origin is tied to a line that exists."""
    numbers = _line_numbers(declaration)
    for term in declaration.head.values() if numbers else ():
        if term.path.endswith("/DecGNo"):
            named = term.source or term.value
            if (named.lstrip("0") or "0") not in numbers:
                yield Mismatch(term, found=named, expected=_span(numbers))


def _line_numbers(declaration: View) -> list[str]:
    """Return the numbers of the lines; by position where they are not numbered one by one."""
    found = [
        item["SequenceNumeric"].value.lstrip("0") or "0"
        for item in declaration.items
        if "SequenceNumeric" in item
    ]
    if len(set(found)) == len(declaration.items):
        return found
    return [str(position) for position in range(1, len(declaration.items) + 1)]


def _span(numbers: list[str]) -> str:
    return f"{numbers[0]}-{numbers[-1]}" if len(numbers) > 1 else numbers[0]


@rule(
    "consistency-entry-number",
    terms=("ID",),
    says=Text(
        "{term} {found} contradicts the head: {expected} is declared.",
        "{term} {found} 与表头不符:申报为 {expected}。",
    ),
    hint=Text(
        "Characters 1-4 are the customs district, the ninth is 1 for import or 0 for export.",
        "第 1-4 位为申报地海关,第 9 位为进出口标志(0 出口,1 进口)。",
    ),
    flag=Flag.WARNING,
)
def entry_number(declaration: View) -> Iterator[Mismatch]:
    """The entry number (district, year, flag, serial) agrees with the district declared to."""
    entry, district = declaration.head.get("ID"), declaration.head.get("ext.cn.CustomMaster")
    if entry is None or district is None or len(entry.value) != _CREDIT_LENGTH:
        return
    if entry.value[:4] != district.value:
        yield Mismatch(entry, found=entry.value[:4], expected=district.value)


@rule(
    "consistency-overseas-party",
    terms=("GoodsShipment.Importer.Name", "Exporter.Name"),
    says=Text(
        "{term} is stated by {found}, which belongs to the other direction.",
        "{term}由 {found} 填报,与进出口方向不符。",
    ),
    hint=Text(
        "An export names the overseas consignee, an import the overseas consignor.",
        "出口填报境外收货人,进口填报境外发货人。",
    ),
    flag=Flag.WARNING,
)
def overseas_party(declaration: View) -> Iterator[Mismatch]:
    """The overseas party is the one that the direction asks for."""
    direction = declaration.head.get("ext.cn.IEFlag")
    if direction is None:
        return
    wrong = "OverseasConsignor" if direction.value == EXPORT else "OverseasConsignee"
    right = "OverseasConsignee" if direction.value == EXPORT else "OverseasConsignor"
    found = {
        name: next((t for t in declaration.head.values() if f"/{name}" in t.path), None)
        for name in (wrong, right)
    }
    term = found[wrong]
    if term is not None and found[right] is None:
        yield Mismatch(term, found=term.path.rpartition("/")[2], expected=right)
