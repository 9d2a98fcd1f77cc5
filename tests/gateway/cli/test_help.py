"""Help and wrong usage, in the caller's language."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from importlib.resources import files
from unicodedata import east_asian_width

import click
import pytest

from gateway.cli.help import Group, fold, paragraphs
from gateway.cli.lazy import LazyGroup
from tests.gateway.cli.conftest import commands

TABLE = files("gateway.cli").joinpath("help.csv")
ROWS = list(csv.DictReader(TABLE.read_text("utf-8").splitlines()))
HELP_OPTION = "Show this message and exit."
CHINESE = re.compile("[\u4e00-\u9fff]")


COMMANDS = commands()


def texts(command: click.Command) -> Iterator[str]:
    """Yield the paragraphs of a command's help and of its options'."""
    yield from paragraphs(command.help or "")
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield from paragraphs(parameter.help or "")


def test_every_help_text_has_chinese():
    """A new or changed text in English needs its row in gateway/cli/help.csv; no row is idle."""
    said = {text for command in COMMANDS.values() for text in texts(command)} - {""}
    known = {row["en"] for row in ROWS}
    assert said - known == set()
    assert known - said == {HELP_OPTION}
    assert len(known) == len(ROWS)
    # Names alone are the same in both.
    untranslated = [row["en"] for row in ROWS if not CHINESE.search(row["zh"])]
    assert [text.split()[0] for text in untranslated] == ["DCSA", "nominate"]


def test_every_group_tells_its_commands_in_full():
    """No list of commands ends in dots."""
    groups = [each for each in COMMANDS.values() if isinstance(each, click.Group)]
    assert {type(each) for each in groups} == {Group, LazyGroup}


@pytest.mark.parametrize("name", ["keys", "sign", "lading act", "title act", "log watch"])
def test_a_chinese_page_is_chinese_and_fits(silkgate, monkeypatch, name):
    """Headings, commands and options in Chinese, no line wider than the terminal's 80 columns."""
    monkeypatch.setenv("SILKGATE_LANG", "zh")
    page = silkgate(*name.split(), "--help").out
    assert page.startswith(f"用法:silkgate {name} ")
    assert "选项:" in page
    assert "Options" not in page
    assert "显示本说明并退出。" in page
    for line in page.splitlines():
        assert sum(2 if east_asian_width(char) in "WF" else 1 for char in line) <= 80, line


def test_a_long_chinese_text_is_folded_by_columns():
    """A character takes two; words, brackets and what ends a sentence are not torn off."""
    lines = list(fold("按网关的密钥 silkgate 签署文件,并加盖时间戳。  [默认: t]", 20))
    assert lines == ["按网关的密钥", "silkgate 签署文件,并", "加盖时间戳。", "[默认: t]"]


@pytest.mark.parametrize(
    ("words", "en", "zh"),
    [
        (["validat"], "No such command 'validat'. Did you mean 'validate'?", "没有命令 'validat'"),
        (["validate"], "Missing argument 'FILES...'.", "缺少参数 'FILES...'。"),
        (["validate", "x", "--rule", "y"], "No such option '--rule'.", "没有选项 '--rule'。"),
        (["exchange", "send", "x"], "Missing option '--to'.", "缺少选项 '--to'。"),
        (["serve", "--port", "x"], "Invalid value for '--port'", "'--port' 的值无效"),
    ],
)
def test_wrong_usage_is_told(silkgate, monkeypatch, words, en, zh):
    """What was wrong and where to read on, on stderr with exit code 2, in either language."""
    ran = silkgate(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: silkgate")
    assert f"Error: {en}" in ran.err
    monkeypatch.setenv("SILKGATE_LANG", "zh")
    ran = silkgate(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("用法:silkgate")
    assert f"错误:{zh}" in ran.err
