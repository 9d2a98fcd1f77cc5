"""A control tracking registry: whoever comes second is told so, and nothing is recorded twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from certs.jose.compact import CompactSigner, open_signed
from gateway.lading.control.tracking import Move, Standing
from gateway.lading.refusals import TransferDisputed
from gateway.store import ladings
from schemas.clock import utc_now
from tests.gateway.lading.envelopes import (
    Chain,
    Json,
    book_of,
    checksum,
    document,
    new_signer,
    party,
    transaction,
)
from tests.gateway.lading.platforms import House, acquaint, free_port

CARRIER, CARX = new_signer(), new_signer()
SHIPPER = party("Shipper", "CARX")
ENTRY = "lastEnvelopeTransferChainEntrySignedContentChecksum"


def said(action: Move, actor: str, entry: str, **more: str) -> Json:
    """Return what a record says."""
    return {"action": action.value, "actor": actor, ENTRY: entry, **more}


def follow(*records: Json) -> Standing:
    """Return the standing after records."""
    standing = Standing()
    for each in records:
        standing = standing.after(each)
    return standing


ISSUED = said(Move.ISSUE, "CARX", "e1")
OFFERED = said(Move.OFFER, "CARX", "e2", receiver="BOLE")
TAKEN = said(Move.ACCEPT, "BOLE", "e2")


def test_control_moves_with_the_entry_that_was_offered():
    """Issue, offer and accept make the receiver the controller, with the entry of the offer."""
    assert follow(ISSUED, OFFERED, TAKEN) == Standing("BOLE", "e2")


@pytest.mark.parametrize(
    "records",
    [
        [OFFERED],
        [ISSUED, ISSUED],
        [ISSUED, TAKEN],
        [ISSUED, OFFERED, said(Move.ACCEPT, "WAVE", "e2")],
        [ISSUED, OFFERED, said(Move.ACCEPT, "BOLE", "other")],
        [ISSUED, OFFERED, said(Move.OFFER, "CARX", "e3", receiver="WAVE")],
        [ISSUED, OFFERED, TAKEN, said(Move.OFFER, "CARX", "e3", receiver="WAVE")],
        [ISSUED, OFFERED, TAKEN, said(Move.WITHDRAW, "CARX", "e2")],
        [ISSUED, OFFERED, said(Move.END, "CARX", "e1")],
        [ISSUED, said(Move.END, "BOLE", "e1")],
        [ISSUED, said(Move.END, "CARX", "e1"), ISSUED],
    ],
)
def test_a_record_that_cannot_follow_is_refused(records: list[Json]):
    """Control is taken once, by whom it was offered to, and never after the end."""
    *before, last = records
    standing = follow(*before)
    with pytest.raises(TransferDisputed):
        standing.after(last)


class Three:
    """A registry and two receiving platforms; the sender is a test that cheats as it likes."""

    def __init__(self, registry: House, bole: House, wave: House) -> None:
        """Put the three together."""
        self.registry, self.bole, self.wave = registry, bole, wave
        self.uri = f"{registry.url}/ctr/v1"
        self.http = httpx.Client(timeout=30.0)
        self.tokens = {
            house.code: house.token("CARX") for house in (self.registry, self.bole, self.wave)
        }

    def chain(self) -> Chain:
        """Return a bill issued on the cheat's platform, with its issue recorded."""
        made = Chain(document(f"SGC{next(_numbers):05}"), CARRIER, registry=self.uri)
        made.add("CARX", CARX, transaction("ISSUE", party("Carrier", "CARX"), SHIPPER))
        assert self.record(made, Move.ISSUE) == 200
        return made

    def to(self, chain: Chain, platform: str) -> Chain:
        """Return the chain with a transfer to a platform."""
        moved = transaction("TRANSFER", SHIPPER, party("Buyer", platform))
        return chain.copy().add("CARX", CARX, moved)

    def record(self, chain: Chain, move: Move, signer: CompactSigner = CARX, **more: str) -> int:
        """Record a move about the last entry of a chain; return the status."""
        value = {
            "eblID": checksum(chain.document),
            "platformActionTimestamp": "2026-11-28T08:00:00.000Z",
            **said(move, "CARX", _sum(chain.entries[-1]), **more),
        }
        text = signer.sign(json.dumps(value).encode())
        return self._call(self.registry, "POST", "/ctr/v1/records", text).status_code

    def post(self, house: House, chain: Chain) -> str:
        """Send the envelope of a chain and return the code of the signed answer."""
        answer = self._call(house, "POST", "/v3/envelopes", chain.envelope(CARX))
        book = book_of(**{house.code: house.signer})
        opened = open_signed(answer.json(), book, utc_now())
        return str(json.loads(opened.payload)["responseCode"])

    def _call(self, house: House, method: str, path: str, body: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.tokens[house.code]}"}
        return self.http.request(method, house.url + path, json=body, headers=headers)

    def controller(self, chain: Chain) -> str:
        """Return who is in control by the registry."""
        return str(self.registry.ladings.control.standing(checksum(chain.document))["controller"])

    def holders(self, chain: Chain) -> list[str]:
        """Return the platforms that hold the bill."""
        found = []
        for house in (self.bole, self.wave):
            with house.ladings.desk.store.read() as tx:
                bill = ladings.find(tx, checksum(chain.document))
            if bill is not None and bill.state == "held":
                found.append(house.code)
        return found


