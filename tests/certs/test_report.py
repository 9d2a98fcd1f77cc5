"""Reports for people: both languages, what counts first, nothing from a file unescaped."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from pypdf import PdfReader

from certs import asic, report, xades
from certs.asic import records as asic_records
from certs.report.model import meanings
from certs.verdict import SubIndication
from tests.certs.pki import DOCUMENT, NOW, World

FALSE: dict[str, Any] = {
    "file": "<script>alert(1)</script>.xml",
    "indication": "TOTAL-FAILED",
    "subindication": "HASH_FAILURE",
    "reason": {"en": "“a<b>” was changed.", "zh": "“a<b>”被修改。"},
    "signatures": [],
}


@pytest.fixture(scope="module")
def row(world: World) -> dict[str, Any]:
    """Return the verdict on a good document as the command line gives it."""
    data = xades.sign(DOCUMENT, world.seal, stamper=world.stamper, signed_at=NOW)
    return {"file": "good.xml", **xades.verify(data, world.trust, at=NOW).as_dict()}


def test_every_sub_indication_is_explained() -> None:
    """A reader is told what each means, in both languages."""
    assert set(meanings()) == {each.value for each in SubIndication}
    assert all(each.en and each.zh for each in meanings().values())


@pytest.mark.parametrize("kind", [".txt", ".html", ".pdf"])
def test_what_counts_is_told_in_both_languages(row: dict[str, Any], kind: str) -> None:
    """Verdict, signer, time and the meaning of a failure, in English and Chinese."""
    made = report.write(kind, [row, FALSE], NOW)
    if kind == ".pdf":
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)
    else:
        text = made.decode()
    said = ("VERIFIED", "验证通过", "Port A Seal", "2026-03-14T08:00:00", "FAILED", "验证失败")
    for each in (*said, "it was changed", "已被改动"):
        assert each in text.replace("\n", " "), each


def test_an_evidence_record_is_called_one(world: World) -> None:
    """What proves a signature in a container is named as what it is."""
    sealed = asic.pack({"a.xml": DOCUMENT}, world.seal, signed_at=NOW)
    (kept,) = asic_records.keep([sealed], world.stamper)
    verdict = asic.verify(kept, world.trust, at=NOW).verdict
    text = report.write(".txt", [{"file": "a.asice", **verdict.as_dict()}], NOW).decode()
    assert "Evidence record" in text
    assert "证据记录" in text


def test_the_page_folds_the_particulars_and_escapes_names(row: dict[str, Any]) -> None:
    """Particulars are inside `details`; a file's name cannot bring markup along."""
    page = report.write(".html", [row, FALSE], NOW).decode()
    before, _, folded = page.partition("<details>")
    assert "XAdES-BASELINE-T" not in before
    assert "XAdES-BASELINE-T" in folded
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_json_report_is_the_verdict(row: dict[str, Any]) -> None:
    """Programs get the rows as they are, and the time of validation."""
    made = json.loads(report.write(".json", [row], NOW))
    assert made == {"validated_at": "2026-03-14T08:00:00.000Z", "files": [row]}
