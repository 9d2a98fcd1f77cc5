from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

import adapters
from schemas import codes
from schemas.document import Document, Family, Term

ROOM = Path(adapters.__file__).parent
RELEASED = (ROOM / "cn_receipt" / "samples" / "released.xml").read_bytes()


@pytest.mark.parametrize("channel", sorted(codes.table("cn-channel").rows))
def test_every_channel_has_its_canonical_status(channel: str) -> None:
    """A receipt of each channel code carries the canonical status; case matters."""
    data = RELEASED.replace(b"<CHANNEL>P<", f"<CHANNEL>{channel}<".encode())
    document = adapters.read(data).document
    expected = codes.convert("cn-channel", "canonical-status", channel).value
    assert document.value("Status.Code") == expected


def test_an_unknown_channel_gives_no_status_but_a_finding() -> None:
    """A channel in no list is a fatal code finding, and no status is made up for it."""
    reading = adapters.read(RELEASED.replace(b"<CHANNEL>P<", b"<CHANNEL>p<"))
    assert [(each.rule, each.path) for each in reading.findings] == [
        ("code", "/DEC_DATA/DEC_RESULT/CHANNEL")
    ]
    assert reading.document.value("Status.Code") == ""


def test_beijing_time_keeps_its_offset() -> None:
    """A receipt's local time is that of Beijing and is written back digit by digit."""
    document = adapters.read(RELEASED).document
    stated = document.value("Status.DateTime")
    assert datetime.fromisoformat(stated).utcoffset() is not None
    assert stated == "2026-03-21T09:15:00+08:00"


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        ("2026-03-21T01:15:00Z", b"<NOTICE_DATE>20260321091500</NOTICE_DATE>"),
        ("2026-03-21T09:15:00.250+08:00", b"<NOTICE_DATE>20260321091500250</NOTICE_DATE>"),
    ],
)
def test_a_receipt_can_be_written_from_terms(moment: str, written: bytes) -> None:
    """The sandbox writes receipts: any offset becomes Beijing time."""
    terms = [
        Term("ext.cn.SeqNo", "I20260000000000009"),
        Term("Status.SourceCode", "P"),
        Term("Status.DateTime", moment),
        Term("Status.Text", "海关已放行"),
    ]
    document = Document("sandbox", "1", Family.RECEIPT, terms)
    rendering = adapters.render(document, "cn-receipt")
    assert written in rendering.data
    assert [each for each in rendering.findings if each.flag == "fatal"] == []
    assert adapters.read(rendering.data).document.value("Status.Code") == "RELEASED"


@pytest.mark.parametrize(
    ("sample", "status"), [("taken.xml", "DRAFT_SAVED"), ("refused.xml", "DRAFT_FAILED")]
)
def test_an_upload_response_has_a_status(sample: str, status: str) -> None:
    """Taken over is a saved draft, refused a failed one; both name the client's own number."""
    data = (ROOM / "cn_import_response" / "samples" / sample).read_bytes()
    document = adapters.read(data).document
    assert document.value("Status.Code") == status
    assert document.value("FunctionalReferenceID") == "SMPL20260320G06"


def test_a_notification_without_namespace_is_accepted_with_a_finding() -> None:
    """Element names suffice, the terms are the same, and a warning says what was missing."""
    folder = ROOM / "wco_res" / "samples"
    bare = adapters.read((folder / "rejected_bare.xml").read_bytes())
    full = adapters.read((folder / "rejected.xml").read_bytes())
    assert [each.flag.value for each in bare.findings] == ["warning"]
    assert full.findings == []
    assert [(t.id, t.value) for t in bare.document] == [(t.id, t.value) for t in full.document]


def test_a_notification_can_be_written_from_terms() -> None:
    """The sandbox of the other side writes notifications with namespaces and format 304."""
    terms = [
        Term("Status.SourceCode", "09"),
        Term("Status.DateTime", "2026-03-22T09:15:00+01:00"),
        Term("FunctionalReferenceID", "SMPL20260320G06"),
        Term("ID", "26GBSMPL0000000001"),
    ]
    rendering = adapters.render(Document("sandbox", "1", Family.RECEIPT, terms), "wco-res")
    assert b"20260322081500Z" in rendering.data
    again = adapters.read(rendering.data)
    assert again.findings == []
    assert again.document.value("Status.Code") == "CLEARED_CLOSED"
    assert again.document.value("ID") == "26GBSMPL0000000001"


def test_published_notifications_are_read(shared: Path) -> None:
    """Nearly every notification among the trader-test samples gives a canonical status."""
    folder = shared / "data" / "customs" / "samples" / "wco-cds"
    given = total = 0
    for path in sorted(folder.rglob("*.xml")):
        data = path.read_bytes()
        if b"<Response>" in data and b"<MetaData" in data:
            total += 1
            given += bool(adapters.read(data).document.value("Status.Code"))
    assert total > 150
    assert given == total
