from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pypdf
import pytest

from certs.errors import RecordRefused
from certs.records import NotAsked, ecdsa_sd, multikey
from certs.records.wrapping import wrap
from gateway.console.bill import bill_page
from gateway.lading.page import sheet
from gateway.lading.page.amended import marked
from gateway.lading.page.paper import bill_pdf
from gateway.lading.page.showing import shown
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
    "TSTU2603090 / 45G1",
    "SEAL SMPL0009",
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
    public = multikey.encode(multikey.of_p256(issuer.KEY.public_key()))
    stranger = f"did:key:{public}"
    options = {**issuer.proof(), "verificationMethod": f"{stranger}#{public}"}
    forged = ecdsa_sd.sign(issuer.credential(), options, issuer.KEY, ("/issuer",))
    with pytest.raises(RecordRefused):
        shown(json.dumps(forged).encode(), issuer.identities(), recover)


def _laden(count: int) -> dict[str, Any]:
    """Return one kind of goods in many containers, each with its own weight."""
    boxes = [f"TSTU{number:07}" for number in range(count)]
    cargo = [
        {
            "equipmentReference": box,
            "cargoGrossWeight": {"value": 20_000 + number, "unit": "KGM"},
            "outerPackaging": {"packageCode": "BL", "numberOfPackages": 84},
        }
        for number, box in enumerate(boxes)
    ]
    equipment = [{"equipment": {"equipmentReference": box}} for box in boxes]
    goods = {"descriptionOfGoods": ["Staple fibre"], "HSCodes": ["550320"], "cargoItems": cargo}
    return {"consignmentItems": [goods], "utilizedTransportEquipments": equipment}


def test_each_container_has_a_row_of_its_own():
    """Container, packages and weight stand side by side, and the table goes on over pages."""
    found = sheet.read(json.dumps({**BILL, **_laden(60)}).encode())
    rows = [(row.containers, row.weight) for row in found.goods]
    assert rows[59] == (("TSTU0000059",), ("20,059 kg",))
    assert [row.description for row in found.goods[:2]] == [("Staple fibre", "HS 550320"), ()]
    pages = pypdf.PdfReader(io.BytesIO(bill_pdf(found, "en"))).pages
    assert len(pages) > 1
    for number, page in enumerate(pages[:2], 1):
        text = page.extract_text()
        assert "Gross weight" in text
        assert f"SMPLSH26030777 · {number}" in text


def test_what_a_carrier_has_to_know_of_the_cargo_is_on_the_bill():
    """The temperature of a reefer, dangerous goods by the IMDG Code, and the movement."""
    goods = json.loads(json.dumps(BILL["consignmentItems"][:1]))
    goods[0]["cargoItems"][0]["outerPackaging"]["dangerousGoods"] = [
        {"UNNumber": "3082", "properShippingName": "N.O.S", "imoClass": "9", "packingGroup": 3}
    ]
    boxes = json.loads(json.dumps(BILL["utilizedTransportEquipments"]))
    boxes[0]["activeReeferSettings"] = {"temperatureSetpoint": -18, "temperatureUnit": "CEL"}
    page = _page(consignmentItems=goods, utilizedTransportEquipments=boxes)
    for said in ("UN 3082 N.O.S IMO 9 PG III", "-18 °C", "CY/CY · FCL/FCL"):
        assert said in page


def test_letters_of_many_languages_are_in_the_pdf():
    """Each in a font that has it; what none has loses its marks, and is not lost."""
    parties = {**BILL["documentParties"], "shipper": {"partyName": "Müller Łódź 上海 · Ж"}}
    assert "Müller Łódz 上海 · Ж" in _text("en", documentParties=parties)


def test_what_an_amendment_changed_is_marked():
    """Boxes and rows that were not so before, and they alone, say that they were amended."""
    parties = {**BILL["documentParties"], "consignee": {"partyName": "Sample Buyer Two Ltd"}}
    goods = json.loads(json.dumps(BILL["consignmentItems"]))
    goods[1]["descriptionOfGoods"] = ["CNC vertical lathe"]
    changed = {**BILL, "documentParties": parties, "consignmentItems": goods}
    before, after = (sheet.read(json.dumps(each).encode()) for each in (BILL, changed))
    found = marked(after, before)
    names = [box.caption.en for box in (*found.left, *found.right, *found.voyage)]
    assert [name for name in names if "amended" in name] == ["Consignee · amended"]
    rows = ["[amended / 已更改]" in row.description for row in found.goods]
    assert rows == [False, True, False]
    assert marked(after, after) == after
    assert bill_page(found, "en").count('class="box party amended"') == 1
    assert bill_pdf(found, "en")


def test_a_draft_with_hardly_anything_is_printed():
    """Without ports and voyage their boxes are left out, on the page and in the PDF."""
    bare = {name: value for name, value in BILL.items() if name != "transports"}
    found = sheet.read(json.dumps(bare).encode())
    assert bill_pdf(found, "en").startswith(b"%PDF")
    assert "Port of loading" not in bill_page(found, "en")
