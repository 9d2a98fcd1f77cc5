"""The terms of a document, indexed for rendering."""

from __future__ import annotations

import re
from sys import intern
from typing import Final, NamedTuple

from schemas.document import Document

_INDEX: Final = re.compile(r"\[(\d+)\]")


class Groups:
    """The groups that a term stands in, each as (prefix, bare prefix, index).

    Terms of one place share theirs, so that a set of them has one for each line.
    """

    __slots__ = ("each",)

    def __init__(self, each: tuple[tuple[str, str, int], ...]) -> None:
        """Keep the groups, from outside in."""
        self.each = each


class Anatomy(NamedTuple):
    """A term id without `[1]`, without any index, and its groups."""

    key: str
    bare: str
    groups: Groups


_KEPT: Final = 1 << 16
_ANATOMIES: Final[dict[str, Anatomy]] = {}
_GROUPS: Final[dict[tuple[tuple[str, str, int], ...], Groups]] = {}


def anatomy(term_id: str) -> Anatomy:
    """Return the parts of a term id.

    Remembered as long as there is room; strings are interned, so that looking one up by another
    compares no characters.
    """
    found = _ANATOMIES.get(term_id)
    if found is None:
        found = _anatomy(term_id)
        if len(_ANATOMIES) < _KEPT:
            groups = _GROUPS.setdefault(found.groups.each, found.groups)
            found = _ANATOMIES[term_id] = found._replace(groups=groups)
    return found


def _anatomy(term_id: str) -> Anatomy:
    key = intern(term_id.replace("[1]", ""))
    groups = []
    for match in _INDEX.finditer(key):
        prefix = intern(key[: match.start()])
        groups.append((prefix, intern(_INDEX.sub("", prefix)), int(match[1])))
    return Anatomy(key, intern(_INDEX.sub("", key)), Groups(tuple(groups)))


class TermIndex:
    """Terms by id without `[1]`, the bare ids present, and how far each group runs.

    `last` is the highest index by group prefix, `many` the bare prefixes that repeat at all.
    """

    __slots__ = ("by_key", "last", "many", "present")

    def __init__(self, document: Document) -> None:
        """Index a document; the first of equal ids wins."""
        known, terms = _ANATOMIES.get, document.terms
        parts = [known(term.id) or anatomy(term.id) for term in terms]
        keys, bare, places = zip(*parts, strict=True) if parts else ((), (), ())
        by_key = dict(zip(keys, terms, strict=True))
        if len(by_key) < len(terms):
            by_key = dict(zip(reversed(keys), reversed(terms), strict=True))
        last: dict[str, int] = {}
        many: set[str] = set()
        for groups in set(places):
            for prefix, bare_prefix, number in groups.each:
                if number > last.get(prefix, 1):
                    last[prefix] = number
                    many.add(bare_prefix)
        self.by_key = by_key
        self.last = last
        self.present = frozenset(bare)
        self.many = frozenset(many)
