from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pypdf
import pytest

from certs.errors import RecordRefused
from certs.records import NotAsked
from certs.records.wrapping import wrap
from gateway.console.bill import bill_page
from gateway.lading import sheet
from gateway.lading.paper import bill_pdf
from gateway.lading.showing import shown
from ledger.anchors.secp256k1 import recover
from tests.certs.records import issuer

LADING = Path(__file__).parents[2] / "golden" / "related" / "g06" / "lading.json"
BILL: dict[str, Any] = json.loads(LADING.read_bytes())


def _page(language: str = "en", **changes: Any) -> str:
    data = json.dumps({**BILL, **changes}).encode()
    return bill_page(sheet.read(data), language)


def _text(language: str, **changes: Any) -> str:
    data = bill_pdf(sheet.read(json.dumps({**BILL, **changes}).encode()), language)
    return pypdf.PdfReader(io.BytesIO(data)).pages[0].extract_text()


WORDS = (
    "SMPLSH26030777",
    "Sample Songjiang Machine Works Co., Ltd.",
    "Sample Fenland Engineering Ltd",
    "SAMPLE NORTH SEA / 009W",
    "Felixstowe (GBFXT)",
    "TSTU2603090 / 45G1 / SEAL SMPL0009",
    "Vertical machining centre",
    "22,480 kg",
    "2026-03-25",
)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_has_the_boxes_people_look_for(language):
    """Parties, ports, voyage, containers and seals, goods, totals: in both languages at once."""
    page = _page(language)
    for text in (*WORDS, "Shipper", "托运人", "Port of loading", "装货港", "提单"):
        assert text in page, text
    title = "<title>提单" if language == "zh" else "<title>Bill of Lading"
    assert title in page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_pdf_says_the_same(language):
    """The PDF has the words of the page."""
    text = _text(language).replace("\n", " ")
    for word in WORDS:
        assert word in text or word.split()[0] in text, word


@pytest.mark.parametrize(
    ("changes", "kind", "said"),
    [
        ({}, "Straight", "Sample Fenland Engineering Ltd"),
        (
            {"isToOrder": True, "endorsee": "Sample Bank"},
            "To order · negotiable",
            "To the order of",
        ),
        ({"isToOrder": True}, "endorsed in blank", "To order / 凭指示"),
        ({"transportDocumentTypeCode": "SWB"}, "Sea Waybill", "no document of title"),
    ],
)
def test_each_kind_is_told(changes, kind, said):
    """Straight, to order, blank endorsed and waybill look different."""
    parties = {**BILL["documentParties"]}
    if changes.get("isToOrder"):
        del parties["consignee"]
    if "endorsee" in changes:
        parties["endorsee"] = {"partyName": changes.pop("endorsee")}
    page = _page(**{**changes, "documentParties": parties})
    assert kind in page
    assert said in page


@pytest.mark.parametrize(
    ("status", "stamp"),
    [
        ("DRAFT", "DRAFT"),
        ("SURRENDERED_FOR_DELIVERY", "SURRENDERED"),
        ("PENDING_SURRENDER_FOR_DELIVERY", "SURRENDER PENDING"),
        ("VOIDED", "VOID"),
    ],
)
def test_what_is_not_in_force_is_stamped(status, stamp):
    """A draft, a surrendered and a void bill are stamped; a bill in force is not."""
    page = _page(transportDocumentStatus=status)
    assert f'class="stamp" role="note">{stamp}' in page
    assert 'class="stamp"' not in _page()
    assert stamp in _text("en", transportDocumentStatus=status)


def test_the_page_says_that_it_is_no_title():
    """A print is not the record: singularity is not broken by a printer."""
    assert "this print carries no title" in _page()


def test_hostile_words_stay_words():
    """Names with markup are shown, not run, on the page and in the PDF."""
    parties = {**BILL["documentParties"], "consignee": {"partyName": "<script>alert(1)</script>&"}}
    page = _page(documentParties=parties)
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;" in page
    assert "<script>" in _text("en", documentParties=parties)


def test_the_page_fetches_nothing():
    """One file: no address in it that a browser would open by itself."""
    page = _page()
    assert "http" not in page
    assert "url(" not in page


def test_a_record_is_shown_only_when_it_is_intact():
    """A wrapped bill shows its transport document; a changed one shows nothing."""
    record = wrap([{"transportDocument": BILL, "issuers": []}])[0]
    found = shown(json.dumps(record).encode(), NotAsked(), recover)
    assert found.number == BILL["transportDocumentReference"]
    record["data"]["transportDocument"]["carrierCode"] += "X"
    with pytest.raises(RecordRefused):
        shown(json.dumps(record).encode(), NotAsked(), recover)


def test_a_credential_is_shown_once_its_key_is_known():
    """Without its issuer's key a credential cannot be checked, so it is not shown."""
    data = json.dumps(issuer.signed()).encode()
    assert shown(data, issuer.identities(), recover).number == "SGTD0001"
    with pytest.raises(RecordRefused):
        shown(data, NotAsked(), recover)
