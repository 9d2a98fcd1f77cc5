"""The lading room as the faces see it: one object with all of its parts."""

from __future__ import annotations

from functools import cached_property

from gateway.lading.desk import Desk
from gateway.lading.receiving import Receiver
from gateway.lading.sending import Sender


class LadingService:
    """Bills of lading at one desk."""

    def __init__(self, desk: Desk) -> None:
        """Work at `desk`."""
        self.desk = desk

    @cached_property
    def receiver(self) -> Receiver:
        """The receiving platform of PINT."""
        return Receiver(self.desk)

    @cached_property
    def sender(self) -> Sender:
        """The sending platform of PINT."""
        return Sender(self.desk)
