"""Statuses across the border: signed batches out, verified batches in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Final

from certs import jws
from certs.authority.tsa import TimeStamper
from certs.keys import SigningKey
from certs.trust import TrustStore
from certs.verdict import Verdict
from gateway.transport.mirror import StatusMirror
from gateway.wiring.audit import changed
from gateway.wiring.errors import WrongBatch
from gateway.wiring.lasting import Asking
from gateway.wiring.verifying import refusal
from schemas.clock import Clock, iso
from schemas.jcs import canonical_json

TYPE: Final = "silkgate-statuses+json"

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SignedMirror:
    """Signs and sends what a clearance says to the other side."""

    transport: StatusMirror
    key: Callable[[], SigningKey]
    sender: str
    clock: Clock

    def send(self, partner: str, messages: Sequence[Json]) -> None:
        """Send a batch, or raise a TransportError; repeats are harmless."""
        said = {
            "sender": self.sender,
            "recipient": partner,
            "sent_at": iso(self.clock()),
            "messages": list(messages),
        }
        signed = jws.sign(canonical_json(said), self.key(), signed_at=self.clock(), typ=TYPE)
        self.transport.send(partner, signed)


@dataclass(frozen=True, slots=True)
class ChangeNotary:
    """Signs and time-stamps statements about changes, and verifies those of partners."""

    key: Callable[[], SigningKey]
    stamper: TimeStamper
    partners: Mapping[str, TrustStore]
    clock: Clock
    asking: Asking = nullcontext

    def sign(self, statement: Json) -> bytes:
        """Return the signed statement (JWS in JSON form)."""
        return jws.sign(
            canonical_json(statement),
            self.key(),
            stamper=self.stamper,
            signed_at=self.clock(),
            typ=changed.TYPE,
        )

    def open(self, partner: str, signed: bytes) -> Mapping[str, Any]:
        """Return a partner's statement; raises WrongBatch or NotVerified."""
        trust = self.partners.get(partner)
        if trust is None:
            raise WrongBatch(where=partner, reason="the sender is not a partner")
        with self.asking():
            signed = _signed(signed, changed.TYPE, trust, self.clock, "change")
        said: Mapping[str, Any] = json.loads(signed)
        return said


@dataclass(frozen=True, slots=True)
class MirrorGate:
    """Verifies batches of partners before anything of them is read."""

    gateway: str
    partners: Mapping[str, TrustStore]
    clock: Clock
    asking: Asking = nullcontext

    def open(self, sender: str, batch: bytes) -> list[Json]:
        """Return the messages of a batch; raises NotVerified or WrongBatch."""
        trust = self.partners.get(sender)
        if trust is None:
            raise WrongBatch(where=sender, reason="the sender is not a partner")
        with self.asking():
            said = json.loads(_signed(batch, TYPE, trust, self.clock, "statuses"))
        if said.get("sender") != sender or said.get("recipient") != self.gateway:
            raise WrongBatch(where=sender, reason="it names another sender or recipient")
        return list(said["messages"])


def _signed(data: bytes, typ: str, trust: TrustStore, clock: Clock, where: str) -> bytes:
    """Return what was signed; raises NotVerified."""

    def verify(trust: TrustStore) -> Verdict:
        return jws.verify(data, trust, at=clock(), typ=typ)

    verdict = verify(trust)
    if not verdict.passed:
        raise refusal(verdict, where, trust, verify)
    return verdict.signed
