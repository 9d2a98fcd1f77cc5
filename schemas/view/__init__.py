"""An invoice as people read it: all its business terms in English, Chinese or both.

`sheet` arranges the terms, `html` and `pdf` write the page. Nothing is left out: what has no place
of its own on the page is listed under its group.
"""

from schemas.view.html import html
from schemas.view.sheet import LANGUAGES, NotAnInvoice, sheet

__all__ = ["LANGUAGES", "NotAnInvoice", "html", "sheet"]
