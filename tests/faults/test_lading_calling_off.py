"""Transfers called off at every message of theirs, and against acceptance: one has each bill."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.gateway.lading.test_callingoff import FATES, called_off_anywhere, raced
from tests.gateway.lading.wire import RECEIVER, SENDER, Wire, opened

RACES = 1000

pytestmark = [pytest.mark.faults_long, pytest.mark.timeout(1200)]


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    """Give a sender, a receiver and a registry."""
    with ExitStack() as stack:
        yield opened(tmp_path, stack)


@pytest.mark.parametrize("documents", [0, 1, 2])
@pytest.mark.parametrize("tracked", [False, True])
def test_called_off_at_any_message(wire: Wire, documents: int, *, tracked: bool) -> None:
    """Before and after it, its answer lost, itself delayed or refused: exactly one holder."""
    called_off_anywhere(wire, FATES, documents=documents, tracked=tracked)


def test_a_thousand_races_with_acceptance(wire: Wire) -> None:
    """Call-off and transfer at once: one holder each time, and each of them wins some."""
    assert set(raced(wire, RACES)) == {SENDER, RECEIVER}
