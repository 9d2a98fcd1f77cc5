"""kill -9 while a folder log appends: what was acknowledged is there, and nothing is half there."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ledger.checkpoint import Checkpoint
from ledger.folder import FolderLog
from ledger.fsck import fsck
from ledger.note import Note
from ledger.signature import verifier_for

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import hashlib, sys
from pathlib import Path
from ledger.folder import FolderLog
log = FolderLog(Path(sys.argv[1]))
with log.reading() as now:
    size = now.size
while True:
    batch = [hashlib.sha256(b"%d" % (size + n)).digest() for n in range(200)]
    size = log.append(batch).stop
    with log.reading() as now:
        note = now.tiles.published().note
    sys.stdout.write(f"{size} {note.hex()}\\n")
    sys.stdout.flush()
"""


@pytest.mark.faults
@pytest.mark.timeout(120)
def test_a_killed_writer_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """Five kills at random moments; after each, every acknowledged checkpoint still holds."""
    _kill_and_check(tmp_path / "log", times=5)


@pytest.mark.faults_long
@pytest.mark.timeout(1800)
def test_a_writer_killed_a_hundred_times(tmp_path: Path) -> None:
    """The same a hundred times, on twenty logs, so that the check stays short."""
    for number in range(20):
        _kill_and_check(tmp_path / f"log{number}", times=5, seed=number)


def _kill_and_check(home: Path, times: int, seed: int = 2027) -> None:
    FolderLog.init(home, "kill.example/log").close()
    moment = random.Random(seed)
    acknowledged: list[Checkpoint] = []
    for _ in range(times):
        acknowledged += _written_until_killed(home, moment.uniform(0.01, 0.3))
        with FolderLog(home) as folder, folder.reading() as log:
            assert fsck(log.tiles, verifier_for(folder.key)).sound
            for checkpoint in acknowledged[-200:]:
                assert log.size >= checkpoint.size
                assert log.root(checkpoint.size) == checkpoint.root
    assert acknowledged


def _written_until_killed(home: Path, seconds: float) -> list[Checkpoint]:
    """Let a writer run until it has written once, kill it later; return what it acknowledged."""
    command = [sys.executable, "-c", WRITER, str(home)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(seconds)
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read()
    lines = (first + rest).split(b"\n")[:-1]
    return [
        Checkpoint.parse(Note.parse(bytes.fromhex(line.split()[1].decode())).text) for line in lines
    ]
