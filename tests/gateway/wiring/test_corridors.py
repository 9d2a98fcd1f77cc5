"""The operator's own corridor profiles, from the folder that the settings name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.clearance import corridor
from gateway.settings import Settings
from gateway.wiring.assembly import Gateway
from schemas.errors import SettingsError

OURS = Path(corridor.__file__).with_name("corridors") / "cn-gb.toml"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A gateway's folder with a corridor of its own, from China to Ireland."""
    own = OURS.read_text("utf-8").replace('"cn-gb"', '"cn-ie"').replace('"GB"', '"IE"')
    (tmp_path / "corridors").mkdir()
    (tmp_path / "corridors" / "cn-ie.toml").write_text(own, "utf-8")
    yield tmp_path
    corridor.corridors().pop("cn-ie", None)


def test_a_gateway_uses_the_corridors_of_its_settings(home: Path) -> None:
    """From its start on a profile in the folder is a corridor like ours."""
    Gateway(Settings(home=home, corridors=Path("corridors")))
    assert corridor.between("CN", "IE").id == "cn-ie"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[export]", "[export"),
        ('country = "CN"', ""),
        ("[export]", "export = 7\n[other]"),
        ('"cn-channel"', '"no-such-list"'),
        ("[defaults]", "[defaults.a.b]"),
        ("digits = 6\nnational", 'digits = "six"\nnational'),
    ],
)
def test_a_profile_that_is_not_in_order_stops_the_start(home: Path, old: str, new: str) -> None:
    """The error names the file and what is wrong, before anything is opened."""
    text = OURS.read_text("utf-8")
    assert old in text
    (home / "corridors" / "wrong.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(SettingsError, match=r"wrong\.toml") as refusal:
        Gateway(Settings(home=home, corridors=Path("corridors")))
    assert refusal.value.code == "SG-9302"
    assert not (home / "silkgate.db").exists()


def test_a_folder_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    """A misspelt folder is not silently a folder without profiles."""
    with pytest.raises(SettingsError, match="nowhere"):
        Gateway(Settings(home=tmp_path, corridors=Path("nowhere")))
