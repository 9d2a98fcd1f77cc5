"""Two real gateways in this process: own keys, log and database each, real HTTPS between them.

The chain is a file; the customs are the simulated ones. A gateway can be stopped and started
again, and its door alone can be closed, as a process or a network would.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import httpx

from gateway import setup
from gateway.api.app import create_app
from gateway.api.serve import Listen, serving
from gateway.cli.serve import listening
from gateway.console import mount
from gateway.sandbox.app import Kind, Sandbox
from gateway.sandbox.app import create_app as create_customs
from gateway.sandbox.script import load as load_script
from gateway.settings import Settings, load
from gateway.settings.parties import Authority, Card
from gateway.wiring.api_keys import issue
from gateway.wiring.assembly import Gateway
from gateway.wiring.audit.trusting import Trusted
from gateway.wiring.auditing import Auditor
from gateway.wiring.running import running
from tests.sqlite import laid

PATIENCE = 60.0
FORMATS = '["cefact-cii", "wco-dec"]'
"""What both gateways want documents in, as their cards say."""
_SETTINGS = '\nlog_level = "error"\ncheckpoint_seconds = 0.2\n[anchor]\nkind = "file"\n'
_HOOKS = '[webhooks]\nhosts = ["%s"]\nplain = true\nprivate = true\n'

Found = TypeVar("Found")


def wait_for(look: Callable[[], Found | None], *, what: str, patience: float = PATIENCE) -> Found:
    """Return what `look` finds as soon as it finds something true; fails after `patience`."""
    until = time.monotonic() + patience
    while not (found := look()):
        assert time.monotonic() < until, f"after {patience:.0f} s still no {what}"
        time.sleep(0.02)
    return found


def proven(verdict: dict[str, Any], *questions: str) -> None:
    """Assert that the auditor says yes to each question, and to the whole."""
    found = {name: answer["ok"] for name, answer in verdict["ledger"].items()}
    assert {name: found[name] for name in questions} == dict.fromkeys(questions, True), verdict
    assert verdict["indication"] == "TOTAL-PASSED", verdict["reason"]


class Side:
    """One gateway and its customs: started, stopped, and spoken to over HTTPS."""

    def __init__(self, settings: Settings) -> None:
        """Stand for the gateway of `settings`; nothing runs yet."""
        self.home = settings.home
        self.card: Card = setup.card(settings)
        self.token = issue(settings, tenant=settings.id, scopes=["all"], days=1)
        self._running = ExitStack()
        self._door = ExitStack()
        self.gateway = Gateway(settings)

    @property
    def id(self) -> str:
        """The party id."""
        return self.card.id

    @property
    def settings(self) -> Settings:
        """The settings, partners included."""
        return self.gateway.settings

    @cached_property
    def http(self) -> httpx.Client:
        """A caller of its API with a key of all scopes."""
        return self.caller(self.token)

    def caller(self, token: str = "") -> httpx.Client:
        """Return a caller that trusts this gateway's certificate, with an API key or without."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        trust = ssl.create_default_context(cadata=self.card.root)
        return httpx.Client(base_url=self.card.url, verify=trust, headers=headers, timeout=30.0)

    def start(self) -> None:
        """Start the gateway as after a new start of its process: from what is on the disk."""
        self.gateway = self._running.enter_context(running(Gateway(load(self.home))))
        self.open_door()

    def stop(self) -> None:
        """Stop everything of it."""
        self.close_door()
        self._running.close()

    def open_door(self) -> None:
        """Let others reach it."""
        listen = listening(self.settings, port=None, insecure=False)
        self._door.enter_context(serving(create_app(self.gateway, mount), listen))

    def close_door(self) -> None:
        """Let nobody reach it; it works on inside."""
        self._hang_up()
        self._door.close()

    def _hang_up(self) -> None:
        if "http" in vars(self):
            vars(self).pop("http").close()

    def send(self, document: bytes, target: str, receiver: str, **more: str) -> str:
        """Submit a document over the API and return the exchange's id.

        Without `target` it goes in the format that the receiver wants.
        """
        wanted = {"target": target} if target else {}
        answer = self.http.post(
            "/v1/exchanges",
            params={"receiver": receiver, **wanted, **more},
            content=document,
            headers={"content-type": "application/octet-stream"},
        )
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def get(self, path: str) -> Any:
        """Return the JSON at a path, or None while there is nothing."""
        answer = self.http.get(path)
        if answer.status_code == 404:
            return None
        assert answer.status_code == 200, answer.text
        return answer.json()

    def settled(self, exchange: str) -> dict[str, Any]:
        """Wait until an exchange is done or refused and return it."""

        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.get(f"/v1/exchanges/{exchange}")
            return found if found["state"] in {"done", "refused", "failed"} else None

        return wait_for(look, what=f"end of {exchange}")

    def inbox(self) -> list[dict[str, Any]]:
        """Return what partners delivered here."""
        items: list[dict[str, Any]] = self.get("/v1/exchanges?limit=200")["items"]
        return [item for item in items if item["direction"] == "in"]

    def evidence(self, exchange: str, *, of: str = "exchanges") -> bytes:
        """Return the evidence package of an exchange or clearance as soon as it is complete."""

        def look() -> bytes | None:
            answer = self.http.get(f"/v1/{of}/{exchange}/evidence")
            assert answer.status_code in {200, 409}, answer.text
            return answer.content if answer.status_code == 200 else None

        return wait_for(look, what=f"evidence of {exchange}")


