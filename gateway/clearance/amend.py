"""Amendments and cancellations as differences of fields, in the shape each authority takes."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from gateway.clearance.apportion import ITEM
from gateway.clearance.corridor import Corridor
from gateway.clearance.errors import ChangeConflict
from gateway.clearance.view import pattern
from schemas import terms
from schemas.document import Document, Family, Term, plain
from schemas.loss import LossClass

_SECTIONS: Final = Path(__file__).with_name("sections.csv")
_ADDITIONAL: Final = "13"
_FREE_TEXT: Final = "AES"
_WEIGHTS: Final = ("Measure", "Quantity")


class Kind(StrEnum):
    """What is asked of the authorities."""

    AMENDMENT = "amendment"
    CANCELLATION = "cancellation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field that changes: empty `old` adds it, empty `new` removes it.

    `path` is where it stands in the source; `attrs` are the new value's unit or currency.
    """

    term: str
    old: str
    new: str
    reason: str
    path: str = ""
    attrs: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """Return the change as plain JSON values, with the field's names."""
        return {
            "term": self.term,
            "name": terms.name(self.term).as_dict(),
            "old": self.old,
            "new": self.new,
            "reason": self.reason,
            "path": self.path,
            "attrs": dict(self.attrs),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Change:
        """Return the change of plain JSON values."""
        attrs = {str(name): str(value) for name, value in data.get("attrs", {}).items()}
        text = {name: str(data.get(name, "")) for name in ("term", "old", "new", "reason", "path")}
        return cls(**text, attrs=attrs)


def differences(before: Document, after: Document, reason: str) -> list[Change]:
    """Return what differs, in the order of the fields; unit and currency count as well."""
    old, new = before.index(), after.index()
    return [
        Change(
            term=name,
            old=old[name].value if name in old else "",
            new=new[name].value if name in new else "",
            reason=reason,
            path=(new.get(name) or old[name]).path,
            attrs=new[name].attrs if name in new else {},
        )
        for name in dict.fromkeys([*old, *new])
        if _said(old.get(name)) != _said(new.get(name))
    ]


def applied(document: Document, changes: Sequence[Change]) -> Document:
    """Return the document with the changes made.

    Raises ChangeConflict where a field does not have the value that the change begins from; a
    field that already has the new value is left as it is.
    """
    found = document.index()
    for change in changes:
        name = plain(change.term)
        have = found[name].value if name in found else ""
        if have == change.new:
            continue
        if have != change.old:
            raise ChangeConflict(where=name, found=have, expected=change.old)
        if not change.new:
            del found[name]
        elif name in found:
            found[name] = replace(found[name], value=change.new, attrs=change.attrs)
        else:
            found[name] = Term(change.term, change.new, change.attrs, cls=LossClass.DERIVE)
    return replace(document, terms=list(found.values()), trace=None)


def window_request(
    changes: Sequence[Change], *, kind: Kind, entry: str, note: str
) -> dict[str, object]:
    """Return the request to the Chinese window (修撤单): head, and one row per field.

    The members are public, the message around them is not: the declarant enters or uploads it.
    """
    return {
        "DecModHead": {
            "DecModSeqNo": "",
            "DecModType": "2" if kind is Kind.CANCELLATION else "1",
            "EntryId": entry,
            "DecModNote": note,
        },
        "DecModList": [
            {
                "FieldCode": change.path.rpartition("/")[2] or change.term,
                "FieldName": terms.name(change.term).zh,
                "OldValue": change.old,
                "NewValue": change.new,
                "OldName": "",
                "NewName": "",
            }
            for change in changes
        ],
    }


def additional_message(
    changes: Sequence[Change],
    corridor: Corridor,
    *,
    kind: Kind,
    reference: str,
    number: str,
    note: str,
) -> Document:
    """Return the additional message (function 13) of the WCO model: COR or INV.

    `reference` is the message's own, `number` the declaration's (MRN). Every change is an
    Amendment with the chain of pointers to its field, and the field's new value in its place.
    """
    head = {
        "FunctionCode": _ADDITIONAL,
        "FunctionalReferenceID": reference,
        "ID": number,
        "TypeCode": "INV" if kind is Kind.CANCELLATION else "COR",
        "ext.wco.ResponsibleCountryCode": corridor.import_.country,
    }
    found = [_term(name, value) for name, value in head.items()]
    if kind is Kind.CANCELLATION:
        found += _reason(1, note)
        found.append(_term("Amendment[1].ChangeReasonCode", corridor.change_codes["cancellation"]))
    for n, change in enumerate(changes if kind is Kind.AMENDMENT else (), 1):
        found += _reason(n, change.reason or note)
        found += _amendment(n, change, corridor)
    if kind is Kind.AMENDMENT:
        found += _content(changes)
    return Document("wco-dec", "3.6", Family.DECLARATION, found)


def _reason(n: int, text: str) -> Iterator[Term]:
    """Yield the free text of the n-th amendment, pointing at it."""
    at = f"AdditionalInformation[{n}]"
    yield _term(f"{at}.StatementDescription", text)
    yield _term(f"{at}.StatementTypeCode", _FREE_TEXT)
    yield from _pointer(at, 1, 1, _sections()["Declaration"])
    yield from _pointer(at, 2, n, _sections()["Amendment"])


def _amendment(n: int, change: Change, corridor: Corridor) -> Iterator[Term]:
    at = f"Amendment[{n}]"
    shape = pattern(change.term)
    kind = "weight" if shape.shape.endswith(_WEIGHTS) else "other"
    yield _term(f"{at}.ChangeReasonCode", corridor.change_codes[kind])
    steps = list(zip(shape.shape.split("."), shape.indices, strict=True))
    chain = [("Declaration", ""), *steps[:-1]]
    for k, (name, index) in enumerate(chain, 1):
        yield from _pointer(at, k, int(index or 1), _sections().get(name, ""))
    tag = terms.wco_ids().get(shape.shape, "")
    if tag:
        yield _term(f"{at}.Pointer[{len(chain)}].TagID", tag)


def _pointer(at: str, k: int, sequence: int, section: str) -> Iterator[Term]:
    yield _term(f"{at}.Pointer[{k}].SequenceNumeric", str(sequence))
    if section:
        yield _term(f"{at}.Pointer[{k}].DocumentSectionCode", section)


def _content(changes: Sequence[Change]) -> Iterator[Term]:
    """Yield the new values in their places, each changed line with its number."""
    lines: dict[str, None] = {}
    for change in changes:
        shape = pattern(change.term)
        if shape.shape.startswith(f"{ITEM}."):
            lines.setdefault(shape.indices[1] or "1")
    for line in lines:
        yield _term(f"{ITEM}[{line}].SequenceNumeric", line)
    for change in changes:
        if change.new and not change.term.endswith(f"{ITEM}.SequenceNumeric"):
            yield replace(_term(change.term, change.new), attrs=change.attrs)


def _term(term_id: str, value: str) -> Term:
    return Term(term_id, value, cls=LossClass.DERIVE)


def _said(term: Term | None) -> object:
    if term is None or not term.value:
        return None
    return term.value, term.attrs.get("unit", ""), term.attrs.get("currency", "")


@cache
def _sections() -> dict[str, str]:
    """Return the document section code of each class of the WCO model."""
    with _SECTIONS.open(encoding="utf-8", newline="") as stream:
        return {row["class"]: row["section"] for row in csv.DictReader(stream)}
