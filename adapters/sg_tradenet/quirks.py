"""What the table of the Singapore declaration cannot say: that a name is a placeholder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schemas.codes import Converted
from schemas.loss import LossClass

REASON: Final = (
    "placeholder name: the JSON name below the header is not public / 占位名称:表头以下名称未公开"
)


class Placeholder:
    """Keeps the value and says that it stands under a name of our own."""

    def read(self, text: str) -> Converted | None:
        """Return the value as it stands."""
        return Converted(text, LossClass.CONVERT, REASON)

    def write(self, text: str) -> Converted | None:
        """Return the value as it stands, with the reason for the loss report."""
        return Converted(text, LossClass.CONVERT, REASON)

    def fault(self, text: str) -> str:
        """Return the kind of fault of a text that cannot be read: none is refused."""
        del text
        return ""


CONVERSIONS: Final[Mapping[str, Placeholder]] = {"placeholder": Placeholder()}
