"""Wrong usage, told in the caller's language: what click says of it, in Chinese too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import click
from click.exceptions import NoSuchCommand

from gateway.cli.lazy import say, speaks_chinese
from schemas.errors import InputError
from schemas.text import Text

_WHAT: Final = {"option": "选项", "argument": "参数"}


class Misused(click.UsageError):
    """A command is used as it is not meant to be; click has no word for how."""

    def __init__(self, said: Text) -> None:
        """Say so in the caller's language."""
        super().__init__(say(said))


class NotText(InputError):
    """An argument on the command line is not text, where text is asked for."""

    code = "SG-1171"
    title = Text("The argument {where} is not text in UTF-8.", "参数 {where} 不是 UTF-8 文本。")
    hint = Text("Write it anew in the encoding of your terminal.", "请以终端的编码重新输入。")
    exit_code = 2


def show(error: click.ClickException) -> None:
    """Tell a person, on stderr, how the command is used and what was wrong."""
    if not speaks_chinese() or not isinstance(error, click.UsageError):
        error.show()
        return
    if error.ctx is not None:
        click.echo(error.ctx.get_usage(), err=True)
        click.echo(f"用 '{error.ctx.command_path} --help' 查看说明。\n", err=True)
    click.echo(f"错误:{_in_chinese(error)}", err=True)


def _in_chinese(error: click.UsageError) -> str:
    match error:
        case NoSuchCommand():
            return f"没有命令 {error.command_name!r}。{_perhaps(error.possibilities)}"
        case click.NoSuchOption():
            return f"没有选项 {error.option_name!r}。{_perhaps(error.possibilities)}"
        case click.MissingParameter():
            kind = error.param.param_type_name if error.param else ""
            return f"缺少{_WHAT.get(kind, '')} {_name(error)}。"
        case click.BadParameter():
            return f"{_name(error)} 的值无效:{error.message}"
    return error.format_message()


def _perhaps(names: Sequence[str] | None) -> str:
    return f"是否为:{', '.join(names)}?" if names else ""


def _name(error: click.BadParameter) -> str:
    hint = error.param_hint or (error.param.get_error_hint(error.ctx) if error.param else "")
    return hint if isinstance(hint, str) else " / ".join(hint)