_numbers = iter(range(1, 100_000))


def _sum(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Three]:
    """Give the registry and the platforms, each serving."""
    folder = tmp_path_factory.mktemp("three")
    port = free_port()
    own = f'is_registry = true\nregistry = "http://127.0.0.1:{port}/ctr/v1"\n'
    registry = House(folder, platform="SGTD", more=own, port=port)
    bole = House(folder, platform="BOLE", parties=["Buyer"])
    wave = House(folder, platform="WAVE", parties=["Buyer"])
    acquaint(registry, bole, wave)
    for house in (registry, bole, wave):
        house.knows("CARX", "http://127.0.0.1:9", CARX)
        house.knows("MAEU", "http://127.0.0.1:9", CARRIER, carriers=["MAEU"])
    with ExitStack() as stack:
        for house in (registry, bole, wave):
            stack.enter_context(house.open())
        made = Three(registry, bole, wave)
        with made.http:
            yield made


def test_a_recorded_transfer_is_accepted(three: Three):
    """With the offer on record the receiver takes control, there and here."""
    chain = three.chain()
    moved = three.to(chain, "BOLE")
    assert three.record(moved, Move.OFFER, receiver="BOLE") == 200
    assert three.post(three.bole, moved) == "RECE"
    assert (three.controller(chain), three.holders(chain)) == ("BOLE", ["BOLE"])
    assert three.post(three.bole, moved) == "DUPE"


def test_a_transfer_that_is_not_on_record_is_disputed(three: Three):
    """Without an offer, or with that of another transfer, the receiver says DISE."""
    chain = three.chain()
    moved = three.to(chain, "BOLE")
    assert three.post(three.bole, moved) == "DISE"
    three.record(three.to(chain, "WAVE"), Move.OFFER, receiver="WAVE")
    assert three.post(three.bole, moved) == "DISE"
    assert three.holders(chain) == []


def test_a_record_by_another_than_its_actor_is_refused(three: Three):
    """A stranger's signature is 422, a known one of another party 403, and nothing changes."""
    chain = three.chain()
    moved = three.to(chain, "BOLE")
    assert three.record(moved, Move.OFFER, new_signer(), receiver="BOLE") == 422
    assert three.record(moved, Move.OFFER, CARRIER, receiver="BOLE") == 403
    assert three.record(moved, Move.OFFER, receiver="BOLE") == 200
    assert three.record(moved, Move.OFFER, receiver="BOLE") == 200
    other = three.to(chain, "WAVE")
    assert three.record(other, Move.OFFER, receiver="WAVE") == 409
    records = three.registry.ladings.control.standing(checksum(chain.document))["records"]
    assert len(records) == 2


def race(three: Three, pool: ThreadPoolExecutor) -> tuple[list[str], list[str]]:
    """Let a cheat transfer one bill to both platforms at once; return answers and holders."""
    chain = three.chain()

    def cheat(house: House) -> str:
        moved = three.to(chain, house.code)
        three.record(moved, Move.OFFER, receiver=house.code)
        return three.post(house, moved)

    answers = list(pool.map(cheat, (three.bole, three.wave)))
    return sorted(answers), three.holders(chain)


def test_of_two_transfers_to_two_platforms_one_is_accepted(three: Three):
    """However the two race, one platform holds the bill afterwards and the other says DISE."""
    with ThreadPoolExecutor(2) as pool:
        for _ in range(10):
            answers, holders = race(three, pool)
            assert (answers, len(holders)) == (["DISE", "RECE"], 1)
