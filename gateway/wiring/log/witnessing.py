"""Cosignatures, both ways: we witness the partners' logs, they witness ours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from gateway.api.logports import Served
from gateway.transport.witness import WitnessClient, WitnessElsewhere
from ledger.note import NoteVerifier
from ledger.signature import verifier_for
from ledger.witness import SIZE_TYPE, Answer, Witness


@dataclass(frozen=True, slots=True)
class OurWitness:
    """Answers add-checkpoint requests of partners."""

    witness: Witness

    def add_checkpoint(self, request: bytes) -> Served:
        """Answer one request."""
        answer = self.witness.add_checkpoint(request)
        return Served(answer.status, answer.content_type, answer.body)


@dataclass(frozen=True)
class PartnerWitness:
    """A partner gateway that cosigns our checkpoints."""

    party: str
    key: str
    client: WitnessClient

    @cached_property
    def verifier(self) -> NoteVerifier:
        """Checks its cosignatures."""
        return verifier_for(self.key)

    def add_checkpoint(self, request: bytes) -> Answer:
        """Ask it; raises TransportError when it cannot be reached."""
        try:
            return Answer(200, self.client.add_checkpoint(self.party, request))
        except WitnessElsewhere as elsewhere:
            return Answer(409, f"{elsewhere.size}\n".encode(), SIZE_TYPE)
