"""Documents named on the command line, read; an error says which file it is about."""

from __future__ import annotations

from adapters import read
from gateway.cli.files import about, content
from schemas.document import Document


def document(name: str) -> Document:
    """Return the document in a file, `-` being standard input. Raises NoSuchFile, InputError."""
    with about(name):
        return read(content(name)).document
