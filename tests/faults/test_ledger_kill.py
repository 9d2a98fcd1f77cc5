"""kill -9 while the gateway's log appends, seals, is witnessed and anchored, on both databases."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.faults
@pytest.mark.timeout(120)
def test_the_log_survives_eight_kills(store_url: str, tmp_path: Path) -> None:
    """Every promised leaf, checkpoint, cosignature and anchor holds after each kill."""
    _endure(store_url, tmp_path, kills=8, each=1, seconds=100)


@pytest.mark.faults_long
@pytest.mark.timeout(3600)
def test_the_log_survives_five_hundred_kills(store_url: str, tmp_path: Path) -> None:
    """The same five hundred times, and until every kind of promise was given hundreds of times."""
    _endure(store_url, tmp_path, kills=500, each=200, seconds=3000)


def _endure(url: str, home: Path, **asked: int) -> None:
    """Run the launcher, which kills and checks."""
    command = [sys.executable, "-m", "tests.faults.ledger_process", url, str(home)]
    run = subprocess.run(
        [*command, *map(str, asked.values())],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert run.returncode == 0, run.stderr[-3000:]
