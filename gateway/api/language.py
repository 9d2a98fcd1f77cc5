"""Which of the two languages a caller reads."""

from __future__ import annotations

from typing import Final, Literal

from schemas.text import Text

Language = Literal["en", "zh"]
DEFAULT: Final[Language] = "en"
_MOST_RANGES: Final = 16


def choose(accept: str | None, wanted: str | None = None) -> Language:
    """Return `wanted` if it is one of ours, else the best of Accept-Language (RFC 9110)."""
    if wanted in ("en", "zh"):
        return "zh" if wanted == "zh" else "en"
    best: Language = DEFAULT
    best_weight = 0.0
    for item in (accept or "").split(",")[:_MOST_RANGES]:
        tag, _, parameter = item.strip().partition(";")
        weight = _weight(parameter)
        primary = tag.strip().lower().partition("-")[0]
        if weight > best_weight and primary in ("en", "zh"):
            best, best_weight = ("zh" if primary == "zh" else "en"), weight
    return best


def say(text: Text, language: Language) -> str:
    """Return the text in that language."""
    return text.zh if language == "zh" else text.en


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
