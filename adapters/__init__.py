"""How others write a document: one folder of tables per format, all run by one engine."""

from adapters.api.auditing import Audit, audit, check
from adapters.api.comparison import diff
from adapters.api.documents import detect, official, read, rulesets, validate
from adapters.api.judging import judge
from adapters.api.schema_export import schema
from adapters.api.translation import Rendering, convert, render
from adapters.engine.reading import Reading
from adapters.registry import formats

__all__ = [
    "Audit",
    "Reading",
    "Rendering",
    "audit",
    "check",
    "convert",
    "detect",
    "diff",
    "formats",
    "judge",
    "official",
    "read",
    "render",
    "rulesets",
    "schema",
    "validate",
]
