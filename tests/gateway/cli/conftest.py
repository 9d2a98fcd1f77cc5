"""Running the command line in this process: the exit code, what it printed, its JSON Lines."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest

from gateway import cli, setup
from gateway.settings import load
from tests.conftest import ROOT
from tests.sqlite import laid

GOLDEN = ROOT / "tests" / "golden"
DECLARATION = GOLDEN / "g01" / "decmessage.xml"
INVOICE = GOLDEN / "related" / "g01" / "invoice.xml"
LADING = GOLDEN / "related" / "g01" / "lading.json"


@dataclass(frozen=True, slots=True)
class Run:
    """What one command did."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The JSON Lines on standard output."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def row(self) -> dict[str, Any]:
        """The only JSON line."""
        (only,) = self.rows
        return only


Silkgate = Callable[..., Run]


@pytest.fixture
def silkgate(monkeypatch, capfdbinary, tmp_path) -> Silkgate:
    """Give a function that runs a command in a folder of its own, away from any gateway."""
    for name in ("SILKGATE_HOME", "SILKGATE_LOG_HOME", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SILKGATE_LANG", "en")
    monkeypatch.chdir(tmp_path)

    def run(*args: str | Path) -> Run:
        monkeypatch.setattr(sys, "argv", ["silkgate", *map(str, args)])
        with pytest.raises(SystemExit) as left:
            cli.main()
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        code = left.value.code
        return Run(code if isinstance(code, int) else 0, out.decode(), err.decode())

    return run


def commands() -> dict[str, click.Command]:
    """Return every command and group by its words, the root by none."""
    found: dict[str, click.Command] = {}
    waiting: list[tuple[str, click.Command]] = [("", cli._cli)]
    for name, command in waiting:
        found[name] = command
        if isinstance(command, click.Group):
            context = click.Context(command)
            for word in command.list_commands(context):
                inner = command.get_command(context, word)
                assert inner is not None
                waiting.append((f"{name} {word}".strip(), inner))
    return found


@pytest.fixture(scope="session")
def home(tmp_path_factory) -> Path:
    """Give the folder of a gateway that knows a partner and declares to an authority."""
    from gateway import setup
    from gateway.settings import load
    from gateway.settings.parties import Authority

    folder: Path = tmp_path_factory.mktemp("homes")
    for party, country, port in (("cn-port", "CN", 8443), ("sg-port", "SG", 8444)):
        customs = Authority(
            id=f"{country}-customs".lower(),
            url="https://127.0.0.1:9",
            country=country,
            format="cn-dec" if country == "CN" else "wco-dec",
        )
        setup.create(
            folder / party,
            party=party,
            name=party,
            country=country,
            port=port,
            authorities=(customs,),
        )
    setup.introduce(folder / "cn-port", setup.card(load(folder / "sg-port")))
    return folder / "cn-port"


@pytest.fixture
def own(home, tmp_path, monkeypatch):
    """Give a copy of a gateway that a test may fill, as the one in force."""
    copy = tmp_path / "own"
    shutil.copytree(home, copy)
    laid(copy / "silkgate.db")
    monkeypatch.setenv("SILKGATE_HOME", str(copy))
    return copy


@pytest.fixture
def trust(home, tmp_path):
    """Give an auditor's folder with the card of the gateway."""
    folder = tmp_path / "trust"
    folder.mkdir()
    card = setup.card(load(home))
    (folder / "cn-port.json").write_text(card.model_dump_json(), "utf-8")
    return folder
