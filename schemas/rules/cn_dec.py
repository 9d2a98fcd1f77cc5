"""Rules over the Chinese goods declaration (DecMessage): its extension terms `ext.cn.*`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from schemas.document import Term
from schemas.rules.declaration import CENT, ITEM, LINE_AMOUNT, NET
from schemas.rules.rule import Mismatch, rule
from schemas.rules.view import View, attribute, decimal, kilograms, number, sibling, total
from schemas.text import Text


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
        if quantity is None or price is None or amount is None:
            continue
        product = quantity * price
        if product == amount or min(quantity, price, amount) <= 0:
            continue
        if abs(product - amount) <= _slack(quantity, price):
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
        if quantity is not None and not attribute(quantity, "unit"):
            yield Mismatch(
                quantity,
                found=quantity.value,
                path=sibling(quantity.path, "SecondUnit"),
                about="ext.cn.SecondQty@unit",
            )


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
    numbers = _line_numbers(declaration) if declaration.equipment else {}
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
    naming = [term for term in declaration.head.values() if term.path.endswith("/DecGNo")]
    numbers = _line_numbers(declaration) if naming else {}
    for term in naming if numbers else ():
        named = term.source or term.value
        if (named.lstrip("0") or "0") not in numbers:
            yield Mismatch(term, found=named, expected=_span(numbers))


def _line_numbers(declaration: View) -> dict[str, None]:
    """Return the numbers of the lines; by position where they are not numbered one by one."""
    found = dict.fromkeys(
        item["SequenceNumeric"].value.lstrip("0") or "0"
        for item in declaration.items
        if "SequenceNumeric" in item
    )
    if len(found) == len(declaration.items):
        return found
    return dict.fromkeys(map(str, range(1, len(declaration.items) + 1)))


def _span(numbers: Iterable[str]) -> str:
    found = [*numbers]
    return f"{found[0]}-{found[-1]}" if len(found) > 1 else found[0]
