"""A control tracking registry as a platform uses it: what it does with control, on record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from gateway.lading.chain import NOTICES, Json, platform_code
from gateway.lading.control import ENTRY, ControlRegistry, Move
from gateway.lading.desk import Desk
from gateway.lading.envelope import Envelope
from gateway.lading.refusals import PeerSilent, TransferDisputed, UnknownThing
from gateway.lading.registry import Step
from schemas.clock import iso
from schemas.jcs import canonical_json
from schemas.text import Text

_RECORDS: Final = "/ctr/v1/records"
_OK: Final = 200
_GONE: Final = 404
_CONFLICT: Final = 409


class RegistryClient:
    """A control tracking registry that one of our peers runs, or we ourselves."""

    def __init__(self, desk: Desk, peer: str, own: ControlRegistry | None = None) -> None:
        """Use the registry of `peer`; `own` is ours."""
        self._desk = desk
        self._peer = peer
        self._own = own

    def open(self, step: Step, replaced: Sequence[str]) -> None:
        """Nothing: a bill is recorded once it is issued."""

    def make(self, step: Step) -> None:
        """Nothing: what a platform does inside is on no record."""

    def offer(self, envelope: Envelope, orders: Sequence[str] = ()) -> None:  # noqa: ARG002 - a registry takes none
        """Record that control is offered; a notice moves none."""
        if envelope.action in NOTICES:
            return
        controller, receiver = self._controller(envelope.document_checksum), _receiver(envelope)
        if not controller:
            raise PeerSilent(Text("the bill is not recorded yet", "该提单尚未登记"))
        if controller != receiver:
            self._about(envelope, Move.OFFER, receiver=receiver)

    def accept(self, envelope: Envelope) -> None:
        """Record that control is taken."""
        if envelope.action not in NOTICES:
            self._about(envelope, Move.ACCEPT)

    def decline(self, envelope: Envelope) -> None:
        """Nothing: who offered takes the offer back."""

    def settled(self, envelope: Envelope, *, accepted: bool | None) -> bool | None:
        """Tell whether the receiver has control by the record; an offer refused is withdrawn."""
        if envelope.action in NOTICES:
            return accepted
        if self._controller(envelope.document_checksum) == _receiver(envelope):
            return True
        if accepted is not None:
            self._about(envelope, Move.WITHDRAW)
            return False
        return None

    def issued(self, bill: str, entry: str) -> None:
        """Record that a bill was issued here."""
        self._record(bill, Move.ISSUE, entry)

    def ended(self, bill: str, entry: str) -> None:
        """Record that a bill has ended."""
        self._record(bill, Move.END, entry)

    def _controller(self, bill: str) -> str:
        """Return the platform in control, '' for a bill nobody recorded."""
        if self._own is not None:
            try:
                return str(self._own.standing(bill)["controller"])
            except UnknownThing:
                return ""
        reply = self._desk.peers.call(self._peer, "GET", f"{_RECORDS}/{bill}", None)
        if reply.status == _GONE:
            return ""
        return str(_usable(reply.status, reply.body, self._peer)["controller"])

    def _about(self, envelope: Envelope, move: Move, **more: str) -> None:
        self._record(envelope.document_checksum, move, envelope.last.checksum, **more)

    def _record(self, bill: str, move: Move, entry: str, **more: str) -> None:
        desk = self._desk
        said = {
            "eblID": bill,
            "action": move.value,
            "actor": desk.platform,
            ENTRY: entry,
            "platformActionTimestamp": iso(desk.clock()),
            **more,
        }
        text = desk.signer.sign(canonical_json(said))
        if self._own is not None:
            self._own.record(text, desk.platform)
            return
        reply = desk.peers.call(self._peer, "POST", _RECORDS, text)
        if reply.status == _CONFLICT:
            raise TransferDisputed(Text("the registry refused it", "控制登记处拒绝"))
        _usable(reply.status, reply.body, self._peer)


def _usable(status: int, body: bytes, peer: str) -> Json:
    try:
        said = json.loads(body) if status == _OK else None
    except ValueError:
        said = None
    if not isinstance(said, dict):
        reason = Text(f"HTTP {status} from the registry", f"控制登记处返回 HTTP {status}")
        raise PeerSilent(reason, where=peer)
    return said


def _receiver(envelope: Envelope) -> str:
    """Return the platform that a transfer is to."""
    return platform_code((envelope.recipient or {}).get("eblPlatform", ""))
