"""Title platforms and carriers as real gateways: own folder, database and key, HTTP between them.

They are served from threads of this process, or each in a process of its own with `silkgate
serve`; both start from nothing but their folder.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Protocol

import httpx

from certs.jose.compact import CompactSigner
from gateway import setup
from gateway.api.app import create_app
from gateway.api.serve import Listen, serving
from gateway.lading.service import LadingService
from gateway.settings import load
from gateway.wiring import lading
from gateway.wiring.api_keys import issue
from gateway.wiring.assembly import Gateway
from tests.sqlite import laid

_ANCHOR = 'log_level = "error"\n[anchor]\nkind = "file"\n'
PATIENCE = 30.0


class Publisher(Protocol):
    """Somebody with a public key."""

    def published(self) -> dict[str, Any]:
        """Return the JWK."""
        ...


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class House:
    """One operator: a title platform, a carrier, or both."""

    def __init__(
        self,
        folder: Path,
        *,
        platform: str = "",
        carrier: str = "",
        parties: Sequence[str] = (),
        more: str = "",
        port: int = 0,
    ) -> None:
        """Make the operator's folder; `parties` are the tenants that receive bills there.

        `more` is more TOML for that part of the settings.
        """
        self.code = platform or carrier
        self.platform, self.carrier = platform, carrier
        self.registry = "is_registry" in more
        self.home = folder / self.code
        self.port = port or free_port()
        setup.create(
            self.home, party=self.code.lower(), name=self.code, country="CN", port=self.port
        )
        laid(self.home / "silkgate.db")
        file = self.home / "silkgate.toml"
        said = f'[lading]\nplatform = "{platform}"\ncarrier = "{carrier}"\n{more}'
        file.write_text(file.read_text("utf-8") + _ANCHOR + said, "utf-8")
        (self.home / "lading-parties.toml").write_text(
            "".join(_party(platform, name) for name in parties), "utf-8"
        )
        self.signer: CompactSigner = lading.signer(
            load(self.home), setup.key_store(load(self.home))
        )
        self.accounts: list[str] = []
        self.peers_may = "ladings:peer"
        self._running = ExitStack()
        self._tokens: dict[tuple[str, str], str] = {}
        self.gateway: Gateway | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ladings(self) -> LadingService:
        """Its lading room, over the same database as its process."""
        if self.gateway is None:
            self.gateway = Gateway(load(self.home))
            self._running.callback(self.gateway.close)
        return self.gateway.ladings

    def token(self, tenant: str, scope: str = "ladings:peer") -> str:
        """Return an API key of a tenant here."""
        if (tenant, scope) not in self._tokens:
            made = issue(load(self.home), tenant=tenant, scopes=scope.split(), days=1)
            self._tokens[tenant, scope] = made
        return self._tokens[tenant, scope]

    def knows(self, code: str, url: str, signer: Publisher, token: str = "", **more: Any) -> None:
        """Enter a peer in the settings: its address, its public key, the API key it gave us."""
        (self.home / f"{code}.jwk").write_text(json.dumps(signer.published()), "utf-8")
        (self.home / f"{code}.token").write_text(token, "utf-8")
        lines = [f'code = "{code}"', f'url = "{url}"', f'keys = "{code}.jwk"']
        if token:
            lines.append(f'token = "file:{code}.token"')
        lines += [f"{name} = {json.dumps(value)}" for name, value in more.items()]
        file = self.home / "silkgate.toml"
        said = "\n[[lading.peers]]\n" + "\n".join(lines) + "\n"
        file.write_text(file.read_text("utf-8") + said, "utf-8")

    @contextmanager
    def open(self) -> Iterator[House]:
        """Serve from threads of this process."""
        self.ladings  # noqa: B018 - makes the gateway
        assert self.gateway is not None
        app = create_app(self.gateway)
        with serving(app, Listen(port=self.port)), self._running:
            self._warm()
            yield self
        self.gateway = None

    def _warm(self) -> None:
        """Ask for what is not there: FastAPI builds its routes at the first request that looks.

        It silences a warning of its own while it does, which two servers in one process must
        not do at the same time.
        """
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20.0)
        connection.request("GET", "/nothing")
        connection.getresponse().read()
        connection.close()

    def close(self) -> None:
        """Close what was opened of it in this process."""
        self._running.close()
        self.gateway = None

    def work(self) -> None:
        """Do what is planned with others until nothing is due."""
        while self.ladings.runner.step():
            pass

    @contextmanager
    def process(self) -> Iterator[subprocess.Popen[bytes]]:
        """Serve in a process of its own."""
        command = [sys.executable, "-m", "gateway.cli", "serve", "--insecure", "--no-anchor"]
        running = subprocess.Popen(
            [*command, "--home", str(self.home)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self.await_health(running)
            yield running
        finally:
            running.terminate()
            running.wait(20)
            self._running.close()
            self.gateway = None

    def await_health(self, running: subprocess.Popen[bytes]) -> None:
        """Wait until the process answers."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            assert running.poll() is None, "the gateway ended at once"
            try:
                if httpx.get(f"{self.url}/healthz", timeout=2.0).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"{self.code} does not answer")


def acquaint(*houses: House) -> None:
    """Make every operator know every other one."""
    for one in houses:
        for other in houses:
            if one is not other:
                carriers = [other.carrier] if other.carrier else []
                token = other.token(one.code, other.peers_may)
                more: dict[str, Any] = {"is_registry": True} if other.registry else {}
                known = [each.lower() if each.startswith("0x") else each for each in other.accounts]
                more.update({"accounts": known} if known else {})
                one.knows(other.code, other.url, other.signer, token, carriers=carriers, **more)


def _party(platform: str, name: str) -> str:
    codes = json.dumps([[platform, name.lower()], ["ZZZ", name.upper()]])
    return f'[[party]]\ntenant = "{name.lower()}"\nname = "{name}"\ncodes = {codes}\n'
