"""The table of a format as a schema for other people's tools."""

from __future__ import annotations

from adapters import registry
from adapters.engine.json_schema import json_schema
from adapters.engine.xsd import xsd


def schema(format_id: str) -> bytes:
    """Return the schema of a format: XSD for XML, JSON Schema 2020-12 for JSON.

    Raises NoSuchFormat.
    """
    fmt = registry.get(format_id)
    return xsd(fmt) if fmt.syntax == "xml" else json_schema(fmt)
