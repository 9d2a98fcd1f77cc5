"""Code lists of trade and customs, and the conversions between them.

The face (everything is loaded on first use and kept; every look-up is one dict access):

    table(list_id) -> CodeList          .has(code), .name(code, "en" | "zh"), .row(code), .closed
    fault(list_id, code) -> str         "" fine, "code" in no list, "table" of the other generation
    require(list_id, code) -> None      raises CodeNotInList (SG-2104) or MixedGenerations (SG-2105)
    mapping(source, target) -> dict[str, Converted]      for the hot path; a missing key is a fault
    convert(source, target, code) -> Converted           as mapping, but raises the two errors
    lists() -> tuple[str, ...]          every list id

`Converted(value, cls, reason, factor)`: the code in the target list, the loss class of going there
(exact, convert, lossy), the reason when it is lossy, and for units the factor by which a quantity
is multiplied (Decimal, 1 when nothing changes). A listed code that has no counterpart is in the
mapping with the value "", the class ext and the reason; `convert` raises for it.

List ids: iso3166-alpha2, iso3166-alpha3, cn-country-2019, cn-country-legacy, iso4217,
cn-currency-2019, cn-currency-legacy, rec20, cn-unit, rec19, cn-trafmode, incoterms, cn-transmode,
rec21, cn-wraptype, cn-trade-mode, cn-cutmode, cn-dutymode, cn-entrytype, cn-ediid,
cn-declaration-type, cn-opertype, cn-container-type, cn-transflag, cn-district, cn-edoc, cn-channel,
cn-import-response, cds-notification, sg-response-status, canonical-status, unlocode.

Conversions (all but the status ones in both directions): cn-country-2019, cn-country-legacy and
iso3166-alpha3 <-> iso3166-alpha2; cn-currency-2019 and cn-currency-legacy <-> iso4217; cn-unit <->
rec20; cn-trafmode <-> rec19; cn-transmode <-> incoterms; cn-wraptype <-> rec21; cn-channel,
cn-import-response, cds-notification and sg-response-status -> canonical-status.

A conversion between the two Chinese generations does not exist: a value of the wrong generation
(a numeric country in a DecMessage, letters in a CEB message) is a MixedGenerations.
"""

from schemas.codes.lookup import (
    CodeList,
    CodeNotInList,
    Converted,
    MixedGenerations,
    convert,
    fault,
    lists,
    mapping,
    require,
    table,
)

__all__ = [
    "CodeList",
    "CodeNotInList",
    "Converted",
    "MixedGenerations",
    "convert",
    "fault",
    "lists",
    "mapping",
    "require",
    "table",
]
