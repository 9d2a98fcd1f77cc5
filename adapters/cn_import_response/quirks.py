"""What the table of the import response cannot say: the canonical status."""

from __future__ import annotations

from adapters.engine.reading import Draft
from schemas import codes


def after_read(draft: Draft) -> None:
    """Add the canonical status that the response code stands for."""
    code = draft.term("Status.SourceCode")
    if code is None:
        return
    found = codes.mapping("cn-import-response", "canonical-status").get(code.value)
    if found is not None:
        draft.add("Status.Code", found.value, source=code, cls=found.cls)
