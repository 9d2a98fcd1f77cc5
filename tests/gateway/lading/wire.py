"""Platforms and a registry in one process: every call goes straight to the other's room.

What becomes of each call is scripted: it may arrive or not, before or after something else, and
its answer may be lost.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from gateway.lading.desk import Reply
from gateway.lading.service import LadingService
from gateway.lading.transfer.answers import Answer
from gateway.store import ladings
from gateway.transport.errors import NotConnected, Unreachable
from schemas.clock import utc_now
from schemas.errors import SilkgateError
from tests.gateway.lading.envelopes import document, issuance, new_signer
from tests.gateway.lading.platforms import House, acquaint

SENDER, RECEIVER, REGISTRY = "CARX", "BOLE", "SGTD"
URI = "http://127.0.0.1:7/ctr/v1"
_numbers = iter(range(1, 100_000))


@dataclass(frozen=True)
class Call:
    """One message on its way."""

    peer: str
    method: str
    path: str
    message: Any


Deliver = Callable[[], Reply]
Fate = Callable[[Call, Deliver], Reply]
"""What becomes of a message: it is delivered, or not, and its answer given back, or not."""


@dataclass
class Wire:
    """The rooms, and what becomes of what the sender sends."""

    houses: Mapping[str, House]
    fate: Fate = lambda _call, deliver: deliver()
    hours: int = 0
    rooms: dict[str, LadingService] = field(default_factory=dict)
    carrier: Any = field(default_factory=new_signer)

    def __post_init__(self) -> None:
        """Open the rooms over the wire."""
        for code, house in self.houses.items():
            desk = replace(house.ladings.desk, peers=_Peers(self, code), clock=self._now)
            self.rooms[code] = LadingService(desk)

    def _now(self) -> Any:
        return utc_now() + timedelta(hours=self.hours)

    def issued(self, *, tracked: bool) -> str:
        """Have a bill issued to the shipper at the sender; return its checksum."""
        room = self.rooms[SENDER]
        registry = URI if tracked else ""
        made = document(f"WIRE{next(_numbers):05}")
        issuing = LadingService(replace(room.desk, registry=registry)).issuing
        issuing.request(issuance(self.carrier, made, "Shipper", SENDER), "MAEU")
        issuing.decide(made["transportDocumentReference"], "ISSU")
        self.work()
        return str(made["transportDocumentReference"])

    def work(self) -> None:
        """Do what is planned at the sender, also what was put off."""
        for _ in range(3):
            self.hours += 1
            self.rooms[SENDER].runner.step()

    def state(self, code: str, reference: str) -> str:
        """Return the state of the latest bill under a reference at one of them."""
        with self.rooms[code].desk.store.read() as tx:
            found = ladings.of_reference(tx, reference)
        return found[0].state if found else "none"

    def deliver(self, call: Call) -> Reply:
        """Have the other answer as its API would."""
        room, last = self.rooms[call.peer], call.path.rsplit("/", 1)[1]
        try:
            if call.path.startswith("/ctr/"):
                control = room.control
                told: Any = (
                    control.record(call.message, SENDER if call.peer != SENDER else RECEIVER)
                    if call.method == "POST"
                    else control.standing(last)
                )
                return Reply(200, json.dumps(told).encode())
            said = self._pint(room, call, last)
        except SilkgateError as error:
            return Reply(int(error.status), b"{}")
        if isinstance(said, Answer):
            return Reply(said.status, json.dumps(said.signed(room.desk.signer)).encode())
        return Reply(204, b"") if said is None else Reply(201, json.dumps(said.as_dict()).encode())

    def _pint(self, room: LadingService, call: Call, last: str) -> Any:
        place = call.path.split("/")[3] if call.path.count("/") > 2 else ""
        if last == "finish-transfer":
            return room.receiver.finish(place)
        if place:
            return room.receiver.document(place, last, base64.b64decode(call.message))
        return room.receiver.start(call.message)


@dataclass
class _Peers:
    """The others, for one of them; only what the sender sends has another fate than to arrive."""

    wire: Wire
    own: str

    def call(self, peer: str, method: str, path: str, message: object) -> Reply:
        """Answer as the peer's API would."""
        if peer not in self.wire.rooms:  # the carrier, which hears that its bill is issued
            return Reply(204, b"")
        call = Call(peer, method, path, message)
        if path.startswith("/ctr/") and method == "POST" and self.own == RECEIVER:
            try:
                told = self.wire.rooms[peer].control.record(message, self.own)
            except SilkgateError as error:
                return Reply(int(error.status), b"{}")
            return Reply(200, json.dumps(told).encode())
        if self.own != SENDER:
            return self.wire.deliver(call)
        return self.wire.fate(call, lambda: self.wire.deliver(call))

    def knows(self, peer: str) -> bool:
        """Tell whether there is such a peer."""
        return peer in self.wire.houses

    def carriers(self) -> dict[str, str]:
        """Return the carriers."""
        return {"MAEU": "MAEU"}


def refused() -> NotConnected:
    """Return what a line says when nobody listens."""
    return NotConnected(where="", party=RECEIVER, reason="refused")


def lost() -> Unreachable:
    """Return what a line says when no answer came."""
    return Unreachable(where="", party=RECEIVER, reason="timed out")


def opened(folder: Path, stack: ExitStack) -> Wire:
    """Return a wire between a sender, a receiver and a registry in a folder."""
    sender = House(folder, platform=SENDER, parties=["Shipper"])
    receiver = House(folder, platform=RECEIVER, parties=["Buyer"])
    own = f'is_registry = true\nregistry = "{URI}"\n'
    registry = House(folder, platform=REGISTRY, more=own, port=7)
    acquaint(sender, receiver, registry)
    houses = {SENDER: sender, RECEIVER: receiver, REGISTRY: registry}
    wire_carrier = new_signer()
    for house in (sender, receiver):
        house.knows("MAEU", "http://127.0.0.1:9", wire_carrier, carriers=["MAEU"])
    for house in houses.values():
        stack.callback(house.close)
    return Wire(houses, carrier=wire_carrier)
