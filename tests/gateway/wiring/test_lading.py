"""The lading desk from the settings: the customs flag, and who runs which registry."""

from __future__ import annotations

from pathlib import Path

from gateway.settings import load
from gateway.store import clearances
from gateway.wiring import lading
from gateway.wiring.doctor.diagnosis import examine
from tests.gateway.clearance import world as play
from tests.gateway.clearance.test_service import cleared
from tests.gateway.lading.envelopes import new_signer
from tests.gateway.lading.platforms import House


def test_the_customs_flag_is_that_of_the_clearance(tmp_path: Path):
    """Goods are released when import customs released the declaration that names the bill."""
    with play.world(tmp_path) as world:
        found = cleared(world)
        store = world.export.desk.store
        with store.read() as tx:
            bill = str(clearances.get(tx, found).body["document"])
        assert bill
        assert lading.customs_released(store, bill)
        assert not lading.customs_released(store, f"{bill}X")


def test_goods_without_a_clearance_are_not_released(tmp_path: Path):
    """Nobody's word but the clearance's opens the gate."""
    house = House(tmp_path, carrier="MAEU")
    assert not lading.customs_released(house.ladings.desk.store, "SGX0001")
    house.close()


def test_a_registry_is_used_only_where_the_settings_say_so(tmp_path: Path):
    """A chain that names an address nobody entered is not followed there."""
    house = House(tmp_path, platform="BOLE")
    house.knows("SGTD", "http://127.0.0.1:9", new_signer(), is_registry=True)
    house.knows("CARX", "http://127.0.0.1:8", new_signer())
    assert load(house.home).lading.peers[0].is_registry
    assert house.ladings.registry("http://127.0.0.1:9/ctr/v1") is not None
    assert house.ladings.registry("http://127.0.0.1:8/ctr/v1") is None
    house.close()


def test_the_doctor_says_what_a_platform_lacks(tmp_path: Path):
    """A peer whose keys are not there, or are none, is named before anything travels."""
    house = House(tmp_path, platform="BOLE")
    house.knows("CARX", "http://127.0.0.1:8", new_signer())
    assert _found(house) == ("ok", "BOLE; peers CARX")
    (house.home / "CARX.jwk").write_text("{}", "utf-8")
    assert _found(house)[0] == "error"
    (house.home / "CARX.jwk").unlink()
    state, text = _found(house)
    assert (state, "CARX" in text) == ("error", True)


def _found(house: House) -> tuple[str, str]:
    (check,) = [each for each in examine(house.home) if each.name == "lading"]
    return check.state.value, check.found.en
