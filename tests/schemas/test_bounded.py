"""A process of its own for the files of strangers: what it may take, and what follows."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.bounded import Bounds, NotStarted, OutOfBounds, Worker

ENOUGH = Bounds(seconds=5.0, memory=10**9)
WORKER = """
import os

def answer(question):
    if question == b"spin":
        while True:
            pass
    if question == b"hoard":
        return bytes(300_000_000)
    if question == b"die":
        os._exit(1)
    return b"%d %b" % (os.getpid(), question)
"""


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    """Return a worker with answers of all kinds."""
    place = tmp_path / "worker.py"
    place.write_text(WORKER)
    made = Worker(str(place))
    yield made
    made.close()


def test_one_process_answers_question_after_question(worker: Worker) -> None:
    """Not this process, and the same one each time; also nothing at all can be asked."""
    first, second = worker.ask(b"a", ENOUGH), worker.ask(b"", ENOUGH)
    assert first.endswith(b" a")
    assert first.split()[0] == second.split()[0] != str(os.getpid()).encode()


@pytest.mark.parametrize("question", [b"spin", b"die", b"hoard"])
def test_what_goes_too_far_is_ended_and_replaced(worker: Worker, question: bytes) -> None:
    """One question is lost with the process that was to answer it, and the next is answered."""
    if question == b"hoard" and sys.platform == "darwin":
        pytest.skip("macOS keeps no process to an amount of memory")
    before = worker.ask(b"x", ENOUGH)
    with pytest.raises(OutOfBounds):
        worker.ask(question, Bounds(seconds=0.2, memory=200_000_000))
    after = worker.ask(b"x", ENOUGH)
    assert after.endswith(b" x")
    assert after != before
    assert worker.ask(b"x", ENOUGH) == after


def test_a_worker_that_does_not_start_answers_nothing(tmp_path: Path) -> None:
    """Whoever asks is told what is wrong, and that it is not the file's fault."""
    with pytest.raises(NotStarted, match="missing"):
        Worker(str(tmp_path / "missing.py")).ask(b"x", ENOUGH)
