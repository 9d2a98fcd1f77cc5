"""`silkgate demo`, as somebody runs it who has just installed it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

SILKGATE = [sys.executable, "-m", "gateway.cli"]


@pytest.mark.parametrize("shipment", ["g01", "g06"])
def test_one_command_tells_the_whole_story(tmp_path: Path, shipment: str) -> None:
    """Both sides cleared, the evidence of each verified offline, exit 0, nothing left running."""
    home = tmp_path / "demo"
    command = [*SILKGATE, "demo", "--json", "--shipment", shipment, "--home", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    outcome: dict[str, Any] = json.loads(done.stdout)
    assert outcome["cleared"] is True
    assert outcome["verified"] is True
    assert outcome["indication"] == outcome["importer_indication"] == "TOTAL-PASSED"
    assert 0 < outcome["slowest_mirror_seconds"] < 10
    assert Path(outcome["evidence"]).is_file()
    assert Path(outcome["importer_evidence"]).is_file()
    assert _running_with(home) == []


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_demo_and_all_its_processes(
    tmp_path: Path, told: signal.Signals
) -> None:
    """Ctrl-C in the middle leaves nothing running, nor does a polite kill."""
    home = tmp_path / "demo"
    with subprocess.Popen(
        [*SILKGATE, "demo", "--keep", "--home", str(home)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    ) as process:
        until = time.monotonic() + 60
        while len(_running_with(home)) < 3 and time.monotonic() < until:
            time.sleep(0.1)
        until = time.monotonic() + 40
        while process.poll() is None and time.monotonic() < until:
            # Again and again, as people do: Python drops an interrupt inside a finalizer.
            process.send_signal(told)
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)
        process.kill()
    assert _running_with(home) == []


def _running_with(home: Path) -> list[str]:
    """Return the command lines of running processes that name a folder, this one's excepted."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=True
    )
    lines = (line.strip() for line in listed.stdout.splitlines())
    return [ln for ln in lines if str(home) in ln and not ln.startswith(f"{os.getpid()} ")]
