"""A thousand double transfers between processes over one title register: one holder each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gateway.lading import titlecheats
from tests.gateway.lading.titled import Ledger
from tests.interop.node import anvil

PAIRS = 1000


@pytest.mark.faults_long
@pytest.mark.timeout(1800)
def test_of_a_thousand_pairs_a_contract_lets_one_each_through(tmp_path: Path) -> None:
    """Two platforms, each its own process, and a node: one RECE, one DISE, one holder in all."""
    with (
        anvil() as node,
        titlecheats.on_chain(tmp_path, Ledger(node.url, node.fund), processes=True) as race,
    ):
        assert titlecheats.wrong(race, PAIRS) == []


@pytest.mark.faults_long
@pytest.mark.timeout(1800)
def test_of_a_thousand_pairs_a_log_lets_one_each_through(tmp_path: Path) -> None:
    """The same over a register of entries in a third process."""
    with titlecheats.on_log(tmp_path, processes=True) as race:
        assert titlecheats.wrong(race, PAIRS) == []
