"""Rules over a goods declaration that hold in every country; term ids are WCO paths."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from schemas import codes
from schemas.document import Term
from schemas.finding import Flag
from schemas.loss import LossClass
from schemas.rules.checkdigits import container_digit
from schemas.rules.rule import Mismatch, rule
from schemas.rules.view import View, kilograms, number, total
from schemas.text import Text

CENT: Final = Decimal("0.01")
LINE_AMOUNT: Final = "Commodity.InvoiceLine.ItemChargeAmount"
NET: Final = "Commodity.GoodsMeasure.NetNetWeightMeasure"
GROSS: Final = "Commodity.GoodsMeasure.GrossMassMeasure"
ITEM: Final = "GoodsShipment.GovernmentAgencyGoodsItem"
PORTS: Final = (
    "GoodsShipment.Consignment.LoadingLocation.ID",
    "GoodsShipment.Consignment.UnloadingLocation.ID",
)


@rule(
    "sum-header-amount",
    terms=("InvoiceAmount", f"{ITEM}.{LINE_AMOUNT}"),
    says=Text(
        "{term} is {found}, but the lines add up to {expected}.",
        "{term}为 {found},而各项合计为 {expected}。",
    ),
    hint=Text("Correct the total or the line that differs.", "请更正总价,或更正金额不符的商品项。"),
)
def header_amount(declaration: View) -> Iterator[Mismatch]:
    """The declared total equals the sum of the lines, within a cent for each line."""
    declared = declaration.head.get("InvoiceAmount")
    lines = [item[LINE_AMOUNT] for item in declaration.items if LINE_AMOUNT in item]
    if declared is None or declared.cls is LossClass.DERIVE or not lines:
        return
    currencies = {term.attrs.get("currency", "") for term in (declared, *lines)}
    stated = number(declared)
    if len(currencies) > 1 or stated is None or len(lines) < len(declaration.items):
        return
    added = total(number(line) for line in lines)
    if abs(stated - added) > CENT * len(lines):
        yield Mismatch(declared, found=declared.value, expected=str(added))


@rule(
    "consistency-item-count",
    terms=("GoodsItemQuantity",),
    says=Text(
        "{term} is {found}, but {expected} items are declared.",
        "{term}为 {found},而实际申报 {expected} 项。",
    ),
    hint=Text("Correct the count or add the missing item.", "请更正项数,或补充缺少的商品项。"),
)
def item_count(declaration: View) -> Iterator[Mismatch]:
    """The declared number of items is the number of items there are."""
    declared = declaration.head.get("GoodsItemQuantity")
    if declared is None or declared.cls is LossClass.DERIVE or not declaration.items:
        return
    if number(declared) != len(declaration.items):
        yield Mismatch(declared, found=declared.value, expected=str(len(declaration.items)))


@rule(
    "consistency-line-number",
    terms=(f"{ITEM}.SequenceNumeric",),
    says=Text("{term} {found} is used twice.", "{term} {found} 重复使用。"),
    hint=Text("Give every line its own number.", "请为每一项商品编排唯一序号。"),
)
def line_number(declaration: View) -> Iterator[Mismatch]:
    """No two lines have the same number."""
    numbered = [item["SequenceNumeric"] for item in declaration.items if "SequenceNumeric" in item]
    bare = [term.value.lstrip("0") or "0" for term in numbered]
    if len(set(bare)) == len(bare):
        return
    free = next(str(n) for n in range(1, len(bare) + 2) if str(n) not in bare)
    taken: set[str] = set()
    for term, value in zip(numbered, bare, strict=True):
        if value in taken:
            yield Mismatch(term, found=term.value, expected=free)
        taken.add(value)


@rule(
    "weight-line-net-above-gross",
    terms=(f"{ITEM}.{NET}", f"{ITEM}.{GROSS}"),
    says=Text(
        "{term} is {found} kg, more than the gross weight of {expected} kg.",
        "{term}为 {found} 千克,大于毛重 {expected} 千克。",
    ),
    hint=Text(
        "The net weight cannot exceed the gross weight; correct one of them.",
        "净重不得大于毛重,请更正其中之一。",
    ),
)
def line_net_above_gross(declaration: View) -> Iterator[Mismatch]:
    """The net weight of a line is not above its gross weight."""
    for item in declaration.items:
        gross = kilograms(item.get(GROSS))
        net = None if gross is None else kilograms(item.get(NET))
        if net is not None and gross is not None and net > gross:
            yield Mismatch(item[NET], found=str(net), expected=f"<= {gross}")


@rule(
    "weight-lines-above-header-gross",
    terms=("TotalGrossMassMeasure", f"{ITEM}.{GROSS}"),
    says=Text(
        "{term} is {found} kg, less than the {expected} kg of the lines.",
        "{term}为 {found} 千克,小于各项毛重合计 {expected} 千克。",
    ),
    hint=Text("Correct the total or the heaviest line.", "请更正总毛重,或更正重量有误的商品项。"),
)
def lines_above_header_gross(declaration: View) -> Iterator[Mismatch]:
    """The lines together are not heavier than the declared gross weight."""
    declared = declaration.head.get("TotalGrossMassMeasure")
    header = kilograms(declared)
    lines = total(kilograms(item.get(GROSS)) for item in declaration.items)
    if header is not None and lines > header + CENT * len(declaration.items):
        yield Mismatch(declared, found=str(header), expected=f">= {lines}")


@rule(
    "weight-lines-net-above-header-gross",
    terms=("TotalGrossMassMeasure", f"{ITEM}.{NET}"),
    says=Text(
        "{term} is {found} kg, less than the net {expected} kg of the lines.",
        "{term}为 {found} 千克,小于各项净重合计 {expected} 千克。",
    ),
    hint=Text(
        "Correct the total or the net weight of a line.", "请更正总毛重,或更正有误的商品净重。"
    ),
)
def lines_net_above_header_gross(declaration: View) -> Iterator[Mismatch]:
    """The net weights of the lines together are not above the declared gross weight."""
    declared = declaration.head.get("TotalGrossMassMeasure")
    header = kilograms(declared)
    lines = total(kilograms(item.get(NET)) for item in declaration.items)
    if header is not None and lines > header + CENT * len(declaration.items):
        yield Mismatch(declared, found=str(header), expected=f">= {lines}")


@rule(
    "checkdigit-container",
    terms=("GoodsShipment.Consignment.TransportEquipment.ID",),
    says=Text("The check digit of {term} {found} is wrong.", "{term} {found} 的校验码错误。"),
    hint=Text(
        "Check for a typing error: ISO 6346 asks for the last digit {expected}.",
        "请核对录入:按 ISO 6346,末位应为 {expected}。",
    ),
)
def container_check_digit(declaration: View) -> Iterator[Mismatch]:
    """The last digit of a container number is its ISO 6346 check digit."""
    for box in declaration.equipment:
        yield from container_mismatch(box.get("ID"))


def container_mismatch(term: Term | None) -> Iterator[Mismatch]:
    """Yield the container number if its check digit is wrong."""
    if term is None:
        return
    digit = container_digit(term.value)
    if digit is not None and digit != term.value[-1]:
        yield Mismatch(term, found=term.value, expected=digit)


@rule(
    "code-country",
    terms=(
        "GoodsShipment.Destination.CountryCode",
        "GoodsShipment.ExportCountry.ID",
        f"{ITEM}.Origin.CountryCode",
        f"{ITEM}.Destination.CountryCode",
    ),
    says=Text(
        "{term} {found} is no country of {expected}.", "{term} {found} 不是 {expected} 中的国别。"
    ),
    hint=Text("Send an ISO 3166-1 alpha-2 code.", "请使用 ISO 3166-1 二位字母代码。"),
)
def country(declaration: View) -> Iterator[Mismatch]:
    """Countries are ISO 3166-1 alpha-2 codes."""
    known = codes.table("iso3166-alpha2").rows
    named = [declaration.head.get(term_id) for term_id in _HEAD_COUNTRIES]
    for item in declaration.items:
        named += [item.get(term_id) for term_id in _ITEM_COUNTRIES]
    for term in named:
        if term is not None and term.value not in known:
            yield Mismatch(term, found=term.value, expected="ISO 3166-1")


_HEAD_COUNTRIES: Final = (
    "GoodsShipment.Destination.CountryCode",
    "GoodsShipment.ExportCountry.ID",
    "Exporter.Address.CountryCode",
    "GoodsShipment.Consignee.Address.CountryCode",
    "GoodsShipment.Importer.Address.CountryCode",
    "BorderTransportMeans.RegistrationNationalityCode",
)
_ITEM_COUNTRIES: Final = ("Origin.CountryCode", "Destination.CountryCode")


@rule(
    "code-terms-of-delivery",
    terms=("GoodsShipment.TradeTerms.ConditionCode",),
    says=Text("{term} {found} is no Incoterm.", "{term} {found} 不是国际贸易术语。"),
    hint=Text("Send a code of Incoterms 2020.", "请使用 Incoterms 2020 代码。"),
)
def terms_of_delivery(declaration: View) -> Iterator[Mismatch]:
    """The terms of delivery are an Incoterm."""
    term = declaration.head.get("GoodsShipment.TradeTerms.ConditionCode")
    if term is not None and not codes.table("incoterms").has(term.value):
        yield Mismatch(term, found=term.value, expected="Incoterms 2020")


@rule(
    "code-familiar-port",
    terms=PORTS,
    flag=Flag.WARNING,
    says=Text(
        "{term} {found} may not be the place that is meant: {expected}",
        "{term} {found} 可能不是所指地点:{expected}",
    ),
    hint=Text(
        "The code is accepted as it stands; ask the sender if the port was meant.",
        "该代码按原样接受;如指港口,请与发送方确认。",
    ),
)
def familiar_port(declaration: View) -> Iterator[Mismatch]:
    """A port code that is often used for its neighbour is accepted with a warning."""
    for term_id in PORTS:
        yield from familiar_mismatch(declaration.head.get(term_id))


def familiar_mismatch(term: Term | None) -> Iterator[Mismatch]:
    """Yield the place if its code is commonly written for another one."""
    if term is None:
        return
    row = codes.table("unlocode").row(term.value)
    if row.get("instead"):
        yield Mismatch(term, found=term.value, expected=f"{row['note_en']} / {row['note_zh']}")
