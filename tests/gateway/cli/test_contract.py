"""What holds for every command: words, exit codes, speed, languages."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys

import click
import pytest

from gateway.cli import _ENTRIES
from gateway.cli.lazy import LazyGroup
from tests.gateway.cli.conftest import DECLARATION, commands

COMMANDS = [
    "inspect",
    "validate",
    "convert",
    "diff",
    "sign",
    "verify",
    "batch",
    "exchange",
    "clearance",
    "log",
    "anchor",
    "hooks",
    "serve",
    "worker",
    "demo",
    "doctor",
    "keys",
    "adapters",
    "schema",
    "codes",
]
HEAVY = ("web3", "eth_account", "fastapi", "sqlalchemy", "lxml", "pydantic", "cryptography")
PYTHON = os.environ | {"SILKGATE_LANG": "en"}


def process(*args: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own."""
    return subprocess.run(
        [sys.executable, *args], capture_output=True, text=True, check=False, env=PYTHON
    )


def test_the_commands_are_those_of_the_contract(silkgate):
    """Scripts rely on these words."""
    assert set(_ENTRIES) >= set(COMMANDS)
    out = silkgate("--help").out
    assert all(f"  {name} " in out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(silkgate, name):
    """--help has exit code 0; a command that gives data has --json, or its own commands do."""
    ran = silkgate(name, "--help")
    assert ran.code == 0
    assert "Usage: silkgate" in ran.out


def test_help_is_in_the_callers_language(silkgate, monkeypatch):
    """The list of commands in Chinese when the language is Chinese."""
    monkeypatch.setenv("SILKGATE_LANG", "zh")
    out = silkgate("--help").out
    assert "命令" in out
    assert "透明日志" in out


def test_the_language_comes_from_the_locale_too(silkgate, monkeypatch):
    """SILKGATE_LANG wins over LC_ALL, and that over LANG."""
    monkeypatch.delenv("SILKGATE_LANG")
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "命令" in silkgate("--help").out
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert "Commands" in silkgate("--help").out


def test_an_unknown_command_is_wrong_usage(silkgate):
    """Exit code 2."""
    assert silkgate("frobnicate").code == 2


def test_the_version_is_that_of_the_distribution(silkgate):
    """As installed."""
    from importlib.metadata import version

    assert silkgate("--version").out == f"silkgate {version('silkgate')}\n"


def test_the_entry_point_runs(tmp_path):
    """The module runs as the installed program does, errors as JSON on standard output."""
    done = process("-m", "gateway.cli", "inspect", str(DECLARATION), "--json")
    assert (done.returncode, json.loads(done.stdout)["format"]) == (0, "cn-dec")
    done = process("-m", "gateway.cli", "doctor", "--home", str(tmp_path), "--json")
    assert done.returncode == 1
    done = process("-m", "gateway.cli", "keys", "list", "--home", str(tmp_path), "--json")
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (4, "SG-9011")


def test_a_reader_that_leaves_is_no_error():
    """`silkgate inspect ... | head -1` ends without a traceback."""
    command = f"{sys.executable} -m gateway.cli inspect {DECLARATION} | head -1"
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, check=False, env=PYTHON
    )
    assert "Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) == 1


def test_a_single_file_comes_from_standard_input():
    """`-` is standard input."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway.cli", "inspect", "-", "--json"],
        input=DECLARATION.read_bytes(),
        capture_output=True,
        check=False,
    )
    assert json.loads(done.stdout)["format"] == "cn-dec"


def test_help_loads_nothing_heavy():
    """The help page comes from a table; no command is imported for it."""
    code = (
        "import sys; sys.argv = ['silkgate', '--help']\n"
        "from gateway.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    assert process("-c", code).stderr.strip() == "[]"


def test_importing_the_gateway_loads_no_chain_library():
    """`import gateway` is cheap."""
    code = f"import sys, gateway; print([n for n in {HEAVY!r} if n in sys.modules])"
    assert process("-c", code).stdout.strip() == "[]"


def test_help_is_nearly_as_fast_as_click_itself():
    """At most 2.5 times what `import click` takes: 150 ms where that takes 60.

    In processor time, taken in turns, so that what else runs here counts for little.
    """
    pairs = [
        (_spent("-m", "gateway.cli", "--help"), _spent("-c", "import click")) for _ in range(7)
    ]
    ours, click_alone = (min(times) for times in zip(*pairs, strict=True))
    assert ours <= 2.5 * click_alone


def _spent(*args: str) -> float:
    """Return the seconds of processor time of a Python process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process(*args)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def test_every_command_that_ends_speaks_json():
    """Only what runs until it is interrupted has no --json."""
    silent = {
        name
        for name, command in commands().items()
        if not isinstance(command, click.Group) or command.invoke_without_command
        if not _has(command, "--json")
    }
    assert silent == {"serve", "worker", "anchor worker"}


def test_every_option_is_explained():
    """No option stands in a help page with nothing beside it."""
    assert [
        f"{name} {option.opts[0]}"
        for name, command in commands().items()
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ] == []


def _has(command: click.Command, option: str) -> bool:
    return any(option in parameter.opts for parameter in command.params)


def test_every_entry_names_a_command(silkgate):  # noqa: ARG001 - sets the language
    """No entry of the table points at what is not there."""
    group = LazyGroup(_ENTRIES)
    context = click.Context(group)
    for name in _ENTRIES:
        assert isinstance(group.get_command(context, name), click.Command)
