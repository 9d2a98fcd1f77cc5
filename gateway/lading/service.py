"""The lading room as the faces see it: one object with all of its parts."""

from __future__ import annotations

from functools import cached_property

from gateway.lading import endorsement
from gateway.lading.chain import Json
from gateway.lading.desk import Desk
from gateway.lading.issuance import IssuingCarrier, IssuingPlatform
from gateway.lading.receiving import Receiver
from gateway.lading.runner import LadingRunner
from gateway.lading.sending import Sender
from gateway.lading.surrender import SurrenderedCarrier, SurrenderingPlatform


class LadingService:
    """Bills of lading at one desk."""

    def __init__(self, desk: Desk, *, issue_at_once: bool = True) -> None:
        """Work at `desk`."""
        self.desk = desk
        self._at_once = issue_at_once

    @cached_property
    def receiver(self) -> Receiver:
        """The receiving platform of PINT."""
        return Receiver(self.desk)

    @cached_property
    def sender(self) -> Sender:
        """The sending platform of PINT."""
        return Sender(self.desk)

    @cached_property
    def issuing(self) -> IssuingPlatform:
        """The platform of issue."""
        return IssuingPlatform(self.desk, at_once=self._at_once)

    @cached_property
    def carrier_issuing(self) -> IssuingCarrier:
        """The carrier that has bills issued."""
        return IssuingCarrier(self.desk)

    @cached_property
    def surrendering(self) -> SurrenderingPlatform:
        """The platform that surrenders."""
        return SurrenderingPlatform(self.desk)

    @cached_property
    def surrendered(self) -> SurrenderedCarrier:
        """The carrier that bills are surrendered to."""
        return SurrenderedCarrier(self.desk)

    @cached_property
    def runner(self) -> LadingRunner:
        """Does what is planned with other parties."""
        return LadingRunner(self)

    def chains(self, reference: str, caller: str, sub: str = "") -> list[Json]:
        """Return the endorsement chains under a reference, for their carrier."""
        return endorsement.chains(self.desk, reference, caller, sub)
