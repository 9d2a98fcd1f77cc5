"""TradeTrust's registries on a chain of the tests: deployed from their npm packages."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from ledger.anchors.account import Account
from ledger.anchors.transaction import ChainSigner
from ledger.title import abi
from ledger.title.chain import TitleChain
from ledger.title.machine import Move
from ledger.title.sending import deploy
from ledger.title.tradetrust import TradeTrustRegistry
from tests.interop.node import HERE, MODULES

PACKAGES = {5: "@tradetrust-tt/token-registry", 4: "token-registry-v4"}


def installed() -> None:
    """Skip where the packages are not installed."""
    if not all((MODULES / name).exists() for name in PACKAGES.values()):
        pytest.skip("TradeTrust is not installed: `make interop` installs it where npm is at hand")


def code(version: int, contract: str) -> bytes:
    """Return the deployment code of a contract."""
    folder = MODULES / PACKAGES[version] / "dist" / "artifacts" / f"{contract}.sol"
    artefact = json.loads((folder / f"{contract}.json").read_text())
    return bytes.fromhex(artefact["bytecode"].removeprefix("0x"))


def deployed(chain: TitleChain, issuer: ChainSigner, version: int = 5) -> TradeTrustRegistry:
    """Deploy factory and registry; the issuer has all roles."""
    factory = deploy(chain, issuer, code(version, "TitleEscrowFactory"))
    names = b"".join(abi.word(5) + text.ljust(abi.WORD, b"\0") for text in (b"Bills", b"TITLE"))
    head = abi.word(3 * abi.WORD) + abi.word(5 * abi.WORD) + abi.word(factory)
    registry = deploy(chain, issuer, code(version, "TradeTrustToken") + head + names)
    return TradeTrustRegistry(chain, registry)


def their_client(
    url: str, parties: dict[str, Account], token_id: bytes, life: list[Move], remark: bytes
) -> dict[str, Any]:
    """Play a life with TradeTrust's JavaScript client; moves name parties."""
    asked = {
        "rpc": url,
        "keys": {
            name: f"0x{account.private.private_numbers().private_value:064x}"
            for name, account in parties.items()
        },
        "id": f"0x{token_id.hex()}",
        "life": [
            {
                "action": move.action,
                "actor": move.actor,
                "args": move.args,
                "remark": f"0x{remark.hex()}",
            }
            for move in life
        ],
    }
    done = subprocess.run(
        ["node", str(HERE / "tradetrust.cjs")],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))
