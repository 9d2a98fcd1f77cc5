"""What is loaded when."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"web3", "sqlalchemy", "alembic", "psycopg", "fastapi", "lxml", "cryptography"}


@pytest.mark.parametrize(
    ("module", "allowed"),
    [("gateway", set()), ("gateway.store", set()), ("gateway.exchange.rooms", set())],
)
def test_heavy_libraries_wait_until_they_are_used(module: str, allowed: set[str]) -> None:
    """Importing the gateway, its store or its Protocols loads no database, chain or web library."""
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    ).stdout.split()
    assert HEAVY & set(loaded) == allowed
