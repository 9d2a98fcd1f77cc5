"""The terms of a document, indexed for rendering."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from schemas.document import Document, Term

_INDEX: Final = re.compile(r"\[(\d+)\]")


@lru_cache(maxsize=1 << 16)
def anatomy(term_id: str) -> tuple[str, str, tuple[tuple[str, str, int], ...]]:
    """Return the id without `[1]`, without any index, and each (prefix, bare prefix, index)."""
    key = term_id.replace("[1]", "")
    groups = []
    for match in _INDEX.finditer(key):
        prefix = key[: match.start()]
        groups.append((prefix, _INDEX.sub("", prefix), int(match[1])))
    return key, _INDEX.sub("", key), tuple(groups)


class TermIndex:
    """Terms by id without `[1]`, the bare ids present, and how far each group runs.

    `last` is the highest index by group prefix, `many` the bare prefixes that repeat at all.
    """

    __slots__ = ("by_key", "last", "many", "present")

    def __init__(self, document: Document) -> None:
        """Index a document; the first of equal ids wins."""
        by_key: dict[str, Term] = {}
        last: dict[str, int] = {}
        present: set[str] = set()
        many: set[str] = set()
        for term in document.terms:
            key, bare, groups = anatomy(term.id)
            if key in by_key:
                continue
            by_key[key] = term
            present.add(bare)
            for prefix, bare_prefix, number in groups:
                if number > last.get(prefix, 1):
                    last[prefix] = number
                    many.add(bare_prefix)
        self.by_key = by_key
        self.last = last
        self.present = frozenset(present)
        self.many = frozenset(many)
