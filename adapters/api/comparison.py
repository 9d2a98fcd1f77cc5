"""Two documents of any formats, compared by business term."""

from __future__ import annotations

from schemas.document import Document


def diff(a: Document, b: Document) -> list[dict[str, str]]:
    """Return the terms in which two documents differ: term id, value in `a`, value in `b`.

    Attributes count as `ID@attr`; source codes beside a converted attribute do not. A side that
    lacks the term has an empty value. Order: that of `a`, then what only `b` has.
    """
    one, other = _values(a), _values(b)
    return [
        {"term": term, "a": one.get(term, ""), "b": other.get(term, "")}
        for term in dict.fromkeys([*one, *other])
        if one.get(term) != other.get(term)
    ]


def _values(document: Document) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, term in document.index().items():
        found[key] = term.value
        for attr, value in term.attrs.items():
            if not attr.startswith("source_"):
                found[f"{key}@{attr}"] = value
    return found
