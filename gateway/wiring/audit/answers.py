"""The questions of an auditor, and the shape of an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from certs.verdict import SubIndication
from schemas.text import Text

Detail = Mapping[str, object]


class Question(StrEnum):
    """What an auditor asks, in the order of the answers."""

    WHO = "who"
    WHEN = "when"
    UNCHANGED = "unchanged"
    IN_LOG = "in_log"
    ANCHORED = "anchored"
    DELIVERED = "delivered"
    RECEIVED = "received"
    ALIKE = "alike"
    CHANGED = "changed"
    VERIFIED = "verified"
    DECLARED = "declared"


REQUIRED: Final = (Question.WHO, Question.WHEN, Question.UNCHANGED, Question.IN_LOG)
"""Without a yes to these a package is no evidence."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes (True), no (False) or nothing shown (None), why, and the particulars.

    `sub` is the sub-indication that a no stands for.
    """

    ok: bool | None
    why: Text
    details: tuple[Detail, ...] = ()
    sub: SubIndication | None = None

    def as_dict(self) -> dict[str, object]:
        """Return the answer as plain JSON values."""
        return {
            "ok": self.ok,
            "why": self.why.as_dict(),
            "details": [dict(detail) for detail in self.details],
        }


Answers = Mapping[Question, Answer]


def proven(why: Text, details: Iterable[Detail] = ()) -> Answer:
    """Return a yes."""
    return Answer(ok=True, why=why, details=tuple(details))


def nothing(en: str, zh: str, details: Sequence[Detail] = ()) -> Answer:
    """Return the answer that nothing is shown."""
    return Answer(None, Text(en, zh), tuple(details))


def refuted(why: Text, sub: SubIndication | None = None, details: Iterable[Detail] = ()) -> Answer:
    """Return a no."""
    sub = sub or SubIndication.SIG_CONSTRAINTS_FAILURE
    return Answer(ok=False, why=why, details=tuple(details), sub=sub)
