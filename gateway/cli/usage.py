"""Wrong usage, told in the caller's language: what click says of it, in Chinese too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import click
from click.exceptions import NoSuchCommand

from gateway.cli.lazy import speaks_chinese

_WHAT: Final = {"option": "选项", "argument": "参数"}


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
