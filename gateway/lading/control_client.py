"""A control tracking registry as a platform uses it: what it does with control, on record."""

from __future__ import annotations

import json
from typing import Final

from gateway.lading.chain import Json
from gateway.lading.control import ENTRY, ControlRegistry, Move
from gateway.lading.desk import Desk
from gateway.lading.refusals import PeerSilent, TransferDisputed, UnknownThing
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

    def issue(self, bill: str, entry: str) -> None:
        """Record that a bill was issued here."""
        self._record(bill, Move.ISSUE, entry)

    def offer(self, bill: str, entry: str, receiver: str) -> None:
        """Record that control is offered."""
        self._record(bill, Move.OFFER, entry, receiver=receiver)

    def accept(self, bill: str, entry: str) -> None:
        """Record that control is taken."""
        self._record(bill, Move.ACCEPT, entry)

    def withdraw(self, bill: str, entry: str) -> None:
        """Record that the offer is taken back."""
        self._record(bill, Move.WITHDRAW, entry)

    def end(self, bill: str, entry: str) -> None:
        """Record that the bill has ended."""
        self._record(bill, Move.END, entry)

    def controller(self, bill: str) -> str:
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
