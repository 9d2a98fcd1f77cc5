"""In which format a partner wants a document, by its card."""

from __future__ import annotations

from collections.abc import Sequence

import adapters


def wanted_format(source: str, wanted: Sequence[str]) -> str:
    """Return the first of the formats that a document in `source` can become.

    Its own format if the partner takes it, or says nothing about documents of this family.
    """
    known = adapters.formats()
    own = known.get(source)
    if own is None or source in wanted:
        return source
    family = (each for each in wanted if each in known and known[each].family is own.family)
    return next(family, source)
