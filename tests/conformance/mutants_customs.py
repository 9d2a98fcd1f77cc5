"""Single-error copies of a Chinese goods declaration, each with the findings that would be right.

A mutant is one golden declaration with one thing wrong. `accept` lists the places and kinds of
which one has to be reported: a wrong total can be blamed on total, price or quantity.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from lxml import etree

from schemas import xml
from schemas.rules.checkdigits import container_digit

NS: Final = "{http://www.chinaport.gov.cn/dec}"
Accept = tuple[str, tuple[str, ...]]

_HEAD = """
    IEFlag AgentCode AgentName CustomMaster DistinatePort GrossWet IEPort NetWt OwnerName PackNo
    TradeCode TradeCountry TradeMode TradeName TrafMode TransMode WrapType EntryType AgentCodeScc
    TradeCoScc TradeAreaCode EntyPortCode PDate
"""
_LINE = """
    CodeTS DeclPrice DutyMode GModel GName GNo OriginCountry TradeCurr DeclTotal GQty FirstQty GUnit
    FirstUnit DestinationCountry
"""
HEAD_MANDATORY: Final = tuple(_HEAD.split())
LINE_MANDATORY: Final = tuple(_LINE.split())
WRONG_CODES: Final = {
    "DecHead/TradeMode": "9999",
    "DecHead/TrafMode": "Q",
    "DecHead/TransMode": "9",
    "DecHead/WrapType": "77",
    "DecHead/CutMode": "000",
    "DecHead/TradeCountry": "QQQ",
    "DecHead/TradeAreaCode": "XXQ",
    "line/OriginCountry": "QQQ",
    "line/DestinationCountry": "XQX",
    "line/TradeCurr": "QQQ",
    "line/GUnit": "999",
    "line/FirstUnit": "888",
    "DecHead/FeeCurr": "QQQ",
}
WRONG_GENERATION: Final = {
    "DecHead/TradeCountry": "132",
    "DecHead/TradeAreaCode": "303",
    "line/OriginCountry": "142",
    "line/DestinationCountry": "502",
    "line/TradeCurr": "502",
    "DecHead/FeeCurr": "110",
    "DecHead/InsurCurr": "142",
}
TOO_LONG: Final = {
    "DecHead/TradeName": "长" * 101,
    "DecHead/MarkNo": "M" * 450,
    "DecHead/ContrNo": "C" * 40,
    "DecHead/CustomMaster": "42001",
    "line/GName": "名" * 300,
    "line/CodeTS": "84571010000000",
    "line/GModel": "型" * 300,
}
TOO_SHORT: Final = {
    "line/CodeTS": "84571",
    "DecHead/AgentCodeScc": "9137020",
    "DecHead/IEPort": "42",
}
NOT_A_NUMBER: Final = {
    "DecHead/GrossWet": "abc",
    "DecHead/NetWt": "3,533.0",
    "DecHead/PackNo": "12x",
    "DecHead/IEDate": "20261350",
    "DecHead/PDate": "2026-03-10",
    "line/GQty": "many",
    "line/DeclTotal": "1.2.3",
    "line/DeclPrice": "USD 5",
    "line/CodeTS": "84571O1000",
}
NOT_POSITIVE: Final = {
    "DecHead/GrossWet": "-4132.0",
    "DecHead/NetWt": "0",
    "DecHead/PackNo": "0",
    "line/GQty": "-5",
    "line/FirstQty": "0",
    "line/DeclTotal": "-100.00",
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One wrong copy: what was done to it and where that may be reported."""

    name: str
    data: bytes
    accept: tuple[Accept, ...]


def mutants(data: bytes, seed: int = 0) -> Iterator[Mutant]:
    """Yield the single-error copies of a declaration; the same for the same seed."""
    source = _Source(data, random.Random(seed))
    for make in (
        _missing,
        _wrong_values,
        _structure,
        _sums,
        _weights,
        _check_digits,
        _numbering,
        _pairs,
    ):
        yield from make(source)


