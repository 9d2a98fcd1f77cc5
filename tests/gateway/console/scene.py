"""A gateway with something to see: exchanges at every point of their way, and clearances."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from gateway.exchange.flow import FLOW
from gateway.exchange.intake import accept
from gateway.exchange.submission import Submission
from gateway.store import claims, journal, payloads
from gateway.store.model import Event, Payload, Role, State
from gateway.store.tables.exchange import EXCHANGE
from tests.gateway.api.world import NOW, World

EVIL: Final = '<script>alert("x")</script>'
LOSS: Final = {
    "source": "cn-dec",
    "target": "wco-dec",
    "entries": [
        {
            "path": "DecMessage/DecHead/TradeName",
            "term": "Exporter.Name",
            "value": "上海示例贸易有限公司 " + EVIL,
            "class": "exact",
            "target": "Declaration/Exporter/Name",
            "target_value": "上海示例贸易有限公司 " + EVIL,
            "reason": "",
        },
        {
            "path": "DecMessage/DecHead/TrafMode",
            "term": "BorderTransportMeans.ModeCode",
            "value": "2",
            "class": "convert",
            "target": "Declaration/BorderTransportMeans/ModeCode",
            "target_value": "1",
            "reason": "cn-transport-mode → rec19",
        },
        {
            "path": "DecMessage/DecLists/DecList[2]/GModel",
            "term": "ext.cn.GModel",
            "value": "4|3|EL-100",
            "class": "lossy",
            "target": "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]/Description",
            "target_value": "EL-100",
            "reason": "narrowed",
        },
        {
            "path": "DecMessage/DecHead/TypistNo",
            "term": "ext.cn.TypistNo",
            "value": "9800000012345",
            "class": "dropped",
            "target": "",
            "target_value": "",
            "reason": "personal data, no counterpart",
        },
    ],
    "missing": [
        {"target": "Declaration/GoodsShipment/Importer/ID", "term": "", "reason": "importer"}
    ],
    "coverage": {"source": 1.0, "target_mandatory": 0.9},
}
FINDINGS: Final = [
    {
        "rule": "length-GName",
        "ruleset": "cn-dec",
        "flag": "warning",
        "path": "DecMessage/DecLists/DecList/GName",
        "line": 42,
        "term": "",
        "found": "x" * 30,
        "expected": "C..255",
        "message": {"en": "The name is long.", "zh": "名称过长。"},
        "hint": {"en": "Shorten it.", "zh": "请缩短。"},
    }
]


def exchange(
    world: World,
    text: str,
    *,
    state: State = State.DONE,
    stage: str = "acknowledge",
    clearance_id: str = "",
) -> str:
    """Put in one exchange that has come as far as `stage`, and return its id."""
    made = accept(
        world.store,
        Submission(
            tenant="port",
            data=f"<DecMessage>{text}</DecMessage>".encode(),
            kind="declaration",
            sender="cn-gateway",
            receiver="sg-gateway",
            target_format="wco-dec",
            source_format="cn-dec",
            media_type="application/xml",
            clearance_id=clearance_id,
        ),
        clock=world.clock,
    ).id
    names = [one.name for one in FLOW]
    events = [
        _event(made, n, name, "passed", n * 37)
        for n, name in enumerate(names[: names.index(stage) + 1], 2)
    ]
    if state in (State.REFUSED, State.RETRY):
        events[-1] = replace(events[-1], code=state.value)
    with world.store.begin() as tx:
        journal.write(tx, events)
        written = [
            Payload(Role.LOSS, "application/json", json.dumps(LOSS).encode()),
            Payload(Role.FINDINGS, "application/json", json.dumps(FINDINGS).encode()),
            Payload(Role.COMMITMENTS, "application/json", b'{"salt": "secret"}'),
        ]
        payloads.write(tx, [(made, payload) for payload in written], now=NOW)
        claims.note(tx, {made: {"log": "cn-port/log", "leaf": 17}})
        tx.execute(
            EXCHANGE.update()
            .where(EXCHANGE.c.id == made)
            .values(state=state.value, stage=stage, updated_at=NOW + timedelta(seconds=3))
        )
    return made


def _event(exchange_id: str, n: int, stage: str, code: str, milliseconds: int) -> Event:
    problem = {
        "code": "SG-5021",
        "message": {"en": "A fatal finding " + EVIL, "zh": "致命问题 " + EVIL},
        "hint": {"en": "Correct it.", "zh": "请更正。"},
        "where": "DecHead",
    }
    detail: dict[str, Any] = {
        "bytes": 9876,
        "format": "wco-dec" if stage == "translate" else "cn-dec",
        "findings": 1,
        "fatal": 0,
        "log": "cn-port/log",
        "leaf": 17,
        "digest": "ab" * 32,
        "again_at": "2026-03-14T08:00:09Z",
        "problem": problem if stage == "validate" else None,
    }
    at = NOW + timedelta(milliseconds=milliseconds)
    return Event(
        exchange_id=exchange_id, n=n, stage=stage, at=at, actor="worker", code=code, detail=detail
    )


def status(name: str, rank: int, en: str, zh: str, code: str) -> dict[str, Any]:
    """Return a canonical status as clearances present it."""
    return {
        "name": name,
        "rank": rank,
        "en": en,
        "zh": zh,
        "terminal": rank >= 90,
        "code": code,
        "since": "2026-03-14T08:12:00.000Z",
    }


RELEASED: Final = status("RELEASED", 50, "Released", "放行", "P")
INSPECTION: Final = status("INSPECTION_ORDERED", 40, "Inspection ordered", "查验通知", "05")
CLOSED: Final = status("CLEARED_CLOSED", 90, "Cleared and closed", "结关", "09")
REJECTED: Final = status("REJECTED", 95, "Rejected", "退单", "E")


def clearance(
    clearance_id: str,
    export: dict[str, Any] | None,
    import_: dict[str, Any] | None,
    *,
    form: Sequence[dict[str, Any]] = (),
    **more: Any,
) -> dict[str, Any]:
    """Return a clearance in the shape both board and page read."""

    def seen(of: dict[str, Any]) -> dict[str, Any]:
        return {
            **of,
            "status": of["name"],
            "at": of["since"],
            "note": "",
            "reference": "",
            "side": "",
        }

    return {
        "id": clearance_id,
        "document": "222920260000001234",
        "corridor": "cn-sg",
        "partner": "sg-gateway",
        "role": "exporter",
        "export": export,
        "import": import_,
        "opened": "2026-03-14" if import_ else "",
        "form": {"clearance": clearance_id, "fields": list(form)} if form else None,
        "problem": None,
        "findings": [],
        "changes": [
            {
                "number": 1,
                "kind": "amendment",
                "by": "cn-gateway",
                "state": "proposed",
                "reason": "weighed again",
                "changes": [
                    {
                        "term": "TotalGrossMassMeasure",
                        "name": {"en": "Gross weight", "zh": "毛重"},
                        "old": "120",
                        "new": "121",
                    }
                ],
            }
        ],
        "companions": {},
        "two_side": {
            "root": "6f" * 32,
            "alike": True,
            "fields": {"BorderTransportMeans.ModeCode": "1", "Exporter.Name": EVIL},
            "proof": "hAFY",
        },
        "consent": None,
        "ended": False,
        "cleared": bool(export and import_ and export["rank"] >= 50 and import_["rank"] >= 50),
        "sides": {
            which: {
                "country": country,
                "format": kind,
                "status": current,
                "reference": "222920260000001234" if current else "",
                "timeline": [seen(current)] if current else [],
                "events": [],
                "notices": [],
                "ended": False,
            }
            for which, country, kind, current in (
                ("export", "CN", "cn-dec", export),
                ("import", "SG", "sg-tradenet", import_),
            )
        },
        **more,
    }


FORM: Final = (
    {
        "id": "GoodsShipment.Importer.ID",
        "label": {"en": "Importer's UEN", "zh": "进口商 UEN"},
        "why": {"en": "Singapore Customs needs it.", "zh": "新加坡海关要求。"},
        "type": "text",
        "pattern": "[0-9]{8,9}[A-Z]",
        "codes": [],
        "required": True,
        "goods": None,
        "value": "201234567A",
    },
    {
        "id": "GoodsShipment.TransactionNatureCode",
        "label": {"en": "Declaration type", "zh": "申报类型"},
        "why": {"en": "Decides which permit is given.", "zh": "决定许可类型。"},
        "type": "code",
        "pattern": "",
        "codes": [{"code": "GTR", "en": "GST relief", "zh": "消费税减免"}],
        "required": True,
        "goods": {"description": "LED lamp", "hs": "853950", "lines": ["1", "2"]},
        "value": "",
    },
)