@dataclass(frozen=True)
class Pair:
    """Exporter and importer, and what an auditor was given of both."""

    exporter: Side
    importer: Side
    hooks: str = ""
    """Host and port on loopback that both may send webhooks to."""

    @property
    def sides(self) -> Sequence[Side]:
        """Both, the exporter first."""
        return self.exporter, self.importer

    def audit(self, package: bytes) -> dict[str, Any]:
        """Return the verdict of an auditor who holds the package and both cards, nothing else."""
        trusted = Trusted()
        for side in self.sides:
            trusted = trusted.introduced(side.id, side.card.model_dump())
        return dict(Auditor(trusted).verify(package))

    def open(self, declaration: bytes, invoice: bytes, lading: bytes) -> str:
        """Open a clearance at the exporter and return its id."""
        files = {"declaration": declaration, "invoice": invoice, "lading": lading}
        answer = self.exporter.http.post(
            "/v1/clearances", files={name: (name, data) for name, data in files.items()}
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def form(self, clearance: str) -> dict[str, Any]:
        """Wait until the importer is asked and return the form."""

        def look() -> dict[str, Any] | None:
            found: dict[str, Any] | None = self.importer.get(f"/v1/clearances/{clearance}")
            return found if found and found["form"] else None

        wait_for(look, what="form")
        found: dict[str, Any] = self.importer.get(f"/v1/clearances/{clearance}/form")
        return found

    def answer(self, clearance: str, answers: Mapping[str, str]) -> None:
        """Fill in the form."""
        answer = self.importer.http.post(f"/v1/clearances/{clearance}/form", json=dict(answers))
        assert answer.status_code == 200, answer.text

    def cleared(self, clearance: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Wait until both gateways know that both sides are cleared, and return what they show."""

        def look() -> tuple[dict[str, Any], dict[str, Any]] | None:
            shown = [side.get(f"/v1/clearances/{clearance}") or {} for side in self.sides]
            return (shown[0], shown[1]) if all(one.get("cleared") for one in shown) else None

        return wait_for(look, what="clearance of both sides")


@contextmanager
def pair(
    folder: Path,
    *,
    importing: str = "SG",
    databases: Sequence[str] = (),
    scripts: tuple[str, str] = ("cn-release", "wco-clear"),
) -> Iterator[Pair]:
    """Run a Chinese gateway and one of `importing` below `folder`, each with its customs.

    `databases` are the addresses of two databases, else each has a SQLite file; `scripts` are
    what the customs do.
    """
    ports = [free_port() for _ in range(4)]
    host = f"127.0.0.1:{free_port()}"
    sides: list[Side] = []
    for country, own, customs in (("CN", ports[0], ports[1]), (importing, ports[2], ports[3])):
        form = "cn-dec" if country == "CN" else "wco-dec"
        url = f"http://127.0.0.1:{customs}/declarations"
        authority = Authority(
            id=f"{country.lower()}-customs", url=url, country=country, format=form, sandbox=True
        )
        database = databases[len(sides)] if databases else "sqlite:///silkgate.db"
        # One side keeps its documents in shards of its log, the other in the log itself.
        shards = "quarter" if country == "CN" else "none"
        settings = setup.create(
            folder / country.lower(),
            party=f"{country.lower()}-port",
            name=f"Sample {country} Port Window",
            country=country,
            port=own,
            authorities=(authority,),
            extra=f'\nlog_shards = "{shards}"\nformats = {FORMATS}{_SETTINGS}{_HOOKS % host}',
            database=database,
        )
        if not databases:
            laid(settings.home / "silkgate.db")
        sides.append(Side(settings))
    made = Pair(sides[0], sides[1], host)
    setup.introduce(made.exporter.home, made.importer.card)
    setup.introduce(made.importer.home, made.exporter.card)
    with ExitStack() as stack:
        for side, script, port in zip(made.sides, scripts, (ports[1], ports[3]), strict=True):
            stack.callback(side.stop)
            side.start()
            stack.enter_context(_customs(side, script, port))
        yield made


def _customs(side: Side, script: str, port: int) -> AbstractContextManager[str]:
    settings = side.settings
    root = side.home / "root.pem"
    root.write_text(side.card.root, encoding="ascii")
    authority = settings.authorities[0]
    sandbox = Sandbox(
        kind=Kind.CHINA if settings.country == "CN" else Kind.WCO,
        script=load_script(script),
        receipts=f"{settings.url}/v1/authorities/{authority.id}/receipts",
        token=issue(settings, tenant=authority.id, scopes=["receipts:write"], days=1),
        authority=root,
        country=settings.country,
    )
    return serving(create_customs(sandbox), Listen(port=port))


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
