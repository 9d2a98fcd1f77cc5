"""The plan of the house is kept: what loads what, what imports what, what is pinned."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from grimp import ImportGraph

from tests.conftest import NetworkRefused
from tests.contracts import IndependentFolders, OnlyIn

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("gateway", "adapters", "certs", "ledger", "schemas")
LOCKS = ("requirements.lock", "requirements-dev.lock")
FOREIGN = ("web3", "eth_tester", "eth", "fastapi", "starlette", "sqlalchemy", "psycopg")
SLOW_TO_START = (*FOREIGN, "lxml", "signxml", "cryptography", "httpx", "rich")
PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)


@pytest.mark.parametrize("room", ROOMS)
def test_importing_a_room_starts_nothing(room: str):
    """`import gateway` loads no chain, no web framework, no database."""
    assert _loaded_by(f"import {room}", FOREIGN) == []


def test_help_loads_nothing_heavy():
    """`silkgate --help` answers without the libraries that its commands use."""
    code = """
import contextlib, sys
from gateway.cli import main
sys.argv = ["silkgate", "--help"]
with contextlib.suppress(SystemExit):
    main()
"""
    assert _loaded_by(code, SLOW_TO_START) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(lock: str):
    """A lock holds versions and hashes; where they come from is the installer's setting."""
    assert re.findall(r"(?i)\S*(?:://|--(?:extra-)?index|--find-links)\S*", _text(lock)) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str):
    """Nothing is installed that was not seen when the lock was made."""
    blocks = re.split(r"^(?=[a-z0-9])", _text(lock), flags=re.MULTILINE)[1:]
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_both_locks_agree():
    """What is tested is what runs: each runtime pin stands in the development lock as well."""
    runtime, development = (dict(PIN.findall(_text(lock))) for lock in LOCKS)
    assert runtime.items() <= development.items()


def test_every_dependency_is_locked():
    """No runtime dependency was added without `make lock`."""
    declared = {_name(text) for text in _pyproject()["project"]["dependencies"]}
    assert declared - set(dict(PIN.findall(_text("requirements.lock")))) == set()


def test_contracts_have_no_exceptions():
    """An import contract is kept or changed, never pierced."""
    contracts = _pyproject()["tool"]["importlinter"]["contracts"]
    assert [each["id"] for each in contracts if "ignore_imports" in each] == []


def test_only_in_finds_a_stray_import():
    """The contract kind for confined libraries sees the one import that is out of place."""
    graph = _graph("house.right.part", "house.wrong")
    graph.add_module("eth_abi", is_squashed=True)
    graph.add_import(importer="house.right.part", imported="eth_abi")
    graph.add_import(importer="house.wrong", imported="eth_abi")
    check = _only_in(libraries=["eth_*"], importers=["house.right"]).check(graph, verbose=False)
    assert check.metadata["found"] == ["house.wrong imports eth_abi"]


@pytest.mark.parametrize(
    ("importer", "imported", "kept"),
    [
        ("house.one", "house.two", False),
        ("house.engine", "house.one", False),
        ("house.one", "house.registry", False),
        ("house.one", "house.engine", True),
        ("house.registry", "house.one", True),
    ],
)
def test_independent_folders_allows_down_only(importer: str, imported: str, *, kept: bool):
    """A format may use the engine and be listed by the registry, and no more."""
    graph = _graph("house.one", "house.two", "house.engine", "house.registry")
    graph.add_import(importer=importer, imported=imported)
    assert _independent_folders().check(graph, verbose=False).kept is kept


def test_the_network_is_out_of_reach():
    """A test that reaches for another machine fails at once."""
    with pytest.raises(NetworkRefused), socket.socket() as plain:
        plain.connect(("192.0.2.1", 9))
    with pytest.raises(NetworkRefused):
        socket.getaddrinfo("registry.example", 443)


def _loaded_by(code: str, libraries: tuple[str, ...]) -> list[str]:
    probe = f"{code}\nimport sys\nprint('loaded', *[m for m in {libraries!r} if m in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return run.stdout.splitlines()[-1].split()[1:]


def _graph(*modules: str) -> ImportGraph:
    graph = ImportGraph()
    graph.add_module("house")
    for module in modules:
        graph.add_module(module)
    return graph


def _only_in(libraries: list[str], importers: list[str]) -> OnlyIn:
    options = {"libraries": libraries, "importers": importers}
    return OnlyIn("only in", session_options={}, contract_options=options)


def _independent_folders() -> IndependentFolders:
    options = {"package": "house", "shared": ["engine"], "over": ["registry"]}
    return IndependentFolders("independent", session_options={}, contract_options=options)


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found
    return found[0].lower().replace("_", "-")


def _text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def _pyproject() -> dict[str, Any]:
    return tomllib.loads(_text("pyproject.toml"))


def test_an_error_code_names_one_error():
    """Who looks a code up finds one entry."""
    found = Counter(
        code
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for code in re.findall(r'^    code = "(SG-\d+)"', path.read_text("utf-8"), re.MULTILINE)
    )
    assert [code for code, times in found.items() if times > 1] == []
