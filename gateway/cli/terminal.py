r"""What is printed cannot speak to the terminal.

Documents, remarks and names are other people's words: control characters in them could clear a
screen, rewrite a line that stands there, or turn the order of letters around. They are printed
escaped, as JSON has them (`\u001b`), so that a line of JSON stays the same value.
"""

from __future__ import annotations

import re
from typing import IO, Any, Final, cast

_STYLE: Final = r"\x1b\[(?:[012]|3[0-7]|9[0-7])m"
"""The colours and weights that this command line prints itself."""

_SPEAKING: Final = re.compile(
    _STYLE + "|[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]"  # C0, C1, lines, directions
)


def harmless(text: str) -> str:
    """Return text without control characters: each is escaped, but for tab and end of line."""
    if text.isascii() and text.isprintable():
        return text
    return _SPEAKING.sub(_escaped, text)


def guarded(stream: IO[str]) -> IO[str]:
    """Return a stream that writes harmless text; bytes go past it as they are."""
    return cast("IO[str]", _Guarded(stream))


class _Guarded:
    """Writes to a stream, and is that stream in all else."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(harmless(text))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a stream has
        return getattr(self._stream, name)


def _escaped(found: re.Match[str]) -> str:
    mark = found[0]
    return mark if len(mark) > 1 else f"\\u{ord(mark):04x}"
