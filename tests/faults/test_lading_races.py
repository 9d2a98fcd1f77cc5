"""A thousand double transfers of bills: each ends as one RECE and one DISE."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.store.database import Store
from tests.gateway.lading.test_control import Three, race, three
from tests.gateway.lading.test_races import Race, wrong

__all__ = ["three"]

PAIRS = 1000


@pytest.mark.faults_long
@pytest.mark.timeout(1200)
def test_of_a_thousand_pairs_to_one_platform_one_each_is_accepted(
    store: Store, tmp_path: Path
) -> None:
    """On both databases, with nothing but the store to decide."""
    assert wrong(Race(tmp_path, store), PAIRS) == []


@pytest.mark.faults_long
@pytest.mark.timeout(1200)
def test_of_a_thousand_pairs_to_two_platforms_one_each_is_accepted(three: Three) -> None:
    """Over HTTP, with the control tracking registry to decide: one platform holds the bill."""
    with ThreadPoolExecutor(2) as pool:
        found = [race(three, pool) for _ in range(PAIRS)]
    assert [each for each in found if each[0] != ["DISE", "RECE"] or len(each[1]) != 1] == []
