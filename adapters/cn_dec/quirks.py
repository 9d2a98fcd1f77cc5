"""What the table of a DecMessage cannot say: values computed from several elements."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from adapters.engine.reading import Draft
from schemas.document import Term
from schemas.loss import LossClass

_ITEM: Final = "GoodsShipment.GovernmentAgencyGoodsItem[{}]."
_TRANSPORT: Final = "GoodsShipment.Consignment.TransportContractDocument[{}].ID"
_VALUATION: Final = "GoodsShipment.CustomsValuation."
_LINE: Final = (
    "Commodity.GoodsMeasure.TariffQuantity",
    "ext.cn.SecondQty",
    "Commodity.GoodsMeasure.NetNetWeightMeasure",
    "Commodity.InvoiceLine.ItemChargeAmount",
)
_KILOGRAM: Final = "035"
_KGM: Final = {"unit": "KGM"}
_CHARGES: Final = (
    ("Fee", _VALUATION + "FreightChargeAmount"),
    ("Insur", _VALUATION + "ChargeDeduction[1].OtherChargeDeductionAmount"),
    ("Other", _VALUATION + "ChargeDeduction[2].OtherChargeDeductionAmount"),
)


def after_read(draft: Draft) -> None:
    """Add what customs computes from the declaration: counts, sums, weights, links."""
    count = _lines(draft)
    totals = [total for number in range(1, count + 1) if (total := _line(draft, number))]
    _invoice_amount(draft, totals)
    _kilograms(draft)
    _countries(draft)
    _transport_documents(draft)
    _containers(draft, count)
    _origin_certificates(draft, count)
    for name, amount in _CHARGES:
        _charge(draft, name, amount)


def _lines(draft: Draft) -> int:
    """Count the goods lines (element DecList), filled or not."""
    lists = draft.root.find("{*}DecLists") if hasattr(draft.root, "find") else None
    count = 0 if lists is None else len(lists.findall("{*}DecList"))
    if count:
        draft.add("GoodsItemQuantity", str(count))
    return count


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


@lru_cache(maxsize=1024)
def _ids(number: int) -> tuple[str, ...]:
    """Return the term ids of a line: its quantities, its net weight and its total."""
    return tuple([_ITEM.format(number) + name for name in _LINE])


def _line(draft: Draft, number: int) -> Term | None:
    """Add the net weight of a line, from whichever quantity is in kilograms; return its total."""
    *quantities, net, total = _ids(number)
    get = draft.by_id.get
    for name in quantities:
        quantity = get(name)
        if quantity is not None and quantity.attrs.get("source_unit") == _KILOGRAM:
            draft.add(net, quantity.value, attrs=_KGM, source=quantity)
            break
    return get(total)


def _invoice_amount(draft: Draft, totals: list[Term]) -> None:
    """Sum the line totals where all lines have one currency."""
    currencies = {term.attrs.get("currency", "") for term in totals}
    amounts = [_decimal(term.value) for term in totals]
    if len(currencies) != 1 or None in amounts:
        return
    total = sum((amount for amount in amounts if amount is not None), Decimal(0))
    currency = currencies.pop()
    draft.add("InvoiceAmount", str(total), attrs={"currency": currency} if currency else {})


def _kilograms(draft: Draft) -> None:
    """Say the unit that the form implies."""
    for name in ("TotalGrossMassMeasure", "ext.cn.NetWt"):
        term = draft.term(name)
        if term is not None:
            term.attrs = _KGM


def _countries(draft: Draft) -> None:
    """China is the country that the direction leaves unsaid."""
    flag = draft.term("ext.cn.IEFlag")
    if flag is not None and flag.value == "E":
        draft.add("GoodsShipment.ExportCountry.ID", "CN", source=flag)
    elif flag is not None and flag.value == "I":
        draft.add("GoodsShipment.Destination.CountryCode", "CN", source=flag)


def _transport_documents(draft: Draft) -> None:
    """Split master and house number, joined by `*` (sea) or `_` (air)."""
    term = draft.term(_TRANSPORT.format(1))
    mode = draft.value("BorderTransportMeans.ModeCode")
    if term is None or mode not in ("1", "4"):
        return
    master, joint, house = term.value.partition("*" if mode == "1" else "_")
    if joint and master and house:
        term.value, term.cls = master, LossClass.CONVERT
        draft.add(_TRANSPORT.format(2), house, source=term, cls=LossClass.CONVERT)


def _containers(draft: Draft, count: int) -> None:
    """Say whether there are containers, and which lines are in which (element GoodsNo)."""
    prefix = "GoodsShipment.Consignment.TransportEquipment[{}]."
    containers = 0
    loaded = dict.fromkeys(range(1, count + 1), 0)
    while draft.term(prefix.format(containers + 1) + "ID") is not None:
        containers += 1
        lines = draft.term(prefix.format(containers) + "ext.cn.GoodsNo")
        for text in re.findall(r"\d{1,4}", lines.value if lines else ""):
            line = int(text)
            if line in loaded:
                loaded[line] += 1
                draft.add(_loaded(line, loaded[line]), str(containers), source=lines)
    draft.add("GoodsShipment.Consignment.ContainerCode", "1" if containers else "0")


@lru_cache(maxsize=1024)
def _loaded(line: int, number: int) -> str:
    """Return the term id of the container that a line is in, of several the one so numbered."""
    return f"{_ITEM.format(line)}Commodity.TransportEquipment[{number}].SequenceNumeric"


def _origin_certificates(draft: Draft, count: int) -> None:
    """Hang each certificate of origin (element EcoRelation) on its goods line."""
    number = 0
    used: dict[int, int] = {}
    while True:
        number += 1
        certificate = draft.term(f"ext.cn.EcoRelation[{number}].EcoCertNo")
        line = draft.value(f"ext.cn.EcoRelation[{number}].DecGNo")
        if certificate is None and not line:
            return
        if certificate is None or not line.isdecimal() or not 1 <= int(line) <= count:
            continue
        index = used[int(line)] = used.get(int(line), 0) + 1
        term_id = f"{_ITEM.format(int(line))}AdditionalDocument[{index}].ID"
        draft.add(term_id, certificate.value, source=certificate)


def _charge(draft: Draft, name: str, amount_id: str) -> None:
    """Turn a rate (mark 1) or unit price (mark 2) into the amount it stands for.

    Mark 1 is per cent of the goods' value, 2 a price for each tonne of net weight, 3 the amount.
    """
    rate = draft.term(amount_id)
    mark = draft.value(f"ext.cn.{name}Mark")
    if rate is None or mark not in ("1", "2"):
        return
    del draft.by_id[amount_id]
    rate.id, rate.cls = f"ext.cn.{name}Rate", LossClass.EXT
    draft.by_id.setdefault(rate.id, rate)
    base = _decimal(draft.value("InvoiceAmount" if mark == "1" else "ext.cn.NetWt"))
    value = _decimal(rate.value)
    if base is None or value is None:
        return
    if mark == "1":
        amount, currency = value * base / 100, draft.term("InvoiceAmount")
        attrs = dict(currency.attrs) if currency else {}
    else:
        amount, attrs = value * base / 1000, dict(rate.attrs)
    draft.add(amount_id, str(amount.quantize(Decimal("0.01"))), attrs=attrs, source=rate)
