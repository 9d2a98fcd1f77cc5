"""What is found in a document: by the official artefacts alone, or as the standards read.

A large invoice is read line by line in both modes, so that it is never in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

from adapters import registry
from adapters.api.documents import choose, ids, opened, read, rulesets, validate
from adapters.engine.format import Format
from adapters.engine.reading import Draft
from adapters.engine.walk_lines import LineWalk
from schemas import rules as business
from schemas.finding import Finding, Flag
from schemas.rules.invoice import editions, norm
from schemas.rules.invoice import official as packs
from schemas.rules.invoice.stream import collector_off, stream
from schemas.xml import Element, root_of

_LARGE: Final = 1024 * 1024
"""Octets from which a document is worth to be read line by line."""


@dataclass(frozen=True, slots=True)
class Audit:
    """The format of a document, its rule sets (official: those that were run), the findings."""

    format: str
    rulesets: tuple[str, ...]
    findings: list[Finding] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """Whether nothing fatal was found."""
        return not any(each.flag is Flag.FATAL for each in self.findings)

    def as_dict(self) -> dict[str, object]:
        """Return the result of a validation in the shape of the command-line contract."""
        return {
            "format": self.format,
            "rulesets": list(self.rulesets),
            "valid": self.valid,
            "findings": [finding.as_dict() for finding in self.findings],
        }


def audit(data: bytes, rules: str | Sequence[str] = "auto") -> Audit:
    """Return exactly what the official rule packs and XML schemas find in a document.

    `auto` runs those of the document's profile and date, and EN 16931 where the profile names only
    a schema. Of the ids given, those of another syntax are left out. Raises InputError for bytes
    that cannot be parsed or recognised, UnknownRuleSet for an id that does not exist, or when none
    is left.
    """
    with collector_off():
        found = _audit_lines(data, rules) if len(data) >= _LARGE else None
        return found or _whole(data, rules)


def check(data: bytes, rules: str | Sequence[str] = "auto") -> Audit:
    """Return what is found in a document as the standards read: `validate` of what `read` gives.

    The rule sets are those of the document's format, profile and date. Raises as both.
    """
    if len(data) >= _LARGE:
        with collector_off():
            found = _check_lines(data, rules)
        if found:
            return found
    reading = read(data)
    return Audit(reading.format, rulesets(reading), validate(reading, rules))


def _whole(data: bytes, rules: str | Sequence[str]) -> Audit:
    source, fmt, _ = opened(data)
    root, chosen = _choose(source, fmt, rules)
    return Audit(fmt.id, chosen, packs.official(root, chosen, _Terms(data).at))


def _choose(
    root: object, fmt: Format, rules: str | Sequence[str]
) -> tuple[Element, tuple[str, ...]]:
    """Return what `choose` does; of a profile without official rules those of the syntax."""
    found, chosen = choose(root, fmt, rules)
    if rules == "auto" and all(map(_is_schema, chosen)):
        of_syntax = [editions.edition(each) for each in fmt.official if not _is_schema(each)]
        chosen = (*chosen, *of_syntax)
    return found, chosen


def _is_schema(ruleset: str) -> bool:
    return ruleset.startswith("xsd-")


def _packs(chosen: Sequence[str]) -> list[str]:
    return [each for each in chosen if not _is_schema(each)]


class _Large(NamedTuple):
    """A large document before it is read: its bare root, its format and schema."""

    head: Element
    format: Format
    xsd: str | None

    def asked(self, chosen: Sequence[str]) -> bool:
        """Tell whether of some rule sets no schema is left to be asked."""
        return all(each == self.xsd for each in chosen if _is_schema(each))


def _large(data: bytes) -> _Large | None:
    head = root_of(data)
    if head is None:
        return None
    try:
        fmt = registry.recognise(head).reading(head.tag)
    except registry.UnknownFormat:
        return None
    xsd = next((editions.edition(each) for each in fmt.official if _is_schema(each)), None)
    return _Large(head, fmt, xsd)


def _audit_lines(data: bytes, rules: str | Sequence[str]) -> Audit | None:
    """Audit a large document line by line; None where it has to be seen whole."""
    large = _large(data)
    found = stream(data, large.head, large.xsd) if large else None
    if large is None or found is None:
        return None
    _, chosen = _choose(found.root, large.format, rules)
    if not large.asked(chosen):
        return None
    return Audit(large.format.id, chosen, packs.judged(found.tree, _packs(chosen)))


def _check_lines(data: bytes, rules: str | Sequence[str]) -> Audit | None:
    """Check a large document line by line; None where it has to be seen whole."""
    large = _large(data)
    if large is None:
        return None
    fmt = large.format
    own = [each for each in fmt.rulesets if not editions.is_pack(each)]
    named = () if rules == "auto" else ids(rules)
    wanted = [each for each in named if not editions.is_pack(each)] if named else own
    looked_at = business.reads(wanted)
    if looked_at is None:
        return None
    walk = LineWalk(Draft(fmt, None, fmt.edition), looked_at)
    found = stream(data, large.head, large.xsd, walk.take)
    reading = walk.finish(found.root) if found else None
    if found is None or reading is None:
        return None
    usual = packs.automatic(found.root, fmt.official)
    others = [each for each in named if each not in wanted] or (() if named else usual)
    chosen = choose(found.root, fmt, others)[1] if others else ()
    if not large.asked(chosen):
        return None
    findings = [*reading.findings, *business.check(reading.document, wanted)]
    findings += norm.judged(found.tree, _packs(chosen))
    return Audit(fmt.id, (*usual, *own), findings)


class _Terms:
    """The business terms of a document by their paths, read when first asked for."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @cached_property
    def _by_path(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for term in read(self._data).document:
            found.setdefault(term.path, term.id.rpartition("/")[2].partition("[")[0])
        return found

    def at(self, path: str) -> str:
        """Return the id of the term at a path, "" where there is none."""
        return self._by_path.get(path, "")
