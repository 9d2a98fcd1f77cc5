"""Examples of answers, shown in the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

_ID: Final = "01a1fd9c-5382-7000-9cac-836b08a69f09"
_PLACE: Final = f"/v1/exchanges/{_ID}"

LOGGED: Final[dict[str, Any]] = {"origin": "cn-gateway/log", "first": 4096, "count": 100}
ACCEPTED: Final[dict[str, Any]] = {"id": _ID, "duplicate": False, "href": _PLACE}
EXCHANGE: Final[dict[str, Any]] = {
    "id": _ID,
    "direction": "out",
    "kind": "declaration",
    "sender": "cn-gateway",
    "receiver": "sg-gateway",
    "message_id": _ID,
    "source_format": "cn-dec",
    "target_format": "sg-tradenet",
    "profile": "cn-sg",
    "clearance": "",
    "correlation": "",
    "stage": "acknowledge",
    "state": "done",
    "digest": "6b2f3b41f654931314f875b5d35186f454347ae66727683bab0aa81fa9f0dae9",
    "log": "cn-port/log",
    "leaf": 17,
    "attempts": 1,
    "due_at": None,
    "created_at": "2026-03-14T08:00:00.000Z",
    "updated_at": "2026-03-14T08:00:00.412Z",
}
PAGE: Final[dict[str, Any]] = {
    "items": [EXCHANGE],
    "next": f"/v1/exchanges?limit=1&before={_ID}",
}
TIMELINE: Final[dict[str, Any]] = {
    "id": _ID,
    "events": [
        {
            "at": "2026-03-14T08:00:00.061Z",
            "stage": "detect",
            "code": "passed",
            "text": {"en": "Recognised as cn-dec.", "zh": "识别为 cn-dec 格式。"},
            "detail": {"format": "cn-dec"},
        }
    ],
    "attempts": [],
}
_STATUS: Final[dict[str, Any]] = {
    "name": "RELEASED",
    "en": "Released",
    "zh": "放行",
    "rank": 50,
    "terminal": False,
    "since": "2026-03-14T09:12:00.000Z",
    "code": "P",
}
BOARD: Final[dict[str, Any]] = {
    "items": [
        {
            "id": "c-01a1fd9c",
            "corridor": "cn-sg",
            "document": "222920260000001234",
            "partner": "sg-gateway",
            "export": _STATUS,
            "import": None,
            "cleared": False,
            "ended": False,
        }
    ]
}
FORM: Final[dict[str, Any]] = {
    "clearance": "c-01a1fd9c",
    "corridor": "cn-sg",
    "fields": [
        {
            "id": "GoodsShipment.Importer.ID",
            "label": {"en": "Importer's UEN", "zh": "进口商 UEN"},
            "type": "text",
            "pattern": "[0-9]{8,9}[A-Z]",
            "codes": [],
            "required": True,
            "value": "",
        }
    ],
}
CHANGED: Final[dict[str, Any]] = {
    "id": "c-01a1fd9c",
    "changes": [
        {
            "number": 1,
            "kind": "amendment",
            "by": "exporter",
            "at": "2026-03-15T01:20:00.000Z",
            "reason": "counted again",
            "state": "sent",
            "sha256": "6b2f3b41f654931314f875b5d35186f454347ae66727683bab0aa81fa9f0dae9",
            "changes": [
                {
                    "term": "TotalPackageQuantity",
                    "name": {"en": "total packages", "zh": "总件数"},
                    "old": "13",
                    "new": "14",
                }
            ],
        }
    ],
}
VERDICT: Final[dict[str, Any]] = {
    "indication": "TOTAL-PASSED",
    "subindication": None,
    "signatures": [
        {
            "format": "XAdES",
            "level": "T",
            "indication": "TOTAL-PASSED",
            "signer": "CN=cn-gateway seal",
            "time": "2026-03-14T08:00:00.120Z",
        }
    ],
}
TITLE: Final[dict[str, Any]] = {
    "title": "SKLG2611-0001",
    "n": 1,
    "entry": "6b2f3b41f654931314f875b5d35186f454347ae66727683bab0aa81fa9f0dae9",
    "kind": "to-order",
    "content": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "paper": "",
    "paused": False,
    "state": {
        "beneficiary": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        "holder": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
        "nominee": None,
        "prevBeneficiary": None,
        "prevHolder": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        "location": "escrow",
        "active": True,
    },
    "leaf": 4711,
    "repeated": False,
}
HOOK: Final[dict[str, Any]] = {
    "id": "0198f0c2-6f3a-7c11-8a51-0d7f3c1b9a20",
    "tenant": "cn-port",
    "url": "https://erp.example.com/silkgate",
    "host": "erp.example.com",
    "events": ["exchange.*", "clearance.status"],
    "waiting": 0,
    "given_up": 0,
    "created_at": "2026-03-14T08:00:00.000Z",
    "reached_at": None,
}
