"""Rules over who declares where, in the Chinese goods declaration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schemas.finding import Flag
from schemas.rules.checkdigits import credit_code_digit, organisation_digit
from schemas.rules.rule import Mismatch, rule
from schemas.rules.view import View
from schemas.text import Text

EXPORT: Final = "E"
_ENTRY_LENGTH: Final = 18


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
    if entry is None or district is None or len(entry.value) != _ENTRY_LENGTH:
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
