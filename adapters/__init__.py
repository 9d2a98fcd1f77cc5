"""How others write a document: one folder of tables per format, all run by one engine."""

from adapters.api import Rendering, convert, detect, read, render, validate
from adapters.engine.reading import Reading
from adapters.registry import formats

__all__ = [
    "Reading",
    "Rendering",
    "convert",
    "detect",
    "formats",
    "read",
    "render",
    "validate",
]
