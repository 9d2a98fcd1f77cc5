"""One writer at a time on SQLite, over threads and processes."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

from gateway.store.writer import FileWriter

HOLD = """
import sys, time
from pathlib import Path
from gateway.store.writer import FileWriter
with FileWriter(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(0.5)
"""


def test_a_writer_waits_for_another_process_and_goes_on_when_it_ends(tmp_path: Path) -> None:
    """The turn is handed on as soon as the other process gives it back, even by dying."""
    path = tmp_path / "x.db-writer"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        start = time.monotonic()
        other.kill()
        writer = FileWriter(path)
        with writer:
            assert time.monotonic() - start < 5
        writer.close()


def test_threads_take_turns(tmp_path: Path) -> None:
    """No two threads are inside at the same time, and closing in between does no harm."""
    writer = FileWriter(tmp_path / "x.db-writer")
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(50):
            with writer:
                inside.append(1)
                most.append(len(inside))
                inside.pop()
        writer.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1
