"""A transfer that nobody answers is called off where it is safe, and one platform has the bill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace

import pytest

from gateway.lading.desk import Desk, Reply
from gateway.lading.refusals import LadingError, NotNow, NotYours, UnknownThing
from gateway.lading.transfer import reach
from gateway.lading.transfer.sending import Attachment
from gateway.store import ladings
from gateway.store.database import Store
from gateway.store.ladings import Transfer
from schemas.errors import SilkgateError
from tests.gateway.lading.envelopes import party
from tests.gateway.lading.wire import (
    RECEIVER,
    REGISTRY,
    SENDER,
    Call,
    Deliver,
    Wire,
    lost,
    opened,
    refused,
)

_MADE = {"actionCode": "TRANSFER", "recipient": party("Buyer", RECEIVER)}
FATES = ("before", "after", "lost", "late", "refused", "down")


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """Give a sender, a receiver and a registry."""
    with ExitStack() as stack:
        yield opened(tmp_path_factory.mktemp("wire"), stack)


def _offered(wire: Wire, *, tracked: bool = False, documents: int = 0) -> str:
    reference = wire.issued(tracked=tracked)
    attached = [Attachment(f"{n}.pdf", f"{reference} {n}".encode()) for n in range(documents)]
    wire.rooms[SENDER].sender.offer("shipper", reference, dict(_MADE), attached)
    return reference


def _off(wire: Wire, reference: str) -> str:
    return wire.rooms[SENDER].calling_off.call_off("shipper", reference)


def _nobody_there(_call: Call, _deliver: Deliver) -> Reply:
    raise refused()


def _silent(_call: Call, _deliver: Deliver) -> Reply:
    raise lost()


def test_what_was_never_sent_is_called_off(wire: Wire):
    """The bill is held again and the receiver has heard of nothing."""
    reference = _offered(wire)
    _off(wire, reference)
    wire.work()
    assert (wire.state(SENDER, reference), wire.state(RECEIVER, reference)) == ("held", "none")
    (shown,) = wire.rooms[SENDER].shown(reference, "shipper")["transfers"]
    assert (shown["state"], shown["refused"]["en"]) == ("rejected", "called off by its sender")


def test_what_found_no_connection_is_called_off(wire: Wire):
    """Nothing of it came to anybody, however often it was tried."""
    reference = _offered(wire)
    wire.fate = _nobody_there
    wire.work()
    _off(wire, reference)
    wire.fate = lambda _call, deliver: deliver()
    wire.work()
    assert (wire.state(SENDER, reference), wire.state(RECEIVER, reference)) == ("held", "none")


def test_what_has_no_answer_and_no_registry_is_not_called_off(wire: Wire):
    """The receiver may have accepted it: the refusal says so, and it is sent on."""
    reference = _offered(wire)
    wire.fate = _silent
    wire.work()
    with pytest.raises(NotNow) as told:
        _off(wire, reference)
    assert "signed answer" in told.value.message.en
    assert "签名应答" in told.value.message.zh
    wire.fate = lambda _call, deliver: deliver()
    wire.work()
    assert (wire.state(SENDER, reference), wire.state(RECEIVER, reference)) == ("away", "held")


def test_before_the_finish_it_is_safe_and_the_bill_goes_elsewhere(wire: Wire):
    """The receiver waits for a document: it cannot accept, and a new transfer is taken."""
    reference = _offered(wire, documents=1)
    wire.fate = _unless(lambda call: "additional" not in call.path)
    wire.work()
    _off(wire, reference)
    wire.fate = lambda _call, deliver: deliver()
    wire.work()
    assert (wire.state(SENDER, reference), wire.state(RECEIVER, reference)) == ("held", "none")
    wire.rooms[SENDER].sender.offer("shipper", reference, dict(_MADE))
    wire.work()
    assert (wire.state(SENDER, reference), wire.state(RECEIVER, reference)) == ("away", "held")


def test_the_registry_releases_from_a_silent_receiver(wire: Wire):
    """The withdrawal is on record, so what arrives afterwards is refused by the receiver."""
    reference = _offered(wire, tracked=True)
    kept: list[Deliver] = []

    def late(call: Call, deliver: Deliver) -> Reply:
        if call.path != "/v3/envelopes":
            return deliver()
        kept.append(deliver)
        raise lost()

    wire.fate = late
    wire.work()
    _off(wire, reference)
    assert [each().status for each in kept] == [409] * len(kept)
    assert kept
    assert (wire.state(SENDER, reference), wire.state(RECEIVER, reference)) == ("held", "none")


def test_a_registry_that_is_silent_is_asked_again(wire: Wire):
    """Nothing more goes to the receiver; once the registry answers the bill is back."""
    reference = _offered(wire, tracked=True)
    wire.fate = _unless(lambda call: call.path != "/v3/envelopes")
    wire.work()
    wire.fate = _unless(lambda call: call.peer != REGISTRY)
    with pytest.raises(Exception, match="timed out"):
        _off(wire, reference)
    (shown,) = wire.rooms[SENDER].shown(reference, "shipper")["transfers"]
    assert (shown["state"], shown["called_off"]) == ("open", True)
    seen: list[str] = []

    def watched(call: Call, deliver: Deliver) -> Reply:
        seen.append(call.peer)
        return deliver()

    wire.fate = watched
    wire.work()
    assert set(seen) == {REGISTRY}
    assert (wire.state(SENDER, reference), wire.state(RECEIVER, reference)) == ("held", "none")


def test_only_the_holder_calls_off_and_only_what_is_open(wire: Wire):
    """Another account, an unknown bill, one that is simply held: refused, nothing changes."""
    reference = _offered(wire)
    calling = wire.rooms[SENDER].calling_off
    with pytest.raises(NotYours):
        calling.call_off("buyer", reference)
    with pytest.raises(UnknownThing):
        calling.call_off("shipper", "NONE")
    _off(wire, reference)
    with pytest.raises(NotNow):
        _off(wire, reference)


@dataclass
class Moment:
    """A call-off at one message: before it, after it, or when its answer is lost or it is late."""

    wire: Wire
    reference: str
    number: int
    fate: str
    seen: int = 0
    kept: Deliver | None = None

    def __call__(self, _call: Call, deliver: Deliver) -> Reply:
        """Let the message of this number have its fate, with the call-off beside it."""
        self.seen += 1
        if self.seen != self.number:
            return deliver()
        if self.fate in {"lost", "after"}:
            reply = deliver()
        self._call_off()
        if self.fate == "late":
            self.kept = deliver
        if self.fate in {"lost", "late"}:
            raise lost()
        if self.fate == "refused":
            raise refused()
        if self.fate == "down":
            return Reply(503, b"{}")
        return reply if self.fate == "after" else deliver()

    def _call_off(self) -> None:
        with suppress(LadingError):
            _off(self.wire, self.reference)


@pytest.mark.parametrize(
    ("fate", "documents", "tracked"), [("before", 1, False), ("late", 0, True)]
)
def test_called_off_at_any_message_one_platform_has_the_bill(
    wire: Wire, fate: str, documents: int, *, tracked: bool
):
    """Before each message, or when it comes late: exactly one holder, whatever decided."""
    called_off_anywhere(wire, (fate,), documents=documents, tracked=tracked)


def called_off_anywhere(
    wire: Wire, fates: tuple[str, ...], *, documents: int, tracked: bool
) -> None:
    """Call a transfer off at each of its messages and see that exactly one platform has the bill.

    In one run or another it is each of them, unless its one message is always in the air.
    """
    ends = set()
    for fate in fates:
        for number in range(1, 12):
            reference = _offered(wire, tracked=tracked, documents=documents)
            wire.fate = moment = Moment(wire, reference, number, fate)
            wire.work()
            if moment.kept is not None:
                moment.kept()
            wire.fate = lambda _call, deliver: deliver()
            wire.work()
            ends.add(_ended(wire, reference, tracked=tracked))
            if moment.seen < number:
                break
    back = {SENDER} if tracked or documents else set()
    assert ends == {RECEIVER} | back


def raced(wire: Wire, count: int) -> list[str]:
    """Call transfers off while they are carried, in another thread; return who got each bill."""
    ends = []
    with ThreadPoolExecutor(2) as pool:
        for _ in range(count):
            reference = _offered(wire, tracked=True)
            (transfer,) = wire.rooms[SENDER].shown(reference, "shipper")["transfers"]
            carrying = pool.submit(wire.rooms[SENDER].carriage.carry, transfer["id"])
            calling = pool.submit(_off, wire, reference)
            for each in (carrying, calling):
                with suppress(SilkgateError):
                    each.result()
            wire.work()
            ends.append(_ended(wire, reference, tracked=True))
    return ends


def test_racing_a_late_acceptance_leaves_one_holder(wire: Wire):
    """The registry puts the withdrawal and the acceptance in an order, and both follow it."""
    assert set(raced(wire, 3)) <= {SENDER, RECEIVER}


def test_of_a_request_and_a_call_off_one_is_first(wire: Wire, store: Store):
    """On both databases: whoever locks the transfer second sees what the first has written."""
    desk = replace(wire.rooms[SENDER].desk, store=store)
    found = []
    with ThreadPoolExecutor(2) as pool:
        for number in range(20):
            now = desk.clock()
            transfer = Transfer(
                id=f"t{number}",
                bill="b",
                direction="out",
                peer=RECEIVER,
                content=str(number),
                state="open",
                created_at=now,
                updated_at=now,
            )
            with store.begin() as tx:
                ladings.start(tx, transfer)
            going = pool.submit(reach.let_go, desk, transfer.id)
            ended = pool.submit(_ended_unless_begun, desk, transfer.id)
            found.append((going.result(), ended.result()))
    assert set(found) <= {(True, False), (False, True)}


def _ended_unless_begun(desk: Desk, transfer: str) -> bool:
    """End a transfer as a call-off does that found nothing let go."""
    with desk.store.begin() as tx:
        current = ladings.transfer(tx, transfer, for_update=True)
        if reach.begun(current):
            return False
        ladings.conclude(tx, current, "rejected", current.body, now=desk.clock())
    return True


def _ended(wire: Wire, reference: str, *, tracked: bool) -> str:
    """Return who has the bill: one of them, and the same one by the registry."""
    states = {code: wire.state(code, reference) for code in (SENDER, RECEIVER)}
    (holder,) = [code for code, state in states.items() if state == "held"]
    assert states[SENDER] in {"held", "away"}, states
    if tracked:
        bill = wire.rooms[SENDER].shown(reference, "shipper")["checksum"]
        standing = wire.rooms[REGISTRY].control.standing(bill)
        assert (standing["controller"], standing["offered"]) == (holder, "")
    return holder


def _unless(passes: Callable[[Call], bool]) -> Callable[[Call, Deliver], Reply]:
    def fate(call: Call, deliver: Deliver) -> Reply:
        if not passes(call):
            raise lost()
        return deliver()

    return fate