@dataclass(slots=True)
class _Source:
    data: bytes
    random: random.Random

    def copy(self) -> xml.Element:
        return deepcopy(xml.parse(self.data))

    def lines(self) -> int:
        return len(_lines(xml.parse(self.data)))

    def edited(
        self, name: str, where: str, edit: Callable[[xml.Element], None], *accept: Accept
    ) -> Iterator[Mutant]:
        """Yield the copy in which `edit` changed the element at `where`, if there is one."""
        root = self.copy()
        found = _find(root, where)
        if found is not None:
            edit(found)
            yield Mutant(f"{name} {where}", etree.tostring(root, encoding="utf-8"), accept)

    def line(self) -> int:
        return self.random.randrange(self.lines())


def _lines(root: xml.Element) -> list[xml.Element]:
    return root.findall(f"{NS}DecLists/{NS}DecList")


def line_path(index: int) -> str:
    """Return the source path of a goods line, counted from 0."""
    return "DecMessage/DecLists/DecList" + (f"[{index + 1}]" if index else "")


def _find(root: xml.Element, where: str) -> xml.Element | None:
    if where.startswith("line"):
        step, _, name = where.partition("/")
        return _lines(root)[int(step[4:] or 0)].find(f"{NS}{name}")
    return root.find("/".join(NS + step for step in where.split("/")))


def _place(where: str) -> str:
    if where.startswith("line"):
        step, _, name = where.partition("/")
        return f"{line_path(int(step[4:] or 0))}/{name}"
    return f"DecMessage/{where}"


def _set(value: str) -> Callable[[xml.Element], None]:
    def edit(element: xml.Element) -> None:
        element.text = value

    return edit


