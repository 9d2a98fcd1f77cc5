"""Reports on verifications for people: HTML, PDF, plain text, JSON; in English and Chinese.

What counts comes first, the particulars are folded (after ETSI TS 119 102-2 in substance).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from certs.report import html, pdf, text
from certs.report.model import Report, build

__all__ = ["KINDS", "write"]


def _json(report: Report) -> bytes:
    rows = {"validated_at": report.made, "files": list(report.rows)}
    return json.dumps(rows, ensure_ascii=False, indent=2).encode()


_WRITERS: Final[Mapping[str, Callable[[Report], bytes]]] = {
    ".html": html.render,
    ".json": _json,
    ".pdf": pdf.render,
    ".txt": text.render,
}
KINDS: Final = tuple(_WRITERS)


def write(kind: str, rows: Sequence[Mapping[str, object]], at: datetime) -> bytes:
    """Return the report on files, each given as its row of `silkgate verify`.

    `kind` is one of KINDS; raises KeyError for another, and ExtraMissing for a PDF without the
    library that draws it.
    """
    return _WRITERS[kind](build(rows, at))
