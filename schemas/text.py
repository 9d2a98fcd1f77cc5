"""Texts a person reads, always in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in English and in Chinese; `{name}` placeholders are filled by `format`."""

    en: str
    zh: str

    def format(self, **values: object) -> Text:
        """Return the text with its placeholders filled; a placeholder without value stays."""
        known = _Kept(values)
        return Text(self.en.format_map(known), self.zh.format_map(known))

    def as_dict(self) -> dict[str, str]:
        """Return `{"en": ..., "zh": ...}`, the form used in JSON everywhere."""
        return {"en": self.en, "zh": self.zh}


class _Kept(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
