"""What a report says, whatever it is rendered to: a headline per file, facts, particulars."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final

from schemas.clock import iso
from schemas.text import Text

Row = Mapping[str, object]

TITLE: Final = Text("Report on signatures", "签名验证报告")
MADE: Final = Text("Verified at", "验证时间")
PARTICULARS: Final = Text("Particulars", "详细信息")
_VERDICTS: Final = {
    "TOTAL-PASSED": Text("VERIFIED", "验证通过"),
    "TOTAL-FAILED": Text("FAILED", "验证失败"),
    "INDETERMINATE": Text("NOT CONFIRMED", "无法确认"),
}
_UNREAD: Final = Text("NOT READ", "未能读取")
_SIGNER: Final = Text("Signed by", "签署方")
_PROVEN: Final = Text("Existed at", "可证明的存在时间")
_CLAIMED: Final = Text("Claimed time", "声称的签署时间")
_WHY: Final = Text("Why", "原因")
_MEANS: Final = Text("That means", "含义")
_WORTH: Final = Text("Recognition", "承认情况")
_STAMPS: Final = {
    "signature": Text("Time-stamp", "签名时间戳"),
    "archive": Text("Archive time-stamp", "归档时间戳"),
    "content": Text("Content time-stamp", "内容时间戳"),
    "references": Text("Time-stamp on references", "引用时间戳"),
    "evidence-record": Text("Evidence record", "证据记录"),
}
_NAMES: Final = {
    "level": Text("Level", "级别"),
    "algorithm": Text("Algorithm", "算法"),
    "certificate": Text("Certificate (SHA-256)", "证书(SHA-256)"),
    "signed_refs": Text("What is signed", "签署内容"),
    "indication": Text("Indication", "判定"),
    "subindication": Text("Sub-indication", "子判定"),
}
_WHOLE: Final = Text("the whole document", "整个文件")


@dataclass(frozen=True, slots=True)
class Line:
    """One fact: what it is about, and what is said."""

    label: Text
    value: Text


@dataclass(frozen=True, slots=True)
class Part:
    """One signature or other part of a file: what counts, and the particulars to be unfolded."""

    verdict: Text
    good: bool | None
    facts: tuple[Line, ...]
    particulars: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is said about one file."""

    name: str
    verdict: Text
    good: bool | None
    facts: tuple[Line, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All sheets, the time of validation, and the rows they were made from."""

    made: str
    sheets: tuple[Sheet, ...]
    rows: tuple[Row, ...]


def build(rows: Sequence[Row], at: datetime) -> Report:
    """Return the report on rows as `silkgate verify` gives them."""
    return Report(iso(at), tuple(map(_sheet, rows)), tuple(rows))


def _sheet(row: Row) -> Sheet:
    if "error" in row:
        error = _map(row["error"])
        why = Line(_WHY, _text(error.get("message")))
        return Sheet(str(row.get("file", "")), _UNREAD, None, (why,), ())
    indication = str(row["indication"])
    return Sheet(
        str(row.get("file", "")),
        _VERDICTS[indication],
        _good(indication),
        (*_reasons(row), *_worth(row)),
        tuple(_part(each) for each in _parts(row)),
    )


def _parts(row: Row) -> Iterator[Row]:
    yield from _rows(row.get("signatures"))
    for kind in ("documents", "receipts"):
        for each in _rows(row.get(kind)):
            yield from _rows(each.get("signatures"))


def _part(row: Row) -> Part:
    indication = str(row["indication"])
    facts = [Line(_SIGNER, _same(row.get("signer") or "?"))]
    if row.get("time"):
        stamped = any(each.get("indication") == "PASSED" for each in _rows(row.get("timestamps")))
        facts.append(Line(_PROVEN if stamped else _CLAIMED, _same(row["time"])))
    return Part(
        _VERDICTS[indication],
        _good(indication),
        (*facts, *_reasons(row)),
        tuple(_particulars(row)),
    )


def _particulars(row: Row) -> Iterator[Line]:
    for name, label in _NAMES.items():
        value = row.get(name)
        if isinstance(value, list):
            listed = [each or "" for each in value]
            whole = Text(*(", ".join(each or one for each in listed) for one in _both(_WHOLE)))
            yield Line(label, whole)
        elif value:
            yield Line(label, _same(value))
    if row.get("claimed_time"):
        yield Line(_CLAIMED, _same(row["claimed_time"]))
    for each in _rows(row.get("timestamps")):
        label = _STAMPS.get(str(each.get("type")), _STAMPS["signature"])
        yield Line(label, _same(_joined(each, "indication", "subindication", "time", "authority")))
        if each.get("reason"):
            yield Line(_WHY, _text(each["reason"]))


def _reasons(row: Row) -> Iterator[Line]:
    if row.get("reason"):
        yield Line(_WHY, _text(row["reason"]))
    meaning = meanings().get(str(row.get("subindication")))
    if meaning is not None:
        yield Line(_MEANS, meaning)


def _worth(row: Row) -> Iterator[Line]:
    worth = _map(row.get("recognition"))
    if worth.get("explanation"):
        yield Line(_WORTH, _text(worth["explanation"]))
    for answer in _map(row.get("ledger")).values():
        why = _map(answer).get("why")
        if why:
            yield Line(_MEANS, _text(why))


@cache
def meanings() -> Mapping[str, Text]:
    """Return what each sub-indication means to a reader who is no expert."""
    table = files("certs.report").joinpath("subindications.csv").read_text("utf-8")
    return {
        each["code"]: Text(each["en"], each["zh"]) for each in csv.DictReader(table.splitlines())
    }


def _good(indication: str) -> bool | None:
    return {"TOTAL-PASSED": True, "TOTAL-FAILED": False}.get(indication)


def _joined(row: Row, *names: str) -> str:
    return ", ".join(str(row[name]) for name in names if row.get(name))


def _same(value: object) -> Text:
    return Text(str(value), str(value))


def _both(text: Text) -> tuple[str, str]:
    return text.en, text.zh


def _text(value: object) -> Text:
    found = _map(value)
    return Text(str(found.get("en", "")), str(found.get("zh", "")))


def _map(value: object) -> Row:
    return value if isinstance(value, Mapping) else {}


def _rows(value: object) -> Sequence[Row]:
    return value if isinstance(value, list | tuple) else ()
