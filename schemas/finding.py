"""Findings: what a check found, where, what it expected, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schemas.text import Text

NO_TEXT = Text("", "")


class Flag(StrEnum):
    """How grave a finding is; only a fatal one makes a document invalid."""

    FATAL = "fatal"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing a rule found in a document.

    `rule` contains the kind (mandatory, length, format, range, code, table, structure, sum,
    weight, checkdigit, consistency, match) or is the official rule id; `path` is local names
    from the root joined by `/`, `[n]` on the second and later siblings; `line` is 1-based, 0
    when there is none; `term` is the business term.
    """

    rule: str
    ruleset: str
    flag: Flag = Flag.FATAL
    path: str = ""
    line: int = 0
    term: str = ""
    found: str = ""
    expected: str = ""
    message: Text = NO_TEXT
    hint: Text = NO_TEXT

    def as_dict(self) -> dict[str, object]:
        """Return the finding in the shape of the command-line contract."""
        return {
            "rule": self.rule,
            "ruleset": self.ruleset,
            "flag": self.flag.value,
            "path": self.path,
            "line": self.line,
            "term": self.term,
            "found": self.found,
            "expected": self.expected,
            "message": self.message.as_dict(),
            "hint": self.hint.as_dict(),
        }
