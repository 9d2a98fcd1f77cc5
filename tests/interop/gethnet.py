"""A small proof-of-authority network of go-ethereum nodes on loopback (EIP-225, clique).

Version 1.13 is the last that seals such blocks; `make interop` builds it where Go is at hand.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from ledger.anchors.account import Account
from ledger.anchors.errors import AnchorUnavailable
from ledger.anchors.evm import connect
from tests.interop.node import Node

CHAIN_ID: Final = 7_707
_FORKS: Final = (
    "homestead eip150 eip155 eip158 byzantium constantinople petersburg istanbul berlin london"
)


def program() -> str:
    """Return geth's program, or skip."""
    found = os.environ.get("SILKGATE_GETH") or shutil.which("geth")
    if not found:
        pytest.skip("geth is not here: `make interop` builds it where Go is at hand")
    return found


def until(holds: Callable[[], bool], *, patience: float = 60) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@dataclass
class Peer:
    """One node of the network: its folder, its ports, its sealing account."""

    home: Path
    sealer: Account
    p2p: int
    rpc: int
    engine: int
    process: subprocess.Popen[bytes] | None = None
    node: Node = field(init=False)

    def __post_init__(self) -> None:
        """Speak to it over its RPC port."""
        self.node = Node(self.rpc, connect(f"http://127.0.0.1:{self.rpc}"))

    def prepare(self, genesis: Path, key: Path) -> None:
        """Write the first block, the settings and the sealing key."""
        self._password.write_text("test")
        # The only way to have geth listen on loopback alone is its settings file.
        self._settings.write_text(
            f'[Node.P2P]\nListenAddr = "127.0.0.1:{self.p2p}"\nNoDiscovery = true\n'
        )
        self._run("init", str(genesis))
        self._run("account", "import", "--password", str(self._password), str(key))

    def start(self) -> None:
        """Start it and wait until it answers."""
        ours = self.sealer.address
        command = [program(), "--config", str(self._settings), "--datadir", str(self.home)]
        command += ["--networkid", str(CHAIN_ID), "--nat", "none", "--syncmode", "full"]
        command += ["--http", "--http.port", str(self.rpc), "--authrpc.port", str(self.engine)]
        command += ["--http.api", "eth,net,web3,admin", "--ipcdisable", "--verbosity", "0"]
        command += ["--mine", "--miner.etherbase", ours, "--unlock", ours]
        command += ["--password", str(self._password), "--allow-insecure-unlock"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        until(self._answers)

    def stop(self) -> None:
        """End its process."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def height(self) -> int:
        """Return the number of its latest block."""
        return self.node.chain.head().latest

    @property
    def _password(self) -> Path:
        return self.home / "password"

    @property
    def _settings(self) -> Path:
        return self.home / "geth.toml"

    def _run(self, *words: str) -> None:
        command = [program(), "--datadir", str(self.home), *words]
        subprocess.run(command, check=True, capture_output=True)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "geth ended"
        try:
            return self.node.chain.chain_id() == CHAIN_ID
        except AnchorUnavailable:
            return False


@dataclass(frozen=True)
class Network:
    """All nodes, each connected to each unless parted."""

    peers: Sequence[Peer]

    def join(self) -> None:
        """Connect every node with every other."""
        for one in self.peers:
            for other in self.peers:
                if one is not other:
                    one.node.tell("admin_addPeer", self._address(other))
        rest = len(self.peers) - 1
        until(lambda: all(int(p.node.tell("net_peerCount"), 16) == rest for p in self.peers))

    def part(self, one: Peer) -> None:
        """Cut one node off from the others."""
        for other in self.peers:
            if other is not one:
                one.node.tell("admin_removePeer", self._address(other))
                other.node.tell("admin_removePeer", self._address(one))
        until(lambda: int(one.node.tell("net_peerCount"), 16) == 0)

    @staticmethod
    def _address(peer: Peer) -> str:
        return str(peer.node.tell("admin_nodeInfo")["enode"])


@contextmanager
def network(folder: Path, rich: str, nodes: int = 3) -> Iterator[Network]:
    """Run a network in which the account `rich` has 1,000 ether from the first block on."""
    sealers = [Account.generate() for _ in range(nodes)]
    genesis = folder / "genesis.json"
    genesis.write_text(json.dumps(_genesis(sorted(s.address.lower() for s in sealers), rich)))
    with ExitStack() as stack:
        peers = []
        for number, (sealer, ports) in enumerate(zip(sealers, _ports(nodes), strict=True)):
            home = folder / str(number)
            home.mkdir()
            peer = Peer(home, sealer, *ports)
            key = home / "key"
            key.write_text(f"{sealer.private.private_numbers().private_value:064x}")
            peer.prepare(genesis, key)
            peer.start()
            stack.callback(peer.stop)
            peers.append(peer)
        made = Network(peers)
        made.join()
        yield made


def _genesis(sealers: Sequence[str], rich: str) -> dict[str, object]:
    config: dict[str, object] = {f"{fork}Block": 0 for fork in _FORKS.split()}
    addresses = "".join(each.removeprefix("0x") for each in sealers)
    return {
        "config": {"chainId": CHAIN_ID, **config, "clique": {"period": 1, "epoch": 30_000}},
        "difficulty": "0x1",
        "gasLimit": "0x1c9c380",
        "extraData": f"0x{'00' * 32}{addresses}{'00' * 65}",
        "alloc": {rich.removeprefix("0x"): {"balance": hex(10**21)}},
    }


def _ports(nodes: int) -> list[tuple[int, int, int]]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(3 * nodes)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        free = [int(probe.getsockname()[1]) for probe in probes]
    return [(free[at], free[at + 1], free[at + 2]) for at in range(0, len(free), 3)]
