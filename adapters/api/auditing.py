"""The official mode: what the official artefacts find in a document, without reading its terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from adapters import registry
from adapters.api.documents import choose, opened, read
from adapters.engine.format import Format
from schemas.finding import Finding
from schemas.rules.invoice import editions
from schemas.rules.invoice import official as packs
from schemas.rules.invoice.stream import collector_off, stream
from schemas.xml import Element, root_of

_LARGE: Final = 1024 * 1024
"""Octets from which a document is worth to be read line by line."""


@dataclass(frozen=True, slots=True)
class Audit:
    """The format of a document, the official rule sets that were run, and what they find."""

    format: str
    rulesets: tuple[str, ...]
    findings: list[Finding] = field(default_factory=list)


def audit(data: bytes, rules: str | Sequence[str] = "auto") -> Audit:
    """Return exactly what the official rule packs and XML schemas find in a document.

    `auto` runs those of the document's profile and date, and EN 16931 where the profile names only
    a schema. Of the ids given, those of another syntax are left out. Raises InputError for bytes
    that cannot be parsed or recognised, UnknownRuleSet for an id that does not exist, or when none
    is left.
    """
    with collector_off():
        found = _streamed(data, rules) if len(data) >= _LARGE else None
        return found or _whole(data, rules)


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


def _streamed(data: bytes, rules: str | Sequence[str]) -> Audit | None:
    """Audit a large document line by line; None where it has to be seen whole."""
    head = root_of(data)
    if head is None:
        return None
    try:
        fmt = registry.recognise(head)
    except registry.UnknownFormat:
        return None
    xsd = next((editions.edition(each) for each in fmt.official if _is_schema(each)), None)
    found = stream(data, head, xsd)
    if found is None:
        return None
    _, chosen = _choose(found.root, fmt, rules)
    if any(_is_schema(each) and each != xsd for each in chosen):
        return None
    wanted = [each for each in chosen if not _is_schema(each)]
    return Audit(fmt.id, chosen, packs.judged(found.tree, wanted))


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
