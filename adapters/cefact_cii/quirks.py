"""What the table of CII cannot say: identifiers with and without scheme, totals by currency."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from adapters.cefact_cii.values import CONVERSIONS
from adapters.cefact_cii.writing import VAT_IDS, before_render
from adapters.engine.derived import set_aside
from adapters.engine.reading import Draft
from schemas.document import Term

_SCHEMED: Final = re.compile(r"(.+/BT-(?:29|46|60|71))g(?:\[(\d+)\])?")
# Of these the model has one: the one with a scheme, where there are two.
_SINGLE: Final = re.compile(r"(BG-7/BT-46|BG-10/BT-60|BG-13/BT-71)\[\d+\]")
_FIRST: Final = re.compile(r"(BT-(?:9|18|20)|.+/BT-147)\[1\]")
_BANK: Final = re.compile(r"(BG-16\[\d+\]/BG-17)/BT-86")
_REPEATED: Final = re.compile(r"BG-23\[(\d+)\]/(BT-[78])")
_TOTAL: Final = re.compile(r"BG-22/BT-110\[(\d+)\]")
_GROSS: Final = re.compile(r"(.+/BG-29)/ext\.cii\.GrossBasisQuantity")
_DEPARTMENT: Final = re.compile(r"(BG-[47]/BG-[69])/ext\.cii\.DepartmentName")
_MANDATED: Final = re.compile(r"BG-16\[\d+\]/BG-19/BT-(?:89|91)")
_TOTALS_OF_GROUPS: Final = (92, 93, 99, 100, 106, 107, 108, 109, 112, 113, 114, 115, 116, 117)
_AMOUNTS_OF_LINES: Final = (131, 136, 137, 141, 142, 146, 147, 148)
_AMOUNTS: Final = frozenset(f"BT-{n}" for n in (*_TOTALS_OF_GROUPS, *_AMOUNTS_OF_LINES))

__all__ = ["CONVERSIONS", "REASONS", "after_read", "before_render"]

REASONS: Final[Mapping[str, str]] = {
    "BG-25/BG-DEX-01": "sub-lines of XRechnung exist in UBL only / 子行扩展仅存在于 UBL",
    "BG-16/BT-83": "CII has one payment reference / CII 仅有一个付款参考",
    "BG-4/BT-32@tax": "every tax registration but VAT is FC in CII / CII 中增值税以外的登记均为 FC",
    "BG-DEX-09": "third party payments exist in UBL only / 第三方支付扩展仅存在于 UBL",
}


def after_read(draft: Draft) -> None:
    """Give every term the id and the attributes of the semantic model."""
    set_aside(draft, "ChargeAmount")
    currency, accounting = draft.value("BT-5"), draft.value("BT-6")
    for term in list(draft.terms):
        if first := _FIRST.fullmatch(term.id):
            draft.rename(term, first[1])
        found = _meant(draft, term, currency, accounting)
        if found:
            draft.rename(term, found)
        if term.id.rpartition("/")[2].partition("[")[0] in _AMOUNTS and currency:
            term.attrs = {"currency": currency, **term.attrs}
        elif term.id in VAT_IDS:
            term.attrs = {**term.attrs, "scheme": VAT_IDS[term.id]}
    reference = draft.by_id.get("BG-16/BT-83")
    if reference is not None and not any(term.id.endswith("/BT-81") for term in draft.terms):
        draft.rename(reference, "ext.cii.PaymentReference")


def _meant(draft: Draft, term: Term, currency: str, accounting: str) -> str:
    """Return the id that the semantic model has for a term, "" where it stays."""
    if _TOTAL.fullmatch(term.id):
        return _total(draft, term, currency, accounting)
    if match := _SCHEMED.fullmatch(term.id):
        plain = sum(t.id.startswith(match[1] + "[") for t in draft.terms)
        return f"{match[1]}[{plain + 1}]"
    return _in_its_place(draft, term) or _beside(draft, term)


def _beside(draft: Draft, term: Term) -> str:
    """Return the extension id of a term that the model has no second place for."""
    if match := _SINGLE.fullmatch(term.id):
        return f"ext.cii.{match[1]}.ID" if f"{match[1]}g[1]" in draft.by_id else ""
    if match := _BANK.fullmatch(term.id):
        return "" if f"{match[1]}/BT-84" in draft.by_id else f"ext.cii.{match[1]}.BICID"
    return ""


def _in_its_place(draft: Draft, term: Term) -> str:
    """Return the id of a term that CII says elsewhere, or more than once."""
    if match := _REPEATED.fullmatch(term.id):
        again = match[2] in draft.by_id
        return f"ext.cii.BG-23[{match[1]}].{match[2]}" if again else match[2]
    if match := _GROSS.fullmatch(term.id):
        return "" if f"{match[1]}/BT-149" in draft.by_id else f"{match[1]}/BT-149"
    if match := _DEPARTMENT.fullmatch(term.id):
        contact = f"{match[1]}/BT-{'41' if match[1] == 'BG-4/BG-6' else '56'}"
        return f"{contact}[2]" if contact in draft.by_id else contact
    if term.id == "BG-16/BG-19/BT-89":
        account = next((t.id for t in draft.terms if _MANDATED.fullmatch(t.id)), "BG-16[1]/BG-19/")
        return account.rpartition("/")[0] + "/BT-89"
    return ""


def _total(draft: Draft, term: Term, currency: str, accounting: str) -> str:
    """Tell the VAT total by its currency; one in the invoice's own may be both."""
    stated = term.attrs.get("currency", currency)
    if stated == currency:
        if accounting == currency:
            draft.add("BG-22/BT-111", term.value, attrs=term.attrs, source=term)
        return "BG-22/BT-110"
    if stated != accounting:
        return f"ext.cii.TaxTotalAmount.{stated}"
    again = sum(each.id.startswith("BG-22/BT-111") for each in draft.terms)
    return f"BG-22/BT-111[{again + 1}]" if again else "BG-22/BT-111"
