"""One bill transferred to two platforms at once, with its title on a register: one has it."""

from __future__ import annotations

from pathlib import Path

from tests.gateway.lading import titlecheats
from tests.gateway.lading.titled import Ledger
from tests.ledger.title.rpcserver import Node, serving


def test_a_contract_gives_the_title_to_one_of_two(tmp_path: Path):
    """Two orders from one state: one is mined, its platform says RECE, the other DISE.

    A second chain that hides the register is no way around it.
    """
    node = Node()
    with (
        serving(node) as url,
        titlecheats.on_chain(tmp_path, Ledger(url, node.fund)) as race,
    ):
        assert titlecheats.wrong(race, 3) == []
        assert race.unnamed() == ("RECE", "DISE")


def test_a_log_gives_the_title_to_one_of_two(tmp_path: Path):
    """Two entries for one place: one is accepted, its platform says RECE, the other DISE."""
    with titlecheats.on_log(tmp_path) as race:
        assert titlecheats.wrong(race, 10) == []
