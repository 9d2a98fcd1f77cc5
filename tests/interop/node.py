"""A local EVM node (anvil), installed from npm by `make interop` beside this file."""

from __future__ import annotations

import platform
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ledger.anchors.errors import AnchorUnavailable
from ledger.anchors.evm import Web3Chain, connect

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
_ARCH = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def binary() -> Path:
    """Return the node's program, or skip."""
    place = f"{platform.system().lower()}-{_ARCH.get(platform.machine().lower(), '')}"
    found = MODULES / "@foundry-rs" / f"anvil-{place}" / "bin" / "anvil"
    if not found.exists():
        pytest.skip("anvil is not installed: `make interop` installs it where npm is at hand")
    return found


@dataclass
class Node:
    """A running node: its address, and what only a local node can be told."""

    port: int
    chain: Web3Chain

    @property
    def url(self) -> str:
        """Its JSON-RPC address."""
        return f"http://127.0.0.1:{self.port}"

    def tell(self, method: str, *params: Any) -> Any:
        """Call a method of the node's own; raises RuntimeError if it refuses."""
        provider: Any = self.chain._web3.provider
        answer = provider.make_request(method, list(params))
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    def fund(self, address: str) -> None:
        """Give an account 10 ether."""
        self.tell("anvil_setBalance", address, hex(10**19))

    def automine(self, *, on: bool) -> None:
        """Mine each transaction at once, or none until `mine` is called."""
        self.tell("evm_setAutomine", on)

    def mine(self, blocks: int = 1) -> None:
        """Mine blocks."""
        self.tell("anvil_mine", hex(blocks))


@contextmanager
def anvil(*options: str, port: int = 0) -> Iterator[Node]:
    """Run a node for the length of a block."""
    at = port or _free_port()
    command = [str(binary()), "--host", "127.0.0.1", "--port", str(at), "--silent", *options]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        try:
            node = Node(at, connect(f"http://127.0.0.1:{at}"))
            _wait(node.chain, process)
            yield node
        finally:
            process.terminate()


def _wait(chain: Web3Chain, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        try:
            chain.chain_id()
        except AnchorUnavailable:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("anvil did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
