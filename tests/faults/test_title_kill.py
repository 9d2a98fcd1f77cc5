"""kill -9 at each commit point of a move: one holder, one head, and the log agrees."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.fsck import fsck
from ledger.log import Log
from ledger.signature import verifier_for
from ledger.sqlite import SqliteTiles
from ledger.title.entry import digest
from ledger.title.errors import Disputed
from ledger.title.folder import FolderRegister, SqliteTitles, make
from tests.ledger.title.office import ORIGIN, PARTIES
from tests.ledger.title.test_folder import opened, race, signed

POINTS = ("entry", "leaf", "checkpoint", "commit")


def die() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def dying(before: bool, function: Callable[..., object]) -> Callable[..., object]:  # noqa: FBT001 - the table below says it
    """Return a function that kills its process before or after its work."""

    def run(*args: object, **kwargs: object) -> object:
        if before:
            die()
        done = function(*args, **kwargs)
        die()
        return done

    return run


def arm(register: FolderRegister, point: str, *, before: bool) -> None:
    """Let the process die at a point of the move's transaction."""
    if point == "commit":
        armed = register._db

        def watch(statement: str) -> None:
            if statement == "COMMIT":
                die()

        if before:
            armed.set_trace_callback(watch)
        return
    owner, name = {
        "entry": (SqliteTitles, "append"),
        "leaf": (SqliteTiles, "extend"),
        "checkpoint": (Log, "checkpoint"),
    }[point]
    setattr(owner, name, dying(before, getattr(owner, name)))


def killed_at(home: Path, entry: str, point: str, *, before: bool) -> None:
    """Submit an entry in a process that dies at a point."""
    child = os.fork()
    if child == 0:
        try:
            register = opened(home)
            arm(register, point, before=before)
            register.submit(entry)
        finally:
            die()
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.faults
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_kill_at_any_commit_point_leaves_one_holder(tmp_path: Path) -> None:
    """Before and after each write and the commit: the move happened or not, and can be repeated."""
    home = tmp_path / "r"
    make(home, ORIGIN).close()
    happened = []
    for number, (point, before) in enumerate((p, b) for p in POINTS for b in (True, False)):
        title = f"BL-{number}"
        issue = signed(title, 0, "", "CARRIER", "issue", "A", "A")
        mine = signed(title, 1, digest(issue), "A", "transferOwners", "B", "B")
        other = signed(title, 1, digest(issue), "A", "transferOwners", "C", "C")
        with opened(home) as register:
            register.submit(issue)
        killed_at(home, mine, point, before=before)
        with opened(home) as register:
            with register.looking() as looking:
                moved = looking.standing(title).n == 1
                held = looking.standing(title).state.holder
                assert held == PARTIES["B" if moved else "A"].party
            happened.append(moved)
            assert register.submit(mine).repeated is moved
            with pytest.raises(Disputed):
                register.submit(other)
            with register.reading() as log:
                assert fsck(log.tiles, verifier_for(register.key)).sound
            assert register.check() == []
    assert happened == [False] * (2 * len(POINTS) - 1) + [True]


@pytest.mark.faults_long
@pytest.mark.timeout(900)
def test_a_thousand_races_have_a_thousand_winners(tmp_path: Path) -> None:
    """1,000 pairs of transfers of one head at the same time: one RECE and one DISE each."""
    home = tmp_path / "r"
    make(home, ORIGIN).close()
    assert race(home, 1_000) == {"DISE RECE": 1_000}
