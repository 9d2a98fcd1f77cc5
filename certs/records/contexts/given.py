"""Contexts that an operator gives in a folder, each pinned by its digest; none is fetched.

`contexts.toml` in the folder lists them by the name that credentials use:

    ["https://example.org/terms/v1"]
    file = "terms-v1.jsonld"
    sha256 = "9f86d081..."
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from certs.errors import BadContexts
from certs.records import contexts
from certs.records.model import Broken
from certs.records.strict import parse

INDEX: Final = "contexts.toml"
_LARGEST: Final = 1024 * 1024


def read(folder: Path) -> Mapping[str, object]:
    """Return the contexts in a folder by name; raises BadContexts.

    A file that is not the one that was pinned, or a name that is held already, is refused.
    """
    try:
        listed = tomllib.loads((folder / INDEX).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadContexts(where=str(folder / INDEX), reason=str(error)) from error
    return {url: _one(folder, url, entry) for url, entry in listed.items()}


def _one(folder: Path, url: str, entry: object) -> object:
    named = entry.get("file") if isinstance(entry, dict) else None
    pinned = entry.get("sha256") if isinstance(entry, dict) else None
    if not isinstance(named, str) or not isinstance(pinned, str):
        raise BadContexts(where=url, reason="file and sha256 are to be given")
    if url in contexts.known():
        raise BadContexts(where=url, reason="this context is built in")
    try:
        path = folder / named
        data = path.read_bytes() if path.stat().st_size <= _LARGEST else b""
    except OSError as error:
        raise BadContexts(where=url, reason=str(error)) from error
    if sha256(data).hexdigest() != pinned.lower():
        raise BadContexts(where=url, reason=f"{named} is not the file that was pinned")
    return _content(url, data)


def _content(url: str, data: bytes) -> object:
    try:
        found = parse(data).get("@context")
    except Broken as broken:
        raise BadContexts(where=url, reason=broken.why.en) from broken
    if not isinstance(found, dict | list):
        raise BadContexts(where=url, reason="the file has no @context")
    return found
