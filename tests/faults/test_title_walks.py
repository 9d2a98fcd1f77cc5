"""The title machine at length."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from ledger.title.state import Kind
from tests.ledger.title.test_walks import begun, walk
from tests.ledger.title.walks import CONTRACT

pytestmark = [pytest.mark.faults_long, pytest.mark.timeout(600)]


def test_a_million_steps_keep_single_control() -> None:
    """1,000,000 steps over all kinds, by seeds: no invariant is broken, every action was taken."""
    left, seed = 1_000_000, 0
    seen: Counter[str] = Counter()
    while left > 0:
        chance = random.Random(seed)
        kind = list(Kind)[seed % 4]
        left -= walk(begun(kind, chance.randrange), chance.randrange, min(left, 1_000), seen)
        seed += 1
    assert set(seen) == set(CONTRACT)
