"""A bill and its title that cross, come back and are surrendered while the process is killed.

    python -m tests.faults.titled_process HOME WHEN...

HOME holds two platforms (CARX, which issues, and BOLE) as `tests.gateway.lading.platforms` makes
them, over a title register: a contract behind JSON-RPC, or the log of CARX. For every commit of
the way there and back, of a database or of the chain, before or after it (WHEN), a new bill is
issued in a copy of HOME and a child process moves it until it is killed there with SIGKILL;
another child goes on from what is on the disk. Each pair prints a line:

    {"commit", "when", "killed", "held": [...], "location", "register", "carx", "bole"}
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from gateway.lading.desk import Reply
from gateway.lading.service import LadingService
from gateway.lading.transfer.answers import Answer
from gateway.settings import load
from gateway.store import ladings
from gateway.store.database import Store, Transaction
from gateway.wiring.assembly import Gateway
from gateway.wiring.titles import books as titlebooks
from ledger.title.evm import TitleNode
from schemas.clock import utc_now
from schemas.errors import SilkgateError
from tests.faults.lading_process import forked
from tests.gateway.lading.envelopes import party

PLATFORMS = ("CARX", "BOLE")
_MOST = 80


@dataclass
class Wire:
    """Both platforms in one process: a call goes straight to the other's rooms."""

    home: Path
    hours: int
    gateways: dict[str, Gateway] = field(default_factory=dict)
    rooms: dict[str, LadingService] = field(default_factory=dict)

    def room(self, code: str) -> LadingService:
        """Open the room of one platform, some hours ahead: leases of the dead are over."""
        if code not in self.rooms:
            ahead = timedelta(hours=self.hours)
            settings = load(self.home / code)
            gateway = Gateway(settings, clock=lambda: utc_now() + ahead)
            peers = _Peers(self, code)
            books = titlebooks.of(settings, lambda: gateway.titles, peers, gateway.clock)
            desk = replace(gateway.ladings.desk, peers=peers, books=books)
            self.gateways[code], self.rooms[code] = gateway, LadingService(desk)
        return self.rooms[code]


@dataclass
class _Peers:
    """The other one, for one of the two."""

    wire: Wire
    own: str

    def call(self, peer: str, method: str, path: str, message: object) -> Reply:
        """Answer as the peer's API would; the carrier takes what it is sent."""
        if peer not in PLATFORMS:
            return Reply(204, method.encode())
        room = self.wire.room(peer)
        titles = self.wire.gateways[peer].titles
        try:
            if path.startswith("/v1/titles"):
                told: Any = (
                    titles.submit(message.decode())
                    if isinstance(message, bytes)
                    else titles.entries(path.rpartition("=")[2])
                )
                return Reply(200, json.dumps(told).encode())
            said = room.receiver.start(message)
        except SilkgateError as error:
            return Reply(int(error.status), json.dumps(error.as_dict()).encode())
        assert isinstance(said, Answer)
        return Reply(said.status, json.dumps(said.signed(room.desk.signer)).encode())

    def knows(self, peer: str) -> bool:
        """Tell whether there is such a peer."""
        return peer in PLATFORMS

    def carriers(self) -> dict[str, str]:
        """Return the carriers."""
        return {"MAEU": "MAEU"}


def issue(home: Path, request: dict[str, Any]) -> None:
    """Issue the bill."""
    issuing = Wire(home, 0).room("CARX").issuing
    issuing.request(request, "MAEU")
    issuing.decide(request["document"]["transportDocumentReference"], "ISSU")


def there_and_back(home: Path, reference: str) -> None:
    """Transfer the bill to the other platform and back again, and surrender it."""
    wire = Wire(home, 1)
    for sender, tenant, to in (
        ("CARX", "shipper", party("Buyer", "BOLE")),
        ("BOLE", "buyer", party("Shipper", "CARX")),
    ):
        room = wire.room(sender)
        transfer = room.sender.offer(tenant, reference, {"actionCode": "TRANSFER", "recipient": to})
        assert room.carriage.carry(transfer).code == "RECE"
    carx = wire.room("CARX")
    carx.surrender("shipper", reference, "SREQ")
    carx.runner.step()


def settle(home: Path) -> None:
    """Go on from what is on the disk, until nothing is planned."""
    wire = Wire(home, 2)
    for _ in range(3):
        for code in PLATFORMS:
            wire.room(code).runner.step()


def standing(home: Path, checksum: str) -> dict[str, Any]:
    """Return who holds the bill, by each platform and by the register."""
    wire = Wire(home, 2)
    found, accounts = {}, {}
    for code in PLATFORMS:
        desk = wire.room(code).desk
        with desk.store.read() as tx:
            bill = ladings.find(tx, checksum)
        found[code] = bill.state if bill else "none"
        ((_, book),) = desk.books.items()
        accounts[book.own] = code
    known = book.read(checksum)
    assert known is not None
    return {
        "held": [code for code, state in found.items() if state in {"held", "surrendered"}],
        "location": known.state.location.value,
        "register": accounts[str(known.state.holder)],
        "carx": found["CARX"],
        "bole": found["BOLE"],
    }


def fatal(commit: int, when: str) -> None:
    """Have this process killed before or after its commit of this number, here or on the chain."""
    begun, sent = Store.begin, TitleNode.send
    seen = 0

    def strike(now: str) -> None:
        if seen == commit and when == now:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def begin(store: Store) -> Iterator[Transaction]:
        nonlocal seen
        with begun(store) as tx:
            yield tx
            seen += 1
            strike("before")
        strike("after")

    def send(node: TitleNode, raw: bytes) -> None:
        nonlocal seen
        seen += 1
        strike("before")
        sent(node, raw)
        strike("after")

    setattr(Store, "begin", begin)  # noqa: B010 - a method is put in another's place
    setattr(TitleNode, "send", send)  # noqa: B010 - as above


def struck(commit: int, when: str, home: Path, reference: str) -> None:
    """Move the bill, and die on the way."""
    fatal(commit, when)
    there_and_back(home, reference)


def main(home: Path, moments: list[str]) -> None:
    """Kill at every commit, each time with a bill of its own."""
    requests = json.loads((home / "requests.json").read_text("utf-8"))
    for when in moments:
        for commit in range(1, _MOST):
            said = requests.pop()
            reference = said["request"]["document"]["transportDocumentReference"]
            with tempfile.TemporaryDirectory(dir=home) as folder:
                copy = Path(folder) / "copy"
                copy.mkdir()
                for code in PLATFORMS:
                    shutil.copytree(home / code, copy / code)
                forked(partial(issue, copy, said["request"]))
                killed = forked(partial(struck, commit, when, copy, reference))
                forked(partial(settle, copy))
                found = standing(copy, said["checksum"])
            row = {"commit": commit, "when": when, "killed": killed, **found}
            sys.stdout.write(json.dumps(row) + "\n")
            sys.stdout.flush()
            if not killed:
                break


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
