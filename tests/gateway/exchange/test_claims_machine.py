"""Claims under any interleaving of workers, deaths and time: a state machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from gateway.exchange.flow import FLOW
from gateway.exchange.rooms import Rooms
from gateway.exchange.runner import Runner
from gateway.store import claims, exchanges, open_store
from gateway.store.claims import Claim, Ending
from gateway.store.database import Store
from gateway.store.model import State
from tests.gateway.exchange.test_flow import House
from tests.sqlite import laid

STAGES = [stage.name for stage in FLOW]
LEASE = 60


class Claims(RuleBasedStateMachine):
    """A model of who holds what, beside the store."""

    url = ""
    held = Bundle("held")

    @initialize()
    def furnish(self) -> None:
        """Start with an empty store."""
        self.opened = fresh(self.url)
        self.store: Store = self.opened.__enter__()
        self.house = House(self.store)
        self.place: dict[str, int] = {}
        self.ended: set[str] = set()
        self.holder: dict[str, tuple[str, Any]] = {}

    @rule(many=st.integers(1, 4))
    def accept(self, many: int) -> None:
        """Some documents come in."""
        start = len(self.place)
        for one in self.house.accept(*(f"document {start + n}" for n in range(many))):
            self.place[one] = 0

    @rule(target=held, most=st.integers(1, 5))
    def claim(self, most: int) -> Claim | None:
        """A worker takes what is due: never what another one holds, never what has ended."""
        claim = self._runner().claim(most)
        for exchange in claim.exchanges if claim else ():
            assert exchange.id not in self.ended
            holder = self.holder.get(exchange.id)
            assert holder is None or holder[1] <= self.house.clock.now
            assert exchange.stage == STAGES[self.place[exchange.id]]
            self.holder[exchange.id] = (claim.token, claim.until) if claim else ("", None)
        return claim

    @rule(claim=held, stage=st.integers(0, len(STAGES) - 1))
    def advance(self, claim: Claim | None, stage: int) -> None:
        """A worker commits a stage: exactly what it still holds there moves on."""
        if claim is None:
            return
        mine = self._mine(claim)
        expected = {one for one in mine if self.place[one] == stage}
        onward = STAGES[stage + 1] if stage + 1 < len(STAGES) else None
        with self.store.begin() as tx:
            moved = claims.advance(
                tx, claim.token, stage=STAGES[stage], onward=onward, now=self.house.clock.now
            )
        assert moved == expected
        for one in moved:
            if onward is None:
                self.ended.add(one)
                del self.holder[one]
            else:
                self.place[one] += 1

    @rule(claim=held, state=st.sampled_from([State.RETRY, State.REFUSED, State.FAILED]))
    def end(self, claim: Claim | None, state: State) -> None:
        """A worker puts documents off or ends them: only those it still holds."""
        if claim is None:
            return
        mine = self._mine(claim)
        now = self.house.clock.now
        due = now if state is State.RETRY else None
        endings = [Ending(exchange.id, state, 1, due) for exchange in claim.exchanges]
        with self.store.begin() as tx:
            assert claims.end(tx, claim.token, endings, now=now) == mine
        for one in mine:
            del self.holder[one]
            if state.settled:
                self.ended.add(one)

    @rule(claim=consumes(held))
    def release(self, claim: Claim | None) -> None:
        """A worker gives back what it holds."""
        if claim is None:
            return
        with self.store.begin() as tx:
            claims.release(tx, claim.token, now=self.house.clock.now)
        for one in self._mine(claim):
            del self.holder[one]

    @rule(seconds=st.sampled_from([1, LEASE // 2, LEASE, 3 * LEASE]))
    def time_passes(self, seconds: int) -> None:
        """Leases end."""
        self.house.clock.forward(seconds)

    @invariant()
    def the_store_agrees(self) -> None:
        """Stage, claim and state in the store are those of the model; nothing is lost."""
        if not hasattr(self, "store"):
            return
        with self.store.read() as tx:
            stored = {one.id: one for one in exchanges.listed(tx, limit=10_000)}
        assert stored.keys() == self.place.keys()
        for one, exchange in stored.items():
            assert exchange.stage == STAGES[self.place[one]]
            assert exchange.state.settled == (one in self.ended)
            assert (exchange.due_at is None) == (one in self.ended)
            assert exchange.claim == self.holder.get(one, ("", None))[0]

    def teardown(self) -> None:
        """Remove the store."""
        if hasattr(self, "opened"):
            self.opened.__exit__(None, None, None)

    def _runner(self) -> Runner:
        rooms: Rooms = self.house.rooms
        return Runner(store=self.store, rooms=rooms, policy=self.house.policy, actor="worker")

    def _mine(self, claim: Claim) -> set[str]:
        return {one for one, (token, _) in self.holder.items() if token == claim.token}


@contextmanager
def fresh(url: str) -> Iterator[Store]:
    """Return an empty store: a new SQLite file, or the database at `url` emptied."""
    with TemporaryDirectory() as folder:
        store = open_store(url or laid(Path(folder) / "x.db"))
        with store.begin() as tx:
            for table in ("exchange", "event", "payload", "idempotency"):
                tx.execute(_delete(table))
        yield store
        store.close()


def _delete(table: str) -> Any:
    from gateway.store.tables import METADATA

    return METADATA.tables[table].delete()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_claims_hold_under_any_interleaving(database: str, request: pytest.FixtureRequest) -> None:
    """No document has two holders, moves for a stranger, is skipped, repeated or lost."""

    class Machine(Claims):
        url = request.getfixturevalue("postgres").database() if database == "postgresql" else ""

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
