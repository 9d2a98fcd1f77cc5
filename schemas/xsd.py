"""XML schemas: compiled from the files of a package, and what a document has against them.

Documents come parsed (`schemas.xml`); schemas are trusted files, never a caller's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any, Final, NamedTuple

from lxml import etree

from schemas.xml import Element, path_of


class Violation(NamedTuple):
    """Where a document departs from a schema: lxml's type and message, and the element.

    `path` is local names, `[n]` on the second and later siblings of a name; `text` is the
    element's text.
    """

    type: str
    message: str
    path: str
    line: int
    text: str


class Schema:
    """A compiled XML schema; safe to share between threads."""

    def __init__(self, compiled: etree.XMLSchema) -> None:
        """Keep the compiled schema; its log of errors is its own, so one validates at a time."""
        self._compiled = compiled
        self._lock = Lock()

    @property
    def streaming(self) -> etree.XMLSchema:
        """Return the schema for `schemas.xml.thinned`, where each run has a log of its own."""
        return self._compiled

    def violations(self, root: Element) -> Iterator[Violation]:
        """Yield where a document departs from the schema, in document order."""
        with self._lock:
            if self._compiled.validate(root):
                return
            entries: Any = tuple(self._compiled.error_log)  # type: ignore[arg-type] # poor stubs
        for entry in entries:
            element = _at(root, entry.path or "")
            yield Violation(
                entry.type_name,
                entry.message,
                path_of(element),
                _line(element),
                (element.text or "").strip(),
            )


def compile_schema(path: Path) -> Schema:
    """Return the XML schema in a file of a package; what it includes lies beside it."""
    return Schema(etree.XMLSchema(file=str(path)))


_STEP: Final = re.compile(r"(?:([^:\[]+):)?([^:\[]+)(?:\[(\d+)\])?")


def _at(root: Element, path: str) -> Element:
    """Return the element at a path of libxml2 (`/*/cac:Party[2]`), or the last one known."""
    here = root
    for step in path.split("/")[2:]:
        match = _STEP.fullmatch(step)
        if match is None:
            break
        prefix, name, number = match[1], match[2], int(match[3] or 1)
        fits = (
            child
            for child in here.iterchildren("*")
            if name == "*" or (child.prefix == prefix and child.tag.rpartition("}")[2] == name)
        )
        found = next(islice(fits, number - 1, None), None)
        if found is None:
            break
        here = found
    return here


def _line(element: Any) -> int:  # noqa: ANN401 - poor stubs
    return element.sourceline or 0
