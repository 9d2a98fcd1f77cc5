"""How a rule is written: a function over a view that yields what it found and what it expected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from schemas.document import Term
from schemas.finding import Flag
from schemas.text import Text


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One breach of a rule: the term to fix, what it says and what it should say.

    `path` overrides the term's own place in the source, for an element that is missing;
    `about` names the business term when there is no such term in the document.
    """

    term: Term | None
    found: str = ""
    expected: str = ""
    path: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A registered rule; its id begins with the kind of finding it makes.

    `reads` are the terms of items, and groups of them, that its test looks at; None for any.
    """

    id: str
    terms: tuple[str, ...]
    reads: tuple[str, ...] | None
    flag: Flag
    says: Text
    hint: Text
    test: Callable[..., Iterator[Mismatch]]


RULES: Final[dict[str, Rule]] = {}

Test = Callable[..., Iterator[Mismatch]]


def rule(
    rule_id: str,
    *,
    terms: tuple[str, ...],
    says: Text,
    hint: Text,
    flag: Flag = Flag.FATAL,
    reads: tuple[str, ...] | None = None,
) -> Callable[[Test], Test]:
    """Register a rule under its id.

    `says` and `hint` may use {term} (the business term's name), {found} and {expected}.
    A rule that says which terms of items it `reads` can run where the others are not kept.
    """

    def register(test: Any) -> Any:  # noqa: ANN401 - the test keeps its own type
        RULES[rule_id] = Rule(rule_id, terms, reads, flag, says, hint, test)
        return test

    return register
