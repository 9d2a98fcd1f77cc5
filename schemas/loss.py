"""The loss report of a translation: one entry per source leaf, and what the target lacks."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from json.encoder import encode_basestring as _text


class LossClass(StrEnum):
    """What became of a source value on its way to the target."""

    EXACT = "exact"
    CONVERT = "convert"
    DERIVE = "derive"
    LOSSY = "lossy"
    DROPPED = "dropped"
    EXT = "ext"


@dataclass(slots=True)
class LossEntry:
    """One source leaf: `path` and `value` as they stand in the source, `target` where it went."""

    path: str
    term: str
    value: str
    cls: LossClass
    target: str = ""
    target_value: str = ""
    reason: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return the entry in the shape of the command-line contract."""
        return {
            "path": self.path,
            "term": self.term,
            "value": self.value,
            "class": self.cls.value,
            "target": self.target,
            "target_value": self.target_value,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Missing:
    """A mandatory target leaf for which nothing was found; `reason` says who has to supply it."""

    target: str
    term: str
    reason: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return the entry in the shape of the command-line contract."""
        return {"target": self.target, "term": self.term, "reason": self.reason}


@dataclass(slots=True)
class LossReport:
    """Everything that happened to the source's leaves, and the target's mandatory gaps."""

    source: str
    target: str
    entries: list[LossEntry] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    source_leaves: int = 0
    target_mandatory: int = 0

    def lost(self) -> Iterable[LossEntry]:
        """Yield the entries whose value is narrowed or gone in the target."""
        return (e for e in self.entries if e.cls in (LossClass.LOSSY, LossClass.DROPPED))

    def coverage(self) -> dict[str, float]:
        """Return the share of source leaves accounted for and of mandatory targets filled."""
        source = len(self.entries) / self.source_leaves if self.source_leaves else 1.0
        filled = self.target_mandatory - len(self.missing)
        target = filled / self.target_mandatory if self.target_mandatory else 1.0
        return {"source": round(min(source, 1.0), 4), "target_mandatory": round(target, 4)}

    def to_json(self) -> bytes:
        """Return `as_dict` as compact JSON in UTF-8, several times faster for its many entries."""
        entries = ",".join(
            f'{{"path":{_text(e.path)},"term":{_text(e.term)},"value":{_text(e.value)},'
            f'"class":"{e.cls}","target":{_text(e.target)},'
            f'"target_value":{_text(e.target_value)},"reason":{_text(e.reason)}}}'
            for e in self.entries
        )
        rest = {
            "missing": [gap.as_dict() for gap in self.missing],
            "coverage": self.coverage(),
        }
        tail = json.dumps(rest, ensure_ascii=False, separators=(",", ":"))[1:]
        head = f'{{"source":{_text(self.source)},"target":{_text(self.target)},"entries":['
        return f"{head}{entries}],{tail}".encode()

    def as_dict(self) -> dict[str, object]:
        """Return the report in the shape of the command-line contract (LOSS.json)."""
        return {
            "source": self.source,
            "target": self.target,
            "entries": [entry.as_dict() for entry in self.entries],
            "missing": [gap.as_dict() for gap in self.missing],
            "coverage": self.coverage(),
        }
