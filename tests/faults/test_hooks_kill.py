"""kill -9 while webhooks are put down and delivered, on both databases."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

from tests.gateway.hooks.receiver import Receiver, receiving

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.faults_long
@pytest.mark.timeout(600)
def test_no_event_is_lost_or_overtaken_by_thirty_kills(store_url: str, tmp_path: Path) -> None:
    """Each committed event comes at least once; of a subject none before an earlier one."""
    chance = random.Random(7)
    promised: list[int] = []
    with receiving() as receiver:
        for _ in range(30):
            receiver.answers = [chance.choice([204, 204, 204, 500]) for _ in range(200)]
            promised += _until_killed(store_url, tmp_path, receiver, promised, chance)
        receiver.answers = []
        last, _ = _run(store_url, tmp_path, receiver, promised, 3).communicate(timeout=300)
        promised += _numbers(last)
    told = receiver.told()
    assert len(promised) > 100
    assert {n for _, n in told} >= set(promised)
    first: defaultdict[str, list[int]] = defaultdict(list)
    for subject, n in told:
        if n not in first[subject]:
            first[subject].append(n)
    assert all(numbers == sorted(numbers) for numbers in first.values())


def _until_killed(
    url: str, home: Path, receiver: Receiver, promised: list[int], chance: random.Random
) -> list[int]:
    with _run(url, home, receiver, promised, 0) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        time.sleep(chance.uniform(0.05, 0.6))
        process.kill()
        return _numbers(line + process.stdout.read())


def _numbers(said: str) -> list[int]:
    """Return the numbers on lines of their own: the log may stand between."""
    return [int(line) for line in said.split("\n")[:-1] if line.isdigit()]


def _run(
    url: str, home: Path, receiver: Receiver, promised: list[int], count: int
) -> subprocess.Popen[str]:
    # What was committed and not printed any more has the next number: it is left out.
    first = max(promised, default=0) + 3
    command = [sys.executable, "-m", "tests.faults.hooks_process", url, str(home)]
    return subprocess.Popen(
        [*command, str(receiver.port), str(first), str(count)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
