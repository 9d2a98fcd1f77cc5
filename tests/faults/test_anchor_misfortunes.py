"""Anchors amid crashes after every write, outages, and reorganisations, at length."""

from __future__ import annotations

import pytest

from tests.ledger.anchors.test_outbox import misfortunes


@pytest.mark.faults_long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("batch", range(10))
def test_fifty_misfortunes(batch: int) -> None:
    """Every checkpoint settles and none is anchored twice, for fifty seeds of mishaps."""
    for seed in range(batch * 50, batch * 50 + 50):
        misfortunes(seed)
