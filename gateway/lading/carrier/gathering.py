"""What the documents of a shipment say that a bill of lading says too, by the table `draft.csv`.

Of several sources of a term the first that has it counts. A term of every item whose source is
said once (the marks, the only container) is said of each. Where the documents say what the whole
shipment weighs and not each line, the bill has one item with every description, as bills do.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from schemas import codes
from schemas.document import Document, Family, Term, plain

_FORMAT: Final = "dcsa-ebl"
_EDITION: Final = "3.0.4"
_ANY: Final = "[]"
_TWICE: Final = "TransportEquipment[2].ID"


@cache
def _rows() -> tuple[tuple[str, str], ...]:
    table = files("gateway.lading.carrier").joinpath("draft.csv").read_text("utf-8")
    return tuple((row["term"], row["source"]) for row in csv.DictReader(table.splitlines()))


def gathered(documents: Sequence[Document]) -> Document:
    """Return the terms of a bill of lading that the documents give; one is taken as it is."""
    found: dict[str, Term] = {}
    for document in documents:
        if document.family is Family.LADING:
            for term in document:
                found.setdefault(term.id, term)
    for document in documents:
        for term in _taken(document):
            found.setdefault(term.id, term)
    totals = _totals(documents)
    if totals and not any(term_id.endswith("cargoGrossWeight") for term_id in found):
        found = {**_in_one(found), **totals}
    terms = [*found.values(), *_of_every_item(found, documents)]
    return Document(_FORMAT, _EDITION, Family.LADING, terms)


def _taken(document: Document) -> Iterator[Term]:
    said = {term.id: term for term in document}
    plainly = document.index()
    for target, source in _rows():
        if _ANY in source:
            yield from _each(said, target, source)
        elif _ANY not in target and (term := plainly.get(plain(source))) is not None:
            yield _as(target, term)


def _each(said: Mapping[str, Term], target: str, source: str) -> Iterator[Term]:
    head, _, tail = source.partition(_ANY)
    pattern = re.compile(re.escape(head) + r"\[(\d+)\]" + re.escape(tail))
    for term_id, term in said.items():
        match = pattern.fullmatch(term_id)
        if match:
            yield _as(target.replace(_ANY, f"[{match[1]}]", 1), term)


def _of_every_item(found: Mapping[str, Term], documents: Sequence[Document]) -> Iterator[Term]:
    """Yield what is said once and holds of every item; not a container where there are more."""
    items = {match[1] for term_id in found if (match := _ITEM.match(term_id))}
    for document in documents:
        said = document.index()
        several = any(term_id.endswith(_TWICE) for term_id in said)
        for target, source in _rows():
            term = said.get(plain(source))
            if _ANY not in target or _ANY in source or term is None:
                continue
            if several and "TransportEquipment" in source:
                continue
            for number in sorted(items, key=int):
                term_id = target.replace(_ANY, f"[{number}]", 1)
                if term_id not in found:
                    yield _as(term_id, term)


_ITEM: Final = re.compile(r"TD\.consignmentItems\[(\d+)\]")


_TOTALS: Final = {
    "TotalGrossMassMeasure": "cargoGrossWeight",
    "TotalPackageQuantity": "outerPackaging.numberOfPackages",
    "ext.cn.WrapType": "outerPackaging.packageCode",
}
_LISTED: Final = {"descriptionOfGoods": 150, "HSCodes": 50}
"""What of the lines is listed in the one item, and how many at most."""


def _totals(documents: Sequence[Document]) -> dict[str, Term]:
    """Return the weight and packages of the whole shipment as those of the first item."""
    found: dict[str, Term] = {}
    for document in documents:
        said = document.index()
        for source, name in _TOTALS.items():
            term = said.get(source)
            target = f"TD.consignmentItems[1].cargoItems[1].{name}"
            if term is not None and target not in found:
                kept = _as(target, term)
                found[target] = _packaged(kept) if name.endswith("Code") else kept
    return found if any(each.endswith("cargoGrossWeight") for each in found) else {}


def _packaged(term: Term) -> Term:
    """Return a package type of Chinese customs as one of Recommendation 21."""
    known = codes.mapping("cn-wraptype", "rec21").get(term.value)
    return Term(term.id, known.value if known else "")


def _in_one(found: Mapping[str, Term]) -> dict[str, Term]:
    """Return the terms with the lines of the shipment as one item."""
    kept = {term_id: term for term_id, term in found.items() if not _ITEM.match(term_id)}
    for name, limit in _LISTED.items():
        end = re.compile(rf"{_ITEM.pattern}\.{name}\[1\]")
        values = dict.fromkeys(term.value for term_id, term in found.items() if end.match(term_id))
        for number, value in enumerate(list(values)[:limit], start=1):
            term_id = f"TD.consignmentItems[1].{name}[{number}]"
            kept[term_id] = Term(term_id, value)
    return kept


def _as(target: str, term: Term) -> Term:
    attrs = {name: value for name, value in term.attrs.items() if name in {"unit", "currency"}}
    return Term(target, term.value, attrs)
