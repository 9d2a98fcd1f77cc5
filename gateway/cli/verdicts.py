"""How `silkgate verify` shows a verdict to a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import click

from gateway.cli import output, titles
from gateway.cli.files import Result
from gateway.cli.lazy import say
from schemas.text import Text

PASSED: Final = "TOTAL-PASSED"
_VERDICTS: Final = {
    PASSED: Text("VERIFIED", "验证通过"),
    "TOTAL-FAILED": Text("FAILED", "验证失败"),
    "INDETERMINATE": Text("NOT CONFIRMED", "无法确认"),
}
_QUESTIONS: Final = {
    "who": Text("Who signed", "由谁签署"),
    "when": Text("When", "何时签署"),
    "unchanged": Text("Unchanged", "未被改动"),
    "in_log": Text("In the log", "已入日志"),
    "anchored": Text("Anchored", "已锚定"),
    "delivered": Text("Delivered", "已投递"),
    "received": Text("Received", "已签收"),
    "alike": Text("Alike on both sides", "双方一致"),
    "changed": Text("What was changed", "修改内容"),
}
_MARKS: Final = {
    True: ("yes", "是", "green"),
    False: ("NO", "否", "red"),
    None: ("-", "-", "yellow"),
}


def show(result: Result) -> None:
    """Print the verdict in a line, the answers a line each, and then the particulars."""
    if "error" in result:
        output.failed(result)
        return
    verdict = say(_VERDICTS[str(result["indication"])])
    click.secho(f"{result['file']}: {verdict}", bold=True, fg=_colour(result["indication"]))
    if result["indication"] != PASSED:
        sub = result.get("subindication") or ""
        click.echo(f"  {output.say_dict(result.get('reason') or '')} [{sub}]")
    ledger = result.get("ledger")
    if isinstance(ledger, Mapping):
        _show_answers(ledger)
    if "title" in result:
        titles.show(result)
    for report in output.rows(result.get("signatures")):
        _show_signature(report)
    worth = result.get("recognition")
    if isinstance(worth, Mapping) and worth:
        click.echo(f"  {output.say_dict(worth['explanation'])}")
    receipt = result.get("receipt")
    if isinstance(receipt, Mapping):
        _show_details(receipt)
    if isinstance(ledger, Mapping):
        _show_particulars(ledger)


def _colour(indication: object) -> str:
    return {PASSED: "green", "TOTAL-FAILED": "red"}.get(str(indication), "yellow")


def _show_answers(ledger: Mapping[str, Mapping[str, object]]) -> None:
    for question, answer in ledger.items():
        en, zh, colour = _MARKS[bool(answer["ok"]) if answer["ok"] is not None else None]
        mark = click.style(say(Text(en, zh)).ljust(4), fg=colour, bold=True)
        click.echo(f"  {mark}{say(_QUESTIONS[question])}: {output.say_dict(answer['why'])}")


def _show_signature(report: Mapping[str, object]) -> None:
    verdict = say(_VERDICTS[str(report["indication"])])
    click.echo(f"  {report['level']} {verdict}: {report['signer']}, {report['time']}")
    for stamp in output.rows(report["timestamps"]):
        click.echo(
            f"    {stamp['type']} {stamp['indication']}: {stamp['authority']}, {stamp['time']}"
        )
    refs = report["signed_refs"]
    if isinstance(refs, list) and any(refs):
        click.echo(f"    {say(Text('signed', '签署内容'))}: {', '.join(map(str, refs))}")


def _show_particulars(ledger: Mapping[str, Mapping[str, object]]) -> None:
    click.echo(say(Text("Particulars", "详细信息")))
    for question, answer in ledger.items():
        for detail in output.rows(answer["details"]):
            click.echo(f"  {say(_QUESTIONS[question])}")
            _show_details(detail)


def _show_details(detail: Mapping[str, object]) -> None:
    for name, value in detail.items():
        click.echo(f"    {name}: {_plain(value)}")


def _plain(value: object) -> str:
    """Return a particular as a person writes it: no brackets, no quotation marks."""
    if isinstance(value, bool):
        return say(Text("yes", "是") if value else Text("no", "否"))
    if isinstance(value, Mapping):
        if value.keys() == {"en", "zh"}:
            return output.say_dict(value)
        return ", ".join(f"{name} {_plain(each)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(map(_plain, value))
    return str(value)
