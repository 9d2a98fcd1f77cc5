"""Texts a person reads, always in English and Chinese."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_PAIR: Final = re.compile(r"(.+?) / ([^;]*[\u4e00-\u9fff][^;]*)(?:; |$)")


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in English and in Chinese; `{name}` placeholders are filled by `format`."""

    en: str
    zh: str

    @classmethod
    def of(cls, line: str) -> Text:
        """Return what tables write on one line, `English / Chinese`, several parted by `; `.

        What has no Chinese beside it is the same in both.
        """
        pairs = _PAIR.findall(line)
        rest = _PAIR.sub("", line)
        parts = [*pairs, *([(rest, rest)] if rest else [])]
        return cls("; ".join(en for en, _ in parts), ";".join(zh for _, zh in parts))

    def format(self, **values: object) -> Text:
        """Return the text with its placeholders filled; a placeholder without value stays.

        A value that is a text itself is said in the language of the half it stands in.
        """
        return Text(
            self.en.format_map(_Kept(_halves(values, "en"))),
            self.zh.format_map(_Kept(_halves(values, "zh"))),
        )

    @property
    def line(self) -> str:
        """The text as tables write it, the opposite of `of`."""
        return f"{self.en} / {self.zh}"

    def as_dict(self) -> dict[str, str]:
        """Return `{"en": ..., "zh": ...}`, the form used in JSON everywhere."""
        return {"en": self.en, "zh": self.zh}


class _Kept(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def _halves(values: dict[str, object], language: str) -> dict[str, object]:
    return {
        name: getattr(value, language) if isinstance(value, Text) else value
        for name, value in values.items()
    }
