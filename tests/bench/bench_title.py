"""Figures of titles: gas of a whole life, the machine, offline proof of a history.

TradeTrust's registry is measured in the same run where `make interop` has installed it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from ledger.anchors.account import Account
from ledger.title.chain import TitleChain
from ledger.title.errors import MoveRefused
from ledger.title.evm import connect, in_process
from ledger.title.historyfile import verify_history
from ledger.title.machine import Move, issue, step
from ledger.title.slot import SlotRegister
from ledger.title.state import Kind, Roles, Terms
from ledger.title.tradetrust import TradeTrustRegistry
from ledger.title.tradetrust_events import endorsement_chain
from tests.bench import Figure
from tests.certs.pki import make_world
from tests.interop.node import MODULES, anvil
from tests.interop.tradetrust import PACKAGES, deployed
from tests.ledger.title.office import Office, twenty_moves
from tests.ledger.title.walks import OFFICE, PARTIES, drawn

_STEPS = 200_000
_OTHERS = 500
_REPEATS = 30
_LIFE = (
    ("P1", "transferHolder", ("P2",)),
    ("P1", "nominate", ("P3",)),
    ("P2", "transferOwners", ("P3", "P3")),
    ("P3", "returnToIssuer", ()),
    (OFFICE, "burn", ()),
)


def run() -> Iterator[Figure]:
    """Yield the figures."""
    yield from _gas()
    yield Figure("title machine", _machine(), "steps/s")
    yield from _proof()
    if (MODULES / PACKAGES[5]).exists():
        yield from _reading()


def _proof() -> Iterator[Figure]:
    """Yield size and time of an offline proof of 20 moves, and what an entry costs."""
    office = Office()
    started = time.process_time()
    for number in range(_OTHERS):
        office.issue(f"OTHER-{number}")
    took = (time.process_time() - started) / _OTHERS
    yield Figure("register in memory: sign and accept an issue", took * 1e3, "ms CPU")
    yield from _history(office, "history of 20 moves, 120-byte remarks")
    with TemporaryDirectory() as folder:
        stamped = Office(stamper=make_world(Path(folder)).stamper.stamp)
        yield from _history(stamped, "the same with the time-stamp of each entry")


def _history(office: Office, name: str) -> Iterator[Figure]:
    data = office.register.export(twenty_moves(office))
    yield Figure(name, len(data), "bytes", "<= 60,000")
    times = []
    for _ in range(_REPEATS):
        started = time.process_time()
        verify_history(data, office.signer.key)
        times.append(time.process_time() - started)
    yield Figure("that, verified offline, median", median(times) * 1e3, "ms CPU", "<= 100")


def _reading() -> Iterator[Figure]:
    """Yield how long it takes to read a title back from a node, over JSON-RPC."""
    parties = {name: Account.generate() for name in (OFFICE, *PARTIES)}
    title = random.Random(1).randbytes(32)
    with anvil() as node:
        for account in parties.values():
            node.fund(account.address)
        chain = connect(node.url)
        registry = deployed(chain, parties[OFFICE])
        _play(registry, parties, title)
        chained = partial(endorsement_chain, registry, title)
        yield Figure("TradeTrust v5: endorsement chain of 10 actions", _median(chained), "ms")
        asked = partial(registry.status, title)
        yield Figure("TradeTrust v5: status of a title", _median(asked), "ms")


def _play(registry: TradeTrustRegistry, parties: Mapping[str, Account], title: bytes) -> None:
    """Mint a title and hand it on nine times."""
    first = parties["P1"].address
    registry.perform(parties[OFFICE], title, Move("issue", first, (first, first)))
    for number in range(9):
        giver, taker = parties[f"P{number % 5 + 1}"], parties[f"P{(number + 1) % 5 + 1}"]
        move = Move("transferOwners", giver.address, (taker.address, taker.address))
        registry.perform(giver, title, move)


def _median(action: Callable[[], object]) -> float:
    """Return the median time of an action, in milliseconds."""
    took = []
    for _ in range(_REPEATS):
        started = time.perf_counter()
        action()
        took.append(time.perf_counter() - started)
    return median(took) * 1e3


def ours(chain: TitleChain, parties: Mapping[str, Account]) -> dict[str, int]:
    """Return the gas of each action of a life in our contract."""
    register = SlotRegister.deployed(chain, parties[OFFICE])
    title, first = random.Random(1).randbytes(32), parties["P1"].address
    move = Move("issue", register.address, (first, first))
    content = random.Random(2).randbytes(32).hex()
    state = issue(Terms(roles=Roles.of(register.address)), Kind.ESCROW, move, content=content)
    gas = {"issue": register.issue(parties[OFFICE], title, state, b"r").gas_used}
    for actor, each in _life(parties):
        gas[each.action] = register.perform(actor, title, each, b"a remark").gas_used
    return gas


def theirs(registry: TradeTrustRegistry, parties: Mapping[str, Account]) -> dict[str, int]:
    """Return the gas of each action of the same life in TradeTrust's contracts, no remarks."""
    title, first = random.Random(1).randbytes(32), parties["P1"].address
    move = Move("issue", parties[OFFICE].address, (first, first))
    gas = {"issue": registry.perform(parties[OFFICE], title, move).gas_used}
    for actor, each in _life(parties):
        gas[each.action] = registry.perform(actor, title, each).gas_used
    return gas


def _life(parties: Mapping[str, Account]) -> Iterator[tuple[Account, Move]]:
    for name, action, args in _LIFE:
        addresses = tuple(parties[arg].address for arg in args)
        yield parties[name], Move(action, parties[name].address, addresses)


def _gas() -> Iterator[Figure]:
    parties = {name: Account.generate() for name in (OFFICE, *PARTIES)}
    chain = in_process(*(account.address for account in parties.values()))
    mine = ours(chain, parties)
    for action, gas in mine.items():
        yield Figure(f"our contract: {action}", gas, "gas")
    yield Figure("our contract: a whole life", sum(mine.values()), "gas", "<= 250,000")
    if (MODULES / PACKAGES[5]).exists():
        other = theirs(deployed(chain, parties[OFFICE]), parties)
        for action, gas in other.items():
            yield Figure(f"TradeTrust v5: {action}", gas, "gas")
        yield Figure("TradeTrust v5: a whole life", sum(other.values()), "gas")


def _machine() -> float:
    """Return how many moves a second the machine judges, accepted or not."""
    chance = random.Random(1)
    state = issue(Terms(roles=Roles.of(OFFICE)), Kind.ESCROW, Move("issue", OFFICE, ("P1", "P1")))
    moves = [drawn(state, chance.randrange) for _ in range(_STEPS)]
    started = time.perf_counter()
    for move in moves:
        try:
            state = step(state, move)
        except MoveRefused:
            continue
    return _STEPS / (time.perf_counter() - started)
