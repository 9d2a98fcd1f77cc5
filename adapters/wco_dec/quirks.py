"""What the table of a WCO declaration cannot say, above all: becoming the other side's import."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import count
from typing import Final

from adapters.engine.conversion import CONVERT, EXACT, HS6_REASON, Conversion, Keep
from schemas import codes
from schemas.codes import Converted
from schemas.document import NO_ATTRS, Document, Term
from schemas.loss import LossClass

_DIGITS: Final = re.compile(
    r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?(Z|[+-]\d{2}(?::?\d{2})?)?"
)
_ITEM: Final = "GoodsShipment.GovernmentAgencyGoodsItem["
_TRANSPORT_TYPES: Final = {"1": "705", "2": "720", "3": "730", "4": "740"}

_OWN: Final = "the declarant abroad is another legal person / 境外申报人为另一法律主体"
_AGAIN: Final = "assigned anew when the import is lodged / 进口申报时重新产生"
REASONS: Final[Mapping[str, str]] = {
    "Declarant.ID": _OWN,
    "Declarant.Name": _OWN,
    "Authentication.Authentication": "a signature never moves to another document; "
    "it is kept as evidence / 签名不可转移,作为证据保存",
    "Authentication.Authenticator.Name": "personal data of the exporting side / 出口方个人信息",
    "IssueDateTime": _AGAIN,
    "GoodsShipment.Consignment.GoodsLocation.Name": "a place in the exporting country / "
    "出口国境内地点",
}


class WcoDateTime(Keep):
    """DateTimeString of format 304 (with time and zone) or 102 (date) as ISO 8601."""

    def read(self, text: str) -> Converted | None:
        """Return the ISO form; other forms stay as they are."""
        match = _DIGITS.fullmatch(text)
        if match is None:
            return Converted(text, EXACT)
        year, month, day, hour, minute, second, zone = match.groups()
        time = f"T{hour}:{minute}:{second}{zone or ''}" if hour else ""
        return Converted(f"{year}-{month}-{day}{time}", CONVERT)

    def write(self, value: str) -> Converted | None:
        """Return the digits of an ISO date or date-time."""
        day, _, time = value.partition("T")
        zone = "Z" if time.endswith("Z") else ""
        digits = re.sub(r"\.\d+", "", time.rstrip("Z")).replace(":", "")
        return Converted(day.replace("-", "") + digits + zone, CONVERT)


CONVERSIONS: Final[Mapping[str, Conversion]] = {"datetime": WcoDateTime()}


def before_render(document: Document, profile: Mapping[str, object]) -> Document:
    """Turn a declaration of another format into the import declaration of the other side."""
    if document.format == "wco-dec":
        return document
    values = {term.id: term for term in document.terms}
    origin, entry = _root(document), values.get("ID")
    for name in (*REASONS, "ID"):
        term = values.get(name)
        if term is not None and origin and term.path.startswith(origin):
            del values[name]
    _commodities(values)
    for name in [name for name in values if name.endswith("DateTime")]:
        values[name] = _dated(values[name])
    added = [*_envelope(values, profile), *_previous(values, entry), *_packaging(values)]
    return replace(document, terms=[*values.values(), *added])


def _root(document: Document) -> str:
    """Return the first step of the source's paths, to tell its terms from joined ones."""
    first = next((term.path for term in document.terms if term.path), "")
    return "/" + first.strip("/").partition("/")[0] + "/" if first else ""


def _commodities(values: dict[str, Term]) -> None:
    """Carry the six digits of the Harmonized System, and say that they are that."""
    digits = 6
    for number in count(1):
        sequence, code, kind = _classified(number)
        if sequence not in values:
            return
        term = values.get(code)
        if term is None or len(term.value) <= digits or kind in values:
            continue
        cut = term.value[:digits]
        values[code] = Term(
            code, cut, term.attrs, term.path, term.line, term.source, LossClass.LOSSY, HS6_REASON
        )
        values[kind] = Term(kind, "HS")


@lru_cache(maxsize=1024)
def _classified(number: int) -> tuple[str, str, str]:
    """Return the term ids of a line's number, its commodity code, and the kind of that code."""
    item = f"{_ITEM}{number}]."
    first = f"{item}Commodity.Classification[1]."
    return f"{item}SequenceNumeric", f"{first}ID", f"{first}IdentificationTypeCode"


def _dated(term: Term) -> Term:
    form = "304" if "T" in term.value else "102"
    return replace(term, attrs={**term.attrs, "format": form})


def _envelope(values: Mapping[str, Term], profile: Mapping[str, object]) -> list[Term]:
    """Say what kind of declaration this is, for whose customs."""
    chosen = profile.get("defaults")
    kind = chosen.get("TypeCode", "IMA") if isinstance(chosen, Mapping) else "IMA"
    flag = values.get("ext.cn.IEFlag")
    found = []
    if "TypeCode" not in values:
        found.append(_derived("TypeCode", str(kind), flag, "the other side imports / 对方为进口"))
    country = values.get("GoodsShipment.Destination.CountryCode")
    if country is not None:
        found.append(_derived("ext.wco.ResponsibleCountryCode", country.value, None))
        if country.value == "GB":
            found.append(_derived("ext.wco.ResponsibleAgencyName", "HMRC", None))
            found.append(_derived("ext.wco.AgencyAssignedCustomizationVersionCode", "v2.1", None))
    return found


def _previous(values: Mapping[str, Term], entry: Term | None) -> list[Term]:
    """Carry transport documents and the export declaration's number as previous documents."""
    number = 0
    while f"GoodsShipment.PreviousDocument[{number + 1}].ID" in values:
        number += 1
    mode = values.get("BorderTransportMeans.ModeCode")
    kind = _TRANSPORT_TYPES.get(mode.value if mode else "", "ZZZ")
    found: list[Term] = []
    index = 1
    while term := values.get(f"GoodsShipment.Consignment.TransportContractDocument[{index}].ID"):
        index += 1
        number += 1
        found += _document(number, term, kind)
    if entry is not None and "ID" not in values:
        found += _document(number + 1, entry, "ZZZ")
    return found


def _document(number: int, term: Term, kind: str) -> list[Term]:
    base = f"GoodsShipment.PreviousDocument[{number}]."
    return [
        Term(base + "CategoryCode", "Z"),
        replace(term, id=base + "ID"),
        Term(base + "TypeCode", kind),
    ]


def _packaging(values: Mapping[str, Term]) -> list[Term]:
    """Put the packages that the form states once on the first line, unless a packing list did."""
    base = f"{_ITEM}1].Packaging[1]."
    if any(base + name in values for name in ("TypeCode", "QuantityQuantity", "MarksNumbersID")):
        return []
    found: list[Term] = []
    marks, wrap = values.get("ext.cn.MarkNo"), values.get("ext.cn.WrapType")
    if marks is not None:
        found.append(replace(marks, id=base + "MarksNumbersID", cls=EXACT))
    kind = codes.mapping("cn-wraptype", "rec21").get(wrap.value) if wrap else None
    if wrap is not None and kind is not None and kind.value:
        found.append(
            replace(wrap, id=base + "TypeCode", value=kind.value, cls=kind.cls, reason=kind.reason)
        )
    return found


def _derived(term_id: str, value: str, source: Term | None, reason: str = "") -> Term:
    if source is None:
        return Term(term_id, value, cls=LossClass.DERIVE)
    return Term(
        term_id, value, NO_ATTRS, source.path, source.line, source.source, LossClass.DERIVE, reason
    )
