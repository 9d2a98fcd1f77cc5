"""Several anchors of one gateway: each place takes every checkpoint, and none waits for another."""

from __future__ import annotations

import time
from hashlib import sha256
from pathlib import Path

import pytest

from gateway import setup
from gateway.settings import Mode, load, refuse_in_production
from gateway.settings.anchor import AnchorSettings, AnchorTarget
from gateway.wiring.assembly import Gateway
from gateway.wiring.running import anchoring
from ledger.anchors.offline import verify_record
from ledger.checkpoint import Checkpoint
from schemas.errors import SettingsError

_TWO = """
[anchor]
kind = "evm"
rpc_url = "http://127.0.0.1:1"
chain_id = 1
contract = "0x1111111111111111111111111111111111111111"
[[anchor.also]]
kind = "file"
"""


def test_a_chain_that_is_away_holds_no_other_anchor_up(tmp_path: Path) -> None:
    """One chain does not answer; the other place has its record within seconds."""
    setup.create(tmp_path, party="g", name="g", country="SG", port=8443, extra=_TWO)
    gateway = Gateway(load(tmp_path))
    with gateway.store.begin() as tx:
        gateway.logbook.append(tx, [sha256(b"document").digest()])
    gateway.sealing.round()
    with gateway.logbook.reading(gateway.logbook.origin) as log:
        expected = Checkpoint(log.origin, 1, log.root())
    with anchoring(gateway):
        until = time.monotonic() + 20
        while not gateway.anchoring.listed() and time.monotonic() < until:
            time.sleep(0.05)
        (only,) = gateway.anchoring.listed()
    assert verify_record(only.record, expected).kind == "file"


@pytest.mark.parametrize(
    "also",
    [
        AnchorTarget(kind="evm", rpc_url="http://127.0.0.1:2", chain_id=1, contract="0x22"),
        AnchorTarget(kind="evm", rpc_url="http://127.0.0.1:1", chain_id=1, contract="0x11"),
    ],
)
def test_one_account_writes_to_a_chain_once(also: AnchorTarget) -> None:
    """Two contracts on one chain by one account would take each other's nonces: refused."""
    first = AnchorTarget(kind="evm", rpc_url="http://127.0.0.1:1", chain_id=1, contract="0x11")
    with pytest.raises(ValueError, match="share a chain and an account"):
        AnchorSettings(**first.model_dump(), also=(also,))
    other = also.model_copy(update={"chain_id": 2})
    assert len(AnchorSettings(**first.model_dump(), also=(other,)).targets) == 2


def test_every_place_is_judged_in_production(tmp_path: Path) -> None:
    """The in-process chain is refused as a further anchor too."""
    extra = '\n[anchor]\nkind = "file"\n[[anchor.also]]\nkind = "evm"\n'
    settings = setup.create(tmp_path, party="g", name="g", country="SG", port=8443, extra=extra)
    with pytest.raises(SettingsError, match="in-process"):
        refuse_in_production(settings.model_copy(update={"mode": Mode.PRODUCTION}))
