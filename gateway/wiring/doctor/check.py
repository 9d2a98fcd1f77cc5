"""One thing that `silkgate doctor` looked at: what was found, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from schemas.text import Text

_NOTHING: Final = Text("", "")


class State(StrEnum):
    """How a check ended; an error keeps the gateway from working, a warning will."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    state: State
    found: Text
    mend: Text = _NOTHING

    def as_dict(self) -> dict[str, object]:
        """Return the check as plain JSON values."""
        return {
            "check": self.name,
            "state": self.state.value,
            "message": self.found.as_dict(),
            "mend": self.mend.as_dict(),
        }
