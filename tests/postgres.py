"""A throw-away PostgreSQL, and the store on both databases.

The cluster is made with the `initdb` and `pg_ctl` of an installed PostgreSQL (Debian: package
`postgresql`), in a temporary folder, on a loopback port, once per test process. PostgreSQL does
not run as root: then the user `postgres` (or `nobody`) runs it. Where it is not installed, the
tests that need it are skipped.

Import the fixtures you need into a `conftest.py`.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gateway.store import open_store
from gateway.store.database import Store
from tests.sqlite import laid

_DEBIAN = Path("/usr/lib/postgresql")
_TEMPLATE = "silkgate_template"
_RELAXED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def binaries() -> Path | None:
    """Return the folder of PostgreSQL's programs, the newest version's, or None."""
    versions = sorted(_DEBIAN.glob("*/bin"), key=lambda path: float(path.parent.name))
    for folder in [*reversed(versions), *_on_path()]:
        if all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            return folder
    return None


def _on_path() -> list[Path]:
    found = shutil.which("pg_ctl")
    return [Path(found).resolve().parent] if found else []


@dataclass
class Cluster:
    """A running PostgreSQL; `database()` gives a new, migrated database each time."""

    port: int
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, name: str) -> str:
        """Return the address of a database."""
        return f"postgresql://silkgate@127.0.0.1:{self.port}/{name}"

    def database(self) -> str:
        """Make a database with all tables and return its address."""
        number = next(self._numbers)
        if number == 0:
            self._run(f"CREATE DATABASE {_TEMPLATE}")
            store = open_store(self.url(_TEMPLATE))
            store.migrate()
            store.close()
        name = f"silkgate_{number}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return self.url(name)

    def empty_database(self) -> str:
        """Make a database without tables and return its address."""
        name = f"empty_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name}")
        return self.url(name)

    def _run(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """Run a cluster for the length of a block; `durable` flushes commits to the disk."""
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="silkgate-pg-"))
    as_user = _unprivileged(folder)
    data, port = folder / "data", _free_port()
    try:
        init: list[str | Path] = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "silkgate",
            "-A",
            "trust",
            "-E",
            "UTF8",
        ]
        _call([*init, "--locale=C", "--no-sync"], as_user)
        settings = ["listen_addresses=127.0.0.1", f"port={port}", "max_connections=100"]
        settings += [f"unix_socket_directories={folder}", *(() if durable else _RELAXED)]
        options = " ".join(f"-c {setting}" for setting in settings)
        control: list[str | Path] = [programs / "pg_ctl", "-D", data, "-w"]
        _call([*control, "-l", folder / "log", "-o", options, "start"], as_user)
        try:
            yield Cluster(port)
        finally:
            _call([*control, "-m", "immediate", "stop"], as_user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(folder: Path) -> dict[str, Any]:
    """Return how to start a process as somebody who is not root, and give him the folder."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _call(command: Sequence[str | Path], as_user: dict[str, Any]) -> None:
    # pg_ctl's child keeps the output open, so it goes to a file and not to a pipe.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            check=False,
            timeout=60,
            **as_user,
        )
        if done.returncode:
            output.seek(0)
            raise RuntimeError(f"{command[0]}: {output.read().decode(errors='replace')}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A running PostgreSQL, or a skipped test."""
    with cluster() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new database with all tables, on either database."""
    if request.param == "postgresql":
        running: Cluster = request.getfixturevalue("postgres")
        return running.database()
    return laid(tmp_path / "silkgate.db")


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An open store on a new database."""
    opened = open_store(store_url)
    yield opened
    opened.close()
