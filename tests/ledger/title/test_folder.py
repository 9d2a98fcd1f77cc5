"""A register in a folder: durable, one writer at a time, one winner of every race."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

from ledger.title.entry import Entry, digest
from ledger.title.errors import Disputed
from ledger.title.folder import FolderRegister, make
from ledger.title.historyfile import verify_history
from ledger.title.machine import Move
from tests.ledger.title.office import ORIGIN, PARTIES, issuing

NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)


def signed(title: str, n: int, previous: str, actor: str, action: str, *to: str) -> str:
    """Return a signed entry."""
    args = tuple(PARTIES[each].party for each in to)
    return Entry(
        register=ORIGIN,
        title=title,
        n=n,
        previous=previous,
        move=Move(action, PARTIES[actor].party, args),
        at=NOW,
        issue=issuing() if n == 0 else None,
    ).sealed(PARTIES[actor])


def opened(home: Path) -> FolderRegister:
    """Open the register with a clock that stands still."""
    return FolderRegister(home, patience=60.0, clock=lambda: NOW)


def test_what_was_accepted_is_there_after_reopening(tmp_path: Path) -> None:
    """Entries, papers and log are of one commit; the export of a new process verifies."""
    make(tmp_path / "r", ORIGIN).close()
    issue = signed("BL-1", 0, "", "CARRIER", "issue", "A", "A")
    with opened(tmp_path / "r") as register:
        register.submit(issue)
    with opened(tmp_path / "r") as register:
        register.submit(signed("BL-1", 1, digest(issue), "A", "transferHolder", "B"))
        data = register.export("BL-1")
        key = register.key
        with register.looking() as looking:
            assert looking.standing("BL-1").n == 1
    assert verify_history(data, key).last.state.holder == PARTIES["B"].party


def race(home: Path, rounds: int) -> Counter[str]:
    """Let two holders of one signing key transfer the same head at once; count the outcomes."""
    outcomes: Counter[str] = Counter()
    start = Barrier(2)
    with opened(home) as one, opened(home) as two, ThreadPoolExecutor(2) as pool:
        for number in range(rounds):
            title = f"BL-{number}"
            issue = signed(title, 0, "", "CARRIER", "issue", "A", "A")
            one.submit(issue)

            def transfer(
                register: FolderRegister, to: str, title: str = title, last: str = digest(issue)
            ) -> str:
                entry = signed(title, 1, last, "A", "transferOwners", to, to)
                start.wait()
                try:
                    register.submit(entry)
                except Disputed:
                    return "DISE"
                return "RECE"

            both = [pool.submit(transfer, one, "B"), pool.submit(transfer, two, "C")]
            found = sorted(each.result() for each in both)
            outcomes[" ".join(found)] += 1
            with one.looking() as looking:
                assert looking.standing(title).n == 1
    return outcomes


def test_racing_transfers_have_one_winner(tmp_path: Path) -> None:
    """Of two transfers of one head at the same time one is accepted, the other disputed."""
    home = tmp_path / "r"
    make(home, ORIGIN).close()
    assert race(home, 30) == {"DISE RECE": 30}
