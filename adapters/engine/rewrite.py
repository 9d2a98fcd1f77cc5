"""Writing a document back into its own format from the source it was read from."""

from __future__ import annotations

from lxml import etree

from adapters.engine.json_source import encode
from schemas.xml import Element


def serialise(root: object) -> bytes:
    """Return the source as bytes: XML in UTF-8 with its comments, or JSON."""
    if isinstance(root, Element):
        return bytes(
            etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)
        )
    return encode(root)
