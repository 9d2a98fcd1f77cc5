"""What the documentation tells people to type exists."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import get_args

import click
import pytest
from pydantic import BaseModel

from gateway.cli import _ENTRIES
from gateway.cli.lazy import LazyGroup
from gateway.settings import Settings
from gateway.settings.parties import Partner
from tests.conftest import ROOT

ADRS = ROOT / "docs" / "adr"
PAGES = [
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY")),
    *sorted((ROOT / "docs").glob("*.md")),
    ADRS / "README.md",
]
BLOCK = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def lines() -> Iterator[tuple[str, str]]:
    """Yield every line in a code block without its comment, with its page."""
    for page in PAGES:
        for block in BLOCK.findall(page.read_text("utf-8")):
            for line in block.replace("\\\n", " ").splitlines():
                yield page.name, line.split("#")[0].strip()


def typed() -> Iterator[tuple[str, str]]:
    """Yield every `silkgate` command in a code block, with its page."""
    for page, line in lines():
        for part in line.split("|"):
            if part.strip().startswith("silkgate "):
                yield page, part.strip()


COMMANDS = list(typed())


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=[f"{p}: {c}"[:70] for p, c in COMMANDS])
def test_every_command_of_the_docs_exists(page, line):
    """The command is there, takes these options, and this many arguments."""
    words = shlex.split(line.split(">")[0])[1:]
    command: click.Command = LazyGroup(_ENTRIES, name="silkgate")
    context = click.Context(command, info_name="silkgate")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        assert found is not None, f"{page}: there is no {words[0]}"
        command, words = found, words[1:]
        context = click.Context(command, parent=context, info_name=command.name)
    command.parse_args(context, words)


def test_the_docs_have_commands():
    """The pages are found and read."""
    assert len(COMMANDS) > 40


def test_every_decision_is_in_the_index():
    """docs/adr/README.md has each page once, by its number and title."""
    index = (ADRS / "README.md").read_text("utf-8")
    for page in sorted(ADRS.glob("0*.md")):
        number, _, title = (
            page.read_text("utf-8").splitlines()[0].removeprefix("# ").partition(". ")
        )
        assert int(number) == int(page.name[:4])
        assert f"| {number} | [{title}]({page.name}) |" in index


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    """Pages name files that are there."""
    for target in LINK.findall(page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_command_is_in_the_docs():
    """docs/cli.md knows every command of the table."""
    text = (ROOT / "docs" / "cli.md").read_text("utf-8")
    assert [name for name in _ENTRIES if f"silkgate {name}" not in text] == []


def settings(model: type[BaseModel] = Settings, within: str = "") -> Iterator[str]:
    """Yield the dotted names of all settings."""
    for name, field in model.model_fields.items():
        yield within + name
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel) and kind is not Partner:
                yield from settings(kind, f"{within}{name}.")


def test_every_setting_is_in_the_docs():
    """Those of a gateway on the page of operations, those of a part on the page of its topic."""
    operations = (ROOT / "docs" / "operations.md").read_text("utf-8")
    every = "".join(page.read_text("utf-8") for page in (ROOT / "docs").glob("*.md"))
    assert [
        name
        for name in settings()
        if name != "home"
        and not re.search(
            rf"(^|[`\[ .]){name.rpartition('.')[2]}\b",
            every if "." in name else operations,
            re.MULTILINE,
        )
    ] == []
