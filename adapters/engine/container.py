"""A format whose document stands in a file of another kind, e.g. the XML invoice in a PDF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from schemas.document import Document


class Container(Protocol):
    """The module `container.py` in the folder of such a format."""

    def unwrap(self, data: bytes) -> bytes:
        """Return the document in a file; raises InputError."""

    def named(self, document: Document) -> Document:
        """Return the document as it may stand in such a file, e.g. under another profile."""

    def wrap(self, inner: bytes, document: Document, settings: Mapping[str, object]) -> bytes:
        """Return the file around a document that was written."""
