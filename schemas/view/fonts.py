"""The fonts of printed pages (the extra `pdf`): each letter in one that has it.

Latin text is set in the font that reportlab carries and embeds. Other scripts use the standard
Chinese font of PDF readers, which cannot be embedded; a letter that neither has is printed without
its marks.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from itertools import groupby
from typing import Final
from unicodedata import normalize

LATIN: Final = "Vera"
BOLD: Final = "VeraBd"
CHINESE: Final = "STSong-Light"
_CHARACTERS: Final = "gb18030"
"""What the Chinese font has: the characters of this set that take at most two bytes."""
_MOST: Final = 60
"""Characters of a word that is not broken."""


@cache
def covered() -> frozenset[int]:
    """Register the fonts; return the characters that the embedded one has."""
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    latin = TTFont(LATIN, "Vera.ttf")
    registerFont(latin)
    registerFont(TTFont(BOLD, "VeraBd.ttf"))
    registerFont(UnicodeCIDFont(CHINESE))
    return frozenset(latin.face.charToGlyph)


def marked(text: str) -> str:
    """Return text as reportlab's markup, each run of characters in a font that has them."""
    words = re.sub(rf"(\S{{{_MOST}}})(?=\S)", r"\1 ", normalize("NFC", text))
    parts: list[str] = []
    for embedded, run in groupby(map(_printable, words), _embedded):
        said = escape("".join(run)).replace("\n", "<br/>")
        parts.append(said if embedded else f'<font name="{CHINESE}">{said}</font>')
    return "".join(parts)


def _embedded(letter: str) -> bool:
    return ord(letter) in covered() or letter in "\n\t"


def _printable(letter: str) -> str:
    """Return a letter that one of the fonts has, as near as can be."""
    if _embedded(letter) or len(letter.encode(_CHARACTERS, "replace")) <= 2:  # noqa: PLR2004 - bytes
        return letter
    bare = normalize("NFKD", letter)[0]
    return bare if _embedded(bare) else letter
