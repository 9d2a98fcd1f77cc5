"""A bill that crosses to another platform while the process is killed at a commit.

    python -m tests.faults.lading_process HOME WHEN...

HOME holds the sender (CARX), the receiver (BOLE) and the control tracking registry (SGTD), as
`tests.gateway.lading.platforms` makes them, and the sender a bill to transfer. For every commit
of the transfer, before or after it (WHEN), a copy of HOME is forked into a child that is killed
there with SIGKILL; a second child then goes on from what is on the disk. Each pair prints a line:

    {"commit", "when", "killed", "held": [...], "controller", "sender", "receiver"}
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
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
from schemas.clock import utc_now
from schemas.errors import SilkgateError
from tests.gateway.lading.envelopes import party

SENDER, RECEIVER, REGISTRY = "CARX", "BOLE", "SGTD"
_MOST = 60


@dataclass
class Wire:
    """The three in one process: a call goes straight to the other's room."""

    home: Path
    hours: int
    rooms: dict[str, LadingService] = field(default_factory=dict)

    def room(self, code: str) -> LadingService:
        """Open the room of one operator, some hours ahead: leases of the dead are over."""
        if code not in self.rooms:
            desk = Gateway(load(self.home / code)).ladings.desk
            ahead = timedelta(hours=self.hours)
            later = replace(desk, clock=lambda: utc_now() + ahead, peers=_Peers(self, code))
            self.rooms[code] = LadingService(later)
        return self.rooms[code]


@dataclass
class _Peers:
    """The others, for one of the three."""

    wire: Wire
    own: str

    def call(self, peer: str, method: str, path: str, message: object) -> Reply:
        """Answer as the peer's API would."""
        room = self.wire.room(peer)
        try:
            if path.startswith("/ctr/"):
                told: Any = (
                    room.control.record(message, self.own)
                    if method == "POST"
                    else room.control.standing(path.rsplit("/", 1)[1])
                )
                return Reply(200, json.dumps(told).encode())
            said = room.receiver.start(message)
        except SilkgateError as error:
            return Reply(int(error.status), b"{}")
        assert isinstance(said, Answer)
        return Reply(said.status, json.dumps(said.signed(room.desk.signer)).encode())

    def knows(self, peer: str) -> bool:
        """Tell whether there is such a peer."""
        return peer in {SENDER, RECEIVER, REGISTRY}

    def carriers(self) -> dict[str, str]:
        """Return the carriers."""
        return {"MAEU": "MAEU"}


def transfer(home: Path, reference: str) -> None:
    """Offer the bill and do what is planned."""
    wire = Wire(home, 1)
    sender = wire.room(SENDER)
    sender.runner.step()
    made = {"actionCode": "TRANSFER", "recipient": party("Buyer", RECEIVER)}
    sender.sender.offer("shipper", reference, made)
    sender.runner.step()


def settle(home: Path) -> None:
    """Go on from what is on the disk, until nothing is planned."""
    sender = Wire(home, 2).room(SENDER)
    for _ in range(5):
        sender.runner.step()


def standing(home: Path, checksum: str) -> dict[str, Any]:
    """Return who holds the bill, by each platform and by the registry."""
    wire = Wire(home, 2)
    found = {}
    for code in (SENDER, RECEIVER):
        with wire.room(code).desk.store.read() as tx:
            bill = ladings.find(tx, checksum)
        found[code] = bill.state if bill else "none"
    registry = wire.room(REGISTRY).control.standing(checksum)
    return {
        "held": [code for code, state in found.items() if state == "held"],
        "controller": registry["controller"],
        "sender": found[SENDER],
        "receiver": found[RECEIVER],
    }


def fatal(commit: int, when: str) -> None:
    """Have this process killed before or after its commit of this number."""
    begun = Store.begin
    seen = 0

    @contextmanager
    def begin(store: Store) -> Iterator[Transaction]:
        nonlocal seen
        with begun(store) as tx:
            yield tx
            seen += 1
            if seen == commit and when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
        if seen == commit and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(Store, "begin", begin)  # noqa: B010 - a method is put in another's place


def struck(commit: int, when: str, home: Path, reference: str) -> None:
    """Transfer the bill, and die on the way."""
    fatal(commit, when)
    transfer(home, reference)


def forked(work: Callable[[], object]) -> bool:
    """Do some work in a child; tell whether it was killed."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - told to the parent by the exit code
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0, "the child failed"
    return False


def main(home: Path, moments: list[str]) -> None:
    """Kill at every commit."""
    said = json.loads((home / "bill.json").read_text("utf-8"))
    for when in moments:
        for commit in range(1, _MOST):
            with tempfile.TemporaryDirectory(dir=home) as folder:
                copy = Path(folder) / "copy"
                copy.mkdir()
                for code in (SENDER, RECEIVER, REGISTRY):
                    shutil.copytree(home / code, copy / code)
                killed = forked(partial(struck, commit, when, copy, said["reference"]))
                forked(partial(settle, copy))
                found = standing(copy, said["checksum"])
            row = {"commit": commit, "when": when, "killed": killed, **found}
            sys.stdout.write(json.dumps(row) + "\n")
            if not killed:
                break


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
