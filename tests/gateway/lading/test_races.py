"""Two transfers of one head that race for one platform, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from gateway.lading.transfer.answers import Answer
from gateway.lading.transfer.receiving import Receiver
from gateway.store import ladings
from gateway.store.database import Store
from tests.gateway.lading.envelopes import Chain, checksum, issued, new_signer, party, transaction
from tests.gateway.lading.platforms import House

CARRIER, CARX = new_signer(), new_signer()


class Race:
    """A receiving platform over some store, and a sender that transfers every bill twice."""

    def __init__(self, folder: Path, store: Store) -> None:
        """Receive into `store`."""
        house = House(folder, platform="BOLE", parties=["Buyer", "Bank"])
        house.knows("CARX", "http://127.0.0.1:9", CARX)
        house.knows("MAEU", "http://127.0.0.1:9", CARRIER, carriers=["MAEU"])
        self.receiver = Receiver(replace(house.ladings.desk, store=store), lambda _: None)
        self.store = store
        house.close()

    def run(self, number: int, pool: ThreadPoolExecutor) -> tuple[list[str], int]:
        """Race two transfers of a new bill; return both answers and the length of its chain."""
        chain = issued(CARRIER, CARX, reference=f"RACE{number:05}")
        answers = list(pool.map(lambda name: self._sent(chain, name), ("Buyer", "Bank")))
        with self.store.read() as tx:
            kept = ladings.entries(tx, checksum(chain.document))
        return sorted(answers), len(kept)

    def _sent(self, chain: Chain, name: str) -> str:
        moved = transaction("TRANSFER", party("Shipper", "CARX"), party(name, "BOLE"))
        answer = self.receiver.start(chain.copy().add("CARX", CARX, moved).envelope(CARX))
        assert isinstance(answer, Answer)
        return answer.code.value


def wrong(race: Race, count: int) -> list[tuple[list[str], int]]:
    """Return the races that did not end with one RECE, one DISE and a chain of two entries."""
    with ThreadPoolExecutor(2) as pool:
        found = [race.run(number, pool) for number in range(count)]
    return [each for each in found if each != (["DISE", "RECE"], 2)]


def test_of_two_racing_transfers_one_is_accepted(store: Store, tmp_path: Path):
    """One RECE, one DISE, one entry at the place both wanted."""
    assert wrong(Race(tmp_path, store), 20) == []
