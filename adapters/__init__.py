"""How others write a document: one folder of tables per format, all run by one engine."""

from adapters.api import detect, read, rulesets, validate
from adapters.comparison import diff
from adapters.engine.reading import Reading
from adapters.registry import formats
from adapters.schema_export import schema
from adapters.translation import Rendering, convert, render

__all__ = [
    "Reading",
    "Rendering",
    "convert",
    "detect",
    "diff",
    "formats",
    "read",
    "render",
    "rulesets",
    "schema",
    "validate",
]
