"""The story of the demo: one declaration is entered, and both sides are cleared."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from gateway.cli.demo.client import NotAnswered
from gateway.cli.demo.stage import Player, Theatre
from gateway.cli.demo.teller import Teller
from gateway.cli.output import say_dict
from gateway.sandbox.shipments import Shipment
from gateway.sandbox.shipments import load as load_shipment
from schemas.text import Text

_PATIENCE: Final = 60.0
_LOOK: Final = 0.05
_NOT_YET: Final = 409
Json = Mapping[str, Any]


@dataclass
class Watch:
    """What has been told of one clearance: each status once per gateway."""

    told: dict[str, float] = field(default_factory=dict)
    mirrored: list[float] = field(default_factory=list)


def tell(theatre: Theatre, teller: Teller, *, keep: bool) -> dict[str, Any]:
    """Play the story; return whether both sides are cleared and the evidence verified."""
    shipment = load_shipment(theatre.shipment)
    clearance = _enter(theatre, shipment, teller)
    watch = Watch()
    exporter, importer = _follow(theatre, shipment, clearance, watch, teller)
    outcome: dict[str, Any] = {
        "clearance": clearance,
        "cleared": bool(exporter.get("cleared")) and bool(importer.get("cleared")),
        "slowest_mirror_seconds": round(max(watch.mirrored, default=0.0), 3),
    }
    outcome |= _evidence(theatre, clearance, teller)
    _farewell(theatre, clearance, outcome, teller, keep=keep)
    outcome["seconds"] = round(teller.elapsed, 2)
    return outcome


def _enter(theatre: Theatre, shipment: Shipment, teller: Teller) -> str:
    teller.chapter(Text("One declaration, entered once", "一次录入"))
    settings = theatre.exporter.settings
    opened = theatre.exporter.client.form(
        "/v1/clearances",
        {
            "declaration": shipment.declaration,
            "invoice": shipment.invoice,
            "lading": shipment.lading,
        },
    )
    teller.say(
        Text(
            f"clearance {opened['id']} opened from declaration, invoice and bill of lading",
            f"由报关单、发票与提单开启双边通关 {opened['id']}",
        ),
        who=settings.id,
        colour="cyan",
    )
    return str(opened["id"])


def _follow(
    theatre: Theatre, shipment: Shipment, clearance: str, watch: Watch, teller: Teller
) -> tuple[Json, Json]:
    """Tell every status as each gateway learns it, answer the form, until both sides are done."""
    teller.chapter(Text("Both customs speak, both gateways hear", "双边海关回执,双方网关同步"))
    until = time.monotonic() + _PATIENCE
    exporter: Json = {}
    importer: Json = {}
    asked = False
    while time.monotonic() < until:
        exporter = _look(theatre.exporter, clearance)
        importer = _look(theatre.importer, clearance)
        for player, seen in ((theatre.exporter, exporter), (theatre.importer, importer)):
            _tell_new(player, seen, watch, teller)
        if importer.get("form") and not asked:
            _answer(theatre.importer, shipment, clearance, teller)
            asked = True
        if exporter.get("cleared") and importer.get("cleared"):
            break
        time.sleep(_LOOK)
    return exporter, importer


def _look(player: Player, clearance: str) -> Json:
    try:
        found: Json = player.client.get(f"/v1/clearances/{clearance}")
    except NotAnswered:  # not there yet: it begins on this side when the first news arrives
        return {}
    return found


def _tell_new(player: Player, seen: Json, watch: Watch, teller: Teller) -> None:
    for side in ("export", "import"):
        for status in seen.get(side, {}).get("timeline", ()):
            known = f"{side} {status['digest']}"
            here = f"{player.settings.id} {known}"
            if here in watch.told:
                continue
            watch.told[here] = teller.elapsed
            if known in watch.told:
                watch.mirrored.append(teller.elapsed - watch.told[known])
                continue
            watch.told[known] = teller.elapsed
            country = seen[side]["country"]
            reference = f"  {status['reference']}" if status["reference"] else ""
            teller.say(
                Text(
                    f"{status['code']:>3}  {status['en']}{reference}",
                    f"{status['code']:>3}  {status['zh']}{reference}",
                ),
                who=f"{country} customs",
                colour="green" if side == "import" else "yellow",
            )


def _answer(importer: Player, shipment: Shipment, clearance: str, teller: Teller) -> None:
    place = f"/v1/clearances/{clearance}/form"
    fields = importer.client.get(place)["fields"]
    teller.say(
        Text(
            f"import declaration arrived, verified and logged; {len(fields)} fields are missing",
            f"进口申报数据已送达、验证并入日志;尚缺 {len(fields)} 项",
        ),
        who=importer.settings.id,
        colour="cyan",
    )
    for asked in fields:
        answer = shipment.answers.get(asked["id"], "")
        teller.say(
            Text(f"  {asked['label']['en']}: {answer}", f"  {asked['label']['zh']}:{answer}"),
            who="importer",
            colour="magenta",
        )
    importer.client.post(place, dict(shipment.answers))


def _evidence(theatre: Theatre, clearance: str, teller: Teller) -> dict[str, Any]:
    """Have the auditor of each side verify that side's file, both at a time."""
    teller.chapter(Text("Years later: the auditors, offline", "多年之后:双方审计方离线核验"))
    sides = (theatre.exporter, theatre.importer)
    files = [_package(theatre, player, clearance, teller) for player in sides]
    audits = [_auditing(theatre, file) for file in files]
    verdicts = [_verdict(audit) for audit in audits]
    for player, verdict in zip(sides, verdicts, strict=True):
        _tell_verdict(player.settings.id, verdict, teller)
    own, theirs = (str(verdict.get("indication", "")) for verdict in verdicts)
    return {
        "evidence": str(files[0]),
        "indication": own,
        "importer_evidence": str(files[1]),
        "importer_indication": theirs,
        "verified": own == theirs == "TOTAL-PASSED",
    }


