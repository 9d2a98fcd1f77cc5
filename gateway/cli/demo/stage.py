"""The stage of the demo: two gateways as processes of their own, and two simulated customs."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway import setup
from gateway.cli.demo.client import Client, NotAnswered
from gateway.cli.demo.teller import Teller
from gateway.settings import Settings
from gateway.settings.parties import ANCHOR_NAME, Authority, Card
from gateway.wiring.api_keys import issue
from schemas.text import Text

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 20.0
_COUNTRIES: Final = {"g01": "SG", "g06": "GB"}
_NAMES: Final = {
    "CN": ("cn-port", "Sample Shanghai Port Window"),
    "SG": ("sg-port", "Sample Singapore Port Window"),
    "GB": ("gb-port", "Sample Felixstowe Port Window"),
}
_PARTIES: Final = """
[[party]]
id = "91370200MA9TETX134"
name = "Sample Bridge Customs Brokers Co., Ltd."
"""
_EVM: Final = '\nlog_level = "warning"\ncheckpoint_seconds = 0.5\n'
_FILE: Final = _EVM + '[anchor]\nkind = "file"\n'


@dataclass(frozen=True)
class Player:
    """One gateway on the stage: its settings, a caller of it, and its card."""

    settings: Settings
    client: Client
    card: Card


@dataclass(frozen=True)
class Theatre:
    """Both sides, and where everything lies."""

    folder: Path
    shipment: str
    exporter: Player
    importer: Player

    @property
    def trust(self) -> Path:
        """The folder with both operators' cards: what the auditor was given out of band."""
        return self.folder / "auditor"


@contextmanager
def stage(folder: Path, shipment: str, teller: Teller) -> Iterator[Theatre]:
    """Set up both gateways below `folder`, start everything, and end it when the block ends."""
    importing = _COUNTRIES[shipment]
    customs = {country: _free_port() for country in ("CN", importing)}
    teller.chapter(Text("Two gateways, two customs, on this machine", "本机上的两个网关与两个海关"))
    exporter = _player(folder, "CN", "cn-dec", customs["CN"], _EVM)
    importer = _player(folder, importing, "wco-dec", customs[importing], _FILE)
    theatre = Theatre(folder, shipment, exporter, importer)
    _introduce(theatre)
    with ExitStack() as stack:
        stack.enter_context(_serving(folder, exporter, importer))
        for player in (exporter, importer):
            stack.enter_context(_customs(folder, player, customs[player.settings.country]))
        for player in (exporter, importer):
            _wait(player)
            teller.say(
                Text(
                    f"listens on {player.settings.url}, own keys, log and database",
                    f"监听 {player.settings.url},拥有独立的密钥、日志与数据库",
                ),
                who=player.settings.id,
                colour="cyan",
            )
        yield theatre


def _player(folder: Path, country: str, form: str, customs_port: int, extra: str) -> Player:
    party, name = _NAMES[country]
    home = folder / party
    authority = Authority(
        id=f"{country.lower()}-customs",
        url=f"http://127.0.0.1:{customs_port}/declarations",
        country=country,
        format=form,
        sandbox=True,
    )
    settings = setup.create(
        home,
        party=party,
        name=name,
        country=country,
        port=_free_port(),
        authorities=(authority,),
        extra=extra,
    )
    (home / settings.parties).write_text(_PARTIES, encoding="utf-8")
    card = setup.card(settings)
    token = issue(settings, tenant=party, scopes=["all"], days=1)
    client = Client(settings.host, settings.port, card.root, token)
    return Player(settings, client, card)


def _introduce(theatre: Theatre) -> None:
    """Give each gateway the other's card, and the auditor both."""
    theatre.trust.mkdir(exist_ok=True)
    pair = (theatre.exporter, theatre.importer)
    for own, other in (pair, pair[::-1]):
        setup.introduce(own.settings.home, other.card)
        card = other.card.model_dump_json(indent=1)
        (theatre.trust / f"{other.card.id}.json").write_text(card, encoding="utf-8")


@contextmanager
def _serving(folder: Path, *players: Player) -> Iterator[None]:
    """Run the gateways; they are told to end at the same time, each in its own order."""
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for player in players:
            home, party = player.settings.home, player.settings.id
            command = [sys.executable, "-m", "gateway.cli", "serve", "--home", str(home)]
            with (folder / f"{party}.log").open("wb") as log:
                process = subprocess.Popen(  # noqa: S603 - our own command
                    command, stdout=log, stderr=log, stdin=subprocess.DEVNULL
                )
            processes.append(process)
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            _ended(process)


def _ended(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def _customs(folder: Path, player: Player, port: int) -> Iterator[None]:
    """Run the simulated customs of a player's country, here in a thread."""
    from gateway.api.serve import Listen, serving
    from gateway.sandbox.app import Kind, Sandbox, create_app
    from gateway.sandbox.script import load as script

    settings = player.settings
    authority = settings.authorities[0]
    china = settings.country == "CN"
    root = folder / f"{settings.id}-{ANCHOR_NAME}"
    root.write_text(player.card.root, encoding="ascii")
    token = issue(settings, tenant=authority.id, scopes=["receipts:write"], days=1)
    sandbox = Sandbox(
        kind=Kind.CHINA if china else Kind.WCO,
        script=script("cn-release" if china else "wco-clear"),
        receipts=f"{settings.url}/v1/authorities/{authority.id}/receipts",
        token=token,
        authority=root,
        country=settings.country,
    )
    with serving(create_app(sandbox), Listen(port=port)):
        yield


def _wait(player: Player) -> None:
    until = time.monotonic() + _START_SECONDS
    while not player.client.ready():
        if time.monotonic() > until:
            raise NotAnswered(where=player.settings.url, status="-", reason="it did not start")
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
