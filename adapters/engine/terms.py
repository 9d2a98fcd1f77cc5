"""The terms of a document, indexed for rendering."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from schemas.document import Document, Term

_INDEX: Final = re.compile(r"\[(\d+)\]")


@lru_cache(maxsize=1 << 16)
def anatomy(key: str) -> tuple[str, tuple[tuple[str, int], ...]]:
    """Return the id without indices, and (group prefix, index) of each index it carries."""
    groups = tuple((key[: match.start()], int(match[1])) for match in _INDEX.finditer(key))
    return _INDEX.sub("", key), groups


class TermIndex:
    """Terms by id without `[1]`, the bare ids present, and how far each group runs."""

    __slots__ = ("by_key", "last", "present")

    def __init__(self, document: Document) -> None:
        """Index a document; the first of equal ids wins."""
        by_key: dict[str, Term] = {}
        last: dict[str, int] = {}
        present: set[str] = set()
        for term in document.terms:
            key = term.id
            if "[1]" in key:
                key = key.replace("[1]", "")
            if key in by_key:
                continue
            by_key[key] = term
            bare, groups = anatomy(key)
            present.add(bare)
            for prefix, number in groups:
                if number > last.get(prefix, 1):
                    last[prefix] = number
        self.by_key = by_key
        self.last = last
        self.present = present
