"""The terms of a document, indexed for rendering."""

from __future__ import annotations

import re
from sys import intern
from typing import Final

from schemas.document import Document, Term

_INDEX: Final = re.compile(r"\[(\d+)\]")


Groups = tuple[tuple[str, str, int], ...]
Anatomy = tuple[str, str, Groups]

_KEPT: Final = 1 << 16
_ANATOMIES: Final[dict[str, Anatomy]] = {}
_GROUPS: Final[dict[Groups, Groups]] = {}


def anatomy(term_id: str) -> Anatomy:
    """Return the id without `[1]`, without any index, and each (prefix, bare prefix, index).

    Remembered as long as there is room; strings are interned, so that looking one up by another
    compares no characters.
    """
    found = _ANATOMIES.get(term_id)
    if found is None:
        key, bare, groups = found = _anatomy(term_id)
        if len(_ANATOMIES) < _KEPT:
            found = _ANATOMIES[term_id] = key, bare, _GROUPS.setdefault(groups, groups)
    return found


def _anatomy(term_id: str) -> Anatomy:
    key = intern(term_id.replace("[1]", ""))
    groups = []
    for match in _INDEX.finditer(key):
        prefix = intern(key[: match.start()])
        groups.append((prefix, intern(_INDEX.sub("", prefix)), int(match[1])))
    return key, intern(_INDEX.sub("", key)), tuple(groups)


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
        parts = _ANATOMIES
        before: Groups = ()
        for term in document.terms:
            found = parts.get(term.id) or anatomy(term.id)
            key, bare, groups = found
            if key in by_key:
                continue
            by_key[key] = term
            present.add(bare)
            if groups is before:  # mostly: the terms of a line come together
                continue
            before = groups
            for prefix, bare_prefix, number in groups:
                if number > last.get(prefix, 1):
                    last[prefix] = number
                    many.add(bare_prefix)
        self.by_key = by_key
        self.last = last
        self.present = frozenset(present)
        self.many = frozenset(many)