def _package(theatre: Theatre, player: Player, clearance: str, teller: Teller) -> Path:
    """Fetch one side's evidence as soon as it is complete."""
    until = time.monotonic() + _PATIENCE
    package = b""
    while not package:
        try:
            package = player.client.send("GET", f"/v1/clearances/{clearance}/evidence")
        except NotAnswered as refusal:
            if refusal.details["status"] != _NOT_YET or time.monotonic() > until:
                raise
            time.sleep(_LOOK)  # the anchor is still on its way
    path = theatre.folder / f"evidence-{player.settings.id}.asice"
    path.write_bytes(package)
    teller.say(
        Text(f"one file, {len(package):,} bytes: {path}", f"一个文件,{len(package):,} 字节:{path}"),
        who=player.settings.id,
        colour="cyan",
    )
    return path


def _auditing(theatre: Theatre, file: Path) -> subprocess.Popen[bytes]:
    """Begin to verify in a process of its own that has the file and the two cards, nothing else."""
    command = [sys.executable, "-m", "gateway.cli", "verify", "--offline", "--json"]
    command += ["--trust", str(theatre.trust), str(file)]
    return subprocess.Popen(  # noqa: S603 - our own command
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin"}
    )


def _verdict(audit: subprocess.Popen[bytes]) -> Json:
    try:
        told, _ = audit.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        audit.kill()
        told, _ = audit.communicate()
    verdict: Json = json.loads(told or b"{}")
    return verdict


def _tell_verdict(side: str, verdict: Json, teller: Teller) -> None:
    who = Text(f"the auditor of {side}", f"{side} 的审计方")
    teller.say(who, who="auditor", colour="cyan")
    for question, answer in verdict.get("ledger", {}).items():
        mark = {True: "✓", False: "✗", None: "·"}[answer.get("ok")]
        why = say_dict(answer.get("why", ""))
        teller.say(
            Text(f"{mark} {question:10} {why}", f"{mark} {question:10} {why}"), who="auditor"
        )
    indication = verdict.get("indication", "")
    teller.say(Text(f"{indication}", f"{indication}"), who="auditor", colour="green")


def _farewell(
    theatre: Theatre, clearance: str, outcome: Mapping[str, Any], teller: Teller, *, keep: bool
) -> None:
    teller.chapter(Text("Done", "完成"))
    cleared = bool(outcome["cleared"])
    teller.say(
        Text(
            f"both sides cleared: {'yes' if cleared else 'NO'}; slowest status across: "
            f"{outcome['slowest_mirror_seconds']:.2f} s",
            f"双边放行:{'是' if cleared else '否'};状态同步最长用时 "
            f"{outcome['slowest_mirror_seconds']:.2f} 秒",
        ),
        colour="green",
    )
    for player in (theatre.exporter, theatre.importer):
        place = f"{player.settings.url}/console/clearances/{clearance}"
        teller.say(Text(f"console  {place}", f"控制台  {place}"), who=player.settings.id)
        key = player.client.token if keep else ""
        teller.say(
            Text(f"  log in with {key}", f"  登录密钥 {key}")
            if keep
            else Text("  (open while `--keep` runs)", "  (使用 `--keep` 时可打开)"),
            who=player.settings.id,
        )
