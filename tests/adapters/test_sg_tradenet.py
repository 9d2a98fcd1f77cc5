from __future__ import annotations

import json
from pathlib import Path

import adapters
from adapters.sg_tradenet.quirks import REASON

GOLDEN = Path(__file__).parent.parent / "golden"


def test_names_that_are_not_public_are_marked_in_the_table() -> None:
    """Every row below the public header stands under `placeholder` and says so in its note."""
    for row in adapters.formats()["sg-tradenet"].rows:
        names = [step.name for step in row.steps]
        assert ("placeholder" in names) == row.note.startswith("placeholder"), names


def test_the_loss_report_says_which_names_are_placeholders() -> None:
    """A value under a name of our own is never `exact`; its entry gives the reason."""
    data = (GOLDEN / "g01" / "decmessage.xml").read_bytes()
    report = adapters.convert(data, "sg-tradenet").report
    placed = [each for each in report.entries if "/placeholder/" in each.target]
    assert placed
    for entry in placed:
        assert entry.cls.value != "exact", entry
        if not entry.target.endswith(("Mark", "]")):
            assert REASON.split(":")[0] in entry.reason or entry.cls.value == "derive", entry


def test_the_header_has_the_public_names() -> None:
    """What is known of the header is written under its public names; gaps are listed."""
    data = (GOLDEN / "g01" / "decmessage.xml").read_bytes()
    rendering = adapters.convert(data, "sg-tradenet")
    header = json.loads(rendering.data)["tradenet"]["message"]["header"]
    assert header["unique_ref_no"] == {"date": "20260310", "seq_no": "1"}
    gaps = {gap.target for gap in rendering.report.missing}
    assert "/tradenet/message/header/declarant_id" in gaps
    assert "/tradenet/message/header/dec_type" in gaps


def test_a_corridor_profile_fills_the_header() -> None:
    """Defaults of a corridor profile fill what no document says."""
    data = (GOLDEN / "g01" / "decmessage.xml").read_bytes()
    defaults = {
        "ext.sg.documentType": "SAMPLE",
        "ext.sg.routeID": "SAMPLE",
        "ext.sg.message_version": "1.0",
        "ext.sg.sender_id": "SMPL",
        "ext.sg.cr_uei_no": "209900001Z",
        "ext.sg.declarant_id": "209900002Z",
        "ext.sg.car_type": "SMPL",
        "ext.sg.dec_stmt_ind": "true",
        "TypeCode": "GST",
    }
    rendering = adapters.convert(data, "sg-tradenet", profile={"defaults": defaults})
    assert rendering.report.missing == []
    written = json.loads(rendering.data)
    assert written["tradenet"]["message"]["header"]["dec_stmt_ind"] is True
