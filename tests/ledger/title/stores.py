"""Contracts of OpenAttestation's kind, our own and small, on a chain in this process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from ledger.anchors.account import Account
from ledger.title import abi
from ledger.title.evm import TitleNode
from ledger.title.sending import deploy, send

SOURCES = Path(__file__).parent / "vyper"


@cache
def bytecode(name: str) -> bytes:
    """Return the deployment code of a contract in the folder `vyper`."""
    vyper = pytest.importorskip("vyper", reason="the compiler is a development dependency")
    source = (SOURCES / f"{name}.vy").read_text()
    compiled = vyper.compile_code(source, output_formats=["bytecode"])
    return bytes.fromhex(compiled["bytecode"].removeprefix("0x"))


def deployed(chain: TitleNode, account: Account, name: str) -> str:
    """Deploy a contract; return its address."""
    return deploy(chain, account, bytecode(name))


def tell(
    chain: TitleNode, account: Account, contract: str, signature: str, *values: abi.Value
) -> None:
    """Call a contract so that its state changes."""
    send(chain, account, contract, abi.encode(signature, *values))