def _drop(element: xml.Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _missing(source: _Source) -> Iterator[Mutant]:
    """Drop or empty what must be there."""
    places = [f"DecHead/{name}" for name in HEAD_MANDATORY]
    places += [f"line{source.line()}/{name}" for name in LINE_MANDATORY]
    for where in places:
        accept = (_place(where), ("mandatory",))
        yield from source.edited("drop", where, _drop, accept)
        if source.random.random() < 0.3:
            yield from source.edited("empty", where, _set(""), accept)


def _wrong_values(source: _Source) -> Iterator[Mutant]:
    """Put in what no list, type or range allows."""
    for name, values, kinds in (
        ("code", WRONG_CODES, ("code",)),
        ("table", WRONG_GENERATION, ("table",)),
        ("long", TOO_LONG, ("length", "format")),
        ("short", TOO_SHORT, ("length", "format")),
        ("format", NOT_A_NUMBER, ("format",)),
        ("range", NOT_POSITIVE, ("range",)),
    ):
        for where, value in values.items():
            place = where.replace("line/", f"line{source.line()}/")
            yield from source.edited(name, place, _set(value), (_place(place), kinds))


def _structure(source: _Source) -> Iterator[Mutant]:
    """Add an element nobody knows; put one in the wrong place; repeat one."""

    def foreign(element: xml.Element) -> None:
        etree.SubElement(element, f"{NS}Foreign").text = "1"

    def early(element: xml.Element) -> None:
        parent = element.getparent()
        if parent is not None:
            parent.insert(0, element)

    def twice(element: xml.Element) -> None:
        element.addnext(deepcopy(element))

    kinds = ("structure",)
    yield from source.edited("foreign", "DecHead", foreign, ("DecMessage/DecHead/Foreign", kinds))
    yield from source.edited(
        "early",
        "DecHead/TransMode",
        early,
        ("DecMessage/DecHead/TransMode", kinds),
        ("DecMessage/DecHead/IEFlag", kinds),
        ("DecMessage/DecHead/SeqNo", kinds),
    )
    yield from source.edited(
        "twice",
        "DecHead/BillNo",
        twice,
        ("DecMessage/DecHead/BillNo[2]", kinds),
        ("DecMessage/DecHead/BillNo", kinds),
    )


def _sums(source: _Source) -> Iterator[Mutant]:
    """Change one of quantity, price and total."""
    for name, factor in (("DeclTotal", "1.10"), ("DeclPrice", "1.05"), ("GQty", "2")):
        for _ in range(2):
            index = source.line()
            accept = tuple(
                (f"{line_path(index)}/{part}", ("sum",))
                for part in ("DeclTotal", "DeclPrice", "GQty")
            )
            yield from source.edited("sum", f"line{index}/{name}", _times(Decimal(factor)), *accept)


def _times(factor: Decimal) -> Callable[[xml.Element], None]:
    def edit(element: xml.Element) -> None:
        text = element.text or "0"
        step = Decimal(1).scaleb(-len(text.partition(".")[2]))
        element.text = str((Decimal(text) * factor).quantize(step))

    return edit


def _weights(source: _Source) -> Iterator[Mutant]:
    """Make the net weight too high, the gross weight too low, a line too heavy."""
    kinds = ("weight",)
    both = (("DecMessage/DecHead/NetWt", kinds), ("DecMessage/DecHead/GrossWet", kinds))
    yield from source.edited("net", "DecHead/NetWt", _times(Decimal(3)), *both)
    yield from source.edited("gross", "DecHead/GrossWet", _times(Decimal("0.5")), *both)
    for index, line in enumerate(_lines(source.copy())):
        for unit, quantity in (("FirstUnit", "FirstQty"), ("SecondUnit", "SecondQty")):
            if line.findtext(f"{NS}{unit}") == "035":
                place = f"line{index}/{quantity}"
                yield from source.edited(
                    "heavy", place, _times(Decimal(1000)), (_place(place), kinds), *both
                )
                break


def _check_digits(source: _Source) -> Iterator[Mutant]:
    """Mistype a container number and the social credit codes."""

    def container(element: xml.Element) -> None:
        number = element.text or ""
        typed = number[:5] + str((int(number[5]) + 1) % 10) + number[6:]
        if container_digit(typed) == typed[-1]:
            typed = number[:-1] + str((int(number[-1]) + 1) % 10)
        element.text = typed

    def credit(element: xml.Element) -> None:
        code = element.text or ""
        element.text = code[:4] + str((int(code[4]) + 1) % 10) + code[5:]

    kinds = ("checkdigit",)
    place = "DecContainers/Container/ContainerId"
    yield from source.edited("container", place, container, (_place(place), kinds))
    for name in ("AgentCodeScc", "TradeCoScc", "OwnerCodeScc", "CopCodeScc"):
        place = f"DecHead/{name}"
        yield from source.edited("credit", place, credit, (_place(place), kinds))


def _numbering(source: _Source) -> Iterator[Mutant]:
    """Use a line number twice; name a line that is not there."""
    kinds = ("consistency",)
    last = source.lines() - 1
    if last > 0:
        accept = tuple((f"{line_path(index)}/GNo", kinds) for index in (0, last))
        yield from source.edited("number", f"line{last}/GNo", _set("1"), *accept)
    place = "DecContainers/Container/GoodsNo"
    yield from source.edited("goods", place, _set("1,99"), (_place(place), kinds))
    place = "EcoRelation/DecGNo"
    yield from source.edited("certificate", place, _set("77"), (_place(place), kinds))


def _pairs(source: _Source) -> Iterator[Mutant]:
    """Drop one of two elements that belong together."""
    kinds = ("mandatory",)
    for name in ("FeeCurr", "FeeMark", "FeeRate", "InsurCurr"):
        where = f"DecHead/{name}"
        yield from source.edited("charge", where, _drop, (_place(where), kinds))
    for index, line in enumerate(_lines(source.copy())):
        if line.find(f"{NS}SecondUnit") is not None:
            for name in ("SecondQty", "SecondUnit"):
                where = f"line{index}/{name}"
                yield from source.edited("second", where, _drop, (_place(where), kinds))
            break
