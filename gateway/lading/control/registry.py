"""Registries of control: what says, beyond two platforms, who is in control of a bill.

Two kinds fill the Protocol. A control tracking registry (`control_client`) keeps records of what
platforms did. A title register (`titled`) is asked to do it: its state is who has title and
possession, and what it did not do has not happened. Either beats what platforms say to each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.lading import checksums
from gateway.lading.chain import Action, Control, Json, action_of
from gateway.lading.envelope import Envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One transaction of a bill (the checksum of its document), and where control is after it.

    `orders` are the acting party's own signed orders, or its mandate, where it gave any.
    """

    bill: str
    document: Json
    made: Json
    after: Control
    orders: Sequence[str] = ()

    @classmethod
    def of(cls, envelope: Envelope, orders: Sequence[str] = ()) -> Step:
        """Return what an envelope transfers: its last transaction."""
        return cls(
            bill=envelope.document_checksum,
            document=envelope.document,
            made=envelope.final,
            after=envelope.control(),
            orders=orders,
        )

    @property
    def action(self) -> Action:
        """What is done."""
        return action_of(self.made)

    @property
    def mark(self) -> bytes:
        """What the step is known by, whoever signs it: 32 bytes, SHA-256 of bill and words."""
        return bytes.fromhex(checksums.of_json([self.bill, self.made]))


class Registry(Protocol):
    """Who is in control of a bill, decided in one place for all platforms.

    Each raises TransferDisputed where it refuses, PeerSilent or a TransportError where there is
    no answer that counts: then nothing is decided, and it is asked again. Asked again, all of
    them do nothing that was done before.
    """

    def open(self, step: Step, replaced: Sequence[str]) -> None:
        """Take up a bill before it counts as issued; `replaced` are the bills it replaces."""
        ...

    def make(self, step: Step) -> None:
        """Do a step inside a platform, or the carrier's answer, before it counts."""
        ...

    def offer(self, envelope: Envelope, orders: Sequence[str] = ()) -> None:
        """Pass control on, before the envelope goes to the platform it is for."""
        ...

    def accept(self, envelope: Envelope) -> None:
        """Confirm that control comes to us by this envelope, before it is accepted."""
        ...

    def decline(self, envelope: Envelope) -> None:
        """Give back what this envelope passed to us, before it is refused."""
        ...

    def settled(self, envelope: Envelope, *, accepted: bool | None) -> bool | None:
        """Tell whether a transfer stands, None while nothing is decided.

        `accepted` is what the other platform signed, None if it signed nothing that decides.
        """
        ...

    def withdraw(self, envelope: Envelope, *, quiet: bool) -> bool:
        """Take an offer back, of which nothing more is sent; False where control has passed by it.

        `quiet` when nothing that was sent waits for an answer. Raises NotNow where it cannot be
        taken back.
        """
        ...

    def issued(self, bill: str, entry: str) -> None:
        """Learn that a bill was issued with this entry."""
        ...

    def ended(self, bill: str, entry: str) -> None:
        """Learn that a bill has ended with this entry."""
        ...


Registries = Callable[[str], Registry | None]
"""A registry by the URI that a chain names; None for one we do not use."""
