"""`silkgate lading` and `silkgate verify` on records of title, as scripts drive them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.gateway.cli.conftest import DECLARATION, INVOICE, LADING, Silkgate

REGISTRY = "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512"
DID = "did:web:carrier.example.org"
TO = ("--registry", REGISTRY, "--chain-id", "31337", "--incomplete", "--json")
BY_DNS = ("--domain", "carrier.example.org", "--issuer", "Sample Ocean Carrier Ltd")


@pytest.fixture
def key(tmp_path: Path) -> str:
    """A reference to a P-256 key in a PEM file."""
    private = ec.derive_private_key(11, ec.SECP256R1())
    path = tmp_path / "key.pem"
    path.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return f"file:{path}"


def _identity(folder: Path, *published: Any, did: Any = None) -> str:
    path = folder / f"identity-{len(published)}.json"
    dns = {each["domain"]: [each["txt"]] for each in published}
    path.write_text(json.dumps({"dns": dns, "didweb": {DID: did} if did else {}}))
    return str(path)


def test_a_bill_is_wrapped_redacted_and_verified(silkgate: Silkgate, tmp_path: Path) -> None:
    """The whole transport document travels; hidden fields are gone; offline no title is known."""
    out, part = str(tmp_path / "oa.json"), str(tmp_path / "part.json")
    told = silkgate("lading", "wrap", str(LADING), *BY_DNS, *TO, "-o", out).row
    record = json.loads(Path(out).read_bytes())
    assert told["token_id"] == f"0x{record['signature']['merkleRoot']}"
    silkgate("lading", "redact", out, "--hide", "vessel", "-o", part)
    identity = _identity(tmp_path, told["publish"])
    run = silkgate("verify", out, part, "--identity", identity, "--offline", "--json")
    assert run.code == 3
    for row in run.rows:
        answers = (row["integrity"], row["issuer_identity"], row["title"])
        assert answers == ("VALID", "VALID", "unknown")
        assert row["register"]["token_id"] == told["token_id"]
    assert silkgate("verify", out, "--json").row["issuer_identity"] == "UNKNOWN"


def test_a_bill_is_signed_shown_in_part_and_verified(
    silkgate: Silkgate, tmp_path: Path, key: str
) -> None:
    """A credential keeps its status whatever is shown, and needs its key to be verified."""
    out, part = str(tmp_path / "vc.json"), str(tmp_path / "part.json")
    told = silkgate("lading", "issue", str(LADING), "--did", DID, "--key", key, *TO, "-o", out).row
    field = "/credentialSubject/blNumber"
    silkgate("lading", "derive", out, "--show", field, "-o", part)
    shown = json.loads(Path(part).read_bytes())
    assert set(shown["credentialSubject"]) == {"type", "blNumber"}
    assert shown["credentialStatus"]["tokenId"] == told["token_id"].removeprefix("0x")
    document = silkgate("lading", "did", "--json", "--did", DID, "--key", key).row
    identity = _identity(tmp_path, told["publish"], did=document)
    for row in silkgate("verify", out, part, "--identity", identity, "--json").rows:
        assert (row["integrity"], row["issuer_identity"]) == ("VALID", "VALID")
        assert row["register_is_issuers"] is True
        assert row["title"] == "unknown"
    other = tmp_path / "other.json"
    other.write_bytes(LADING.read_bytes().replace(b"SMPL", b"EVIL"))
    asked = ("verify", part, "--identity", identity, "--json", "--detached")
    assert silkgate(*asked, str(LADING)).row["related"] == [
        {"name": "lading.json", "covered": True}
    ]
    row = silkgate(*asked, str(other)).row
    assert (row["related"][0]["covered"], row["subindication"]) == (False, "HASH_FAILURE")
    stranger = _identity(tmp_path)
    row = silkgate("verify", out, "--identity", stranger, "--json").row
    assert (row["integrity"], row["issuer_identity"]) == ("INVALID", "INVALID")


def test_what_may_not_be_issued_is_refused(silkgate: Silkgate, tmp_path: Path) -> None:
    """An incomplete bill, a sea waybill, a bad address, another curve: refused with the reason."""
    out = str(tmp_path / "out.json")
    place = ("--registry", REGISTRY, "--chain-id", "1", "-o", out, "--json")
    refused = silkgate("lading", "wrap", str(LADING), *BY_DNS, *place)
    assert (refused.code, refused.row["error"]["code"]) == (3, "SG-5505")
    bill = json.loads(LADING.read_bytes())
    waybill = tmp_path / "waybill.json"
    waybill.write_text(json.dumps({**bill, "transportDocumentTypeCode": "SWB"}))
    refused = silkgate("lading", "wrap", str(waybill), *BY_DNS, *place, "--incomplete")
    assert "sea waybill" in refused.row["error"]["message"]["en"]
    wrong = ("--registry", "0x12", "--chain-id", "1", "-o", out, "--json")
    assert silkgate("lading", "wrap", str(LADING), *BY_DNS, *wrong).code == 2
    other = ec.derive_private_key(11, ec.SECP384R1())
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "other.pem").write_bytes(pem)
    run = silkgate(
        *("lading", "issue", str(LADING), "--did", DID, "--key", f"file:{tmp_path / 'other.pem'}"),
        *(*place, "--incomplete"),
    )
    assert (run.code, run.row["error"]["code"]) == (2, "SG-1141")
    assert not Path(out).exists()


def test_only_the_right_records_are_derived_or_redacted(silkgate: Silkgate, tmp_path: Path) -> None:
    """A plain document is no record, and a pointer must lead somewhere."""
    out = str(tmp_path / "out.json")
    run = silkgate("lading", "derive", str(LADING), "-o", out, "--json")
    assert (run.code, run.row["error"]["code"]) == (3, "SG-1142")
    run = silkgate("lading", "redact", str(LADING), "--hide", "x", "-o", out, "--json")
    assert run.code == 3


def test_a_bill_is_drafted_and_viewed(silkgate: Silkgate, tmp_path: Path) -> None:
    """From declaration and invoice to a draft, and to a page and a PDF of it."""
    out, page, paper = (str(tmp_path / name) for name in ("d.json", "d.html", "d.pdf"))
    run = silkgate(
        *("lading", "draft", str(DECLARATION), "--with", str(INVOICE), "--to-order"),
        *("--set", "carrierCode=SMPL", "--set", "transports.preCarriageBy=Truck"),
        *("-o", out, "--json"),
    )
    assert run.code == 0
    assert "/carrierCode" not in [found["path"] for found in run.row["findings"]]
    draft = json.loads(Path(out).read_bytes())
    assert draft["transports"]["preCarriageBy"] == "Truck"
    silkgate("lading", "view", out, "--lang", "zh", "-o", page)
    assert "草稿" in Path(page).read_text("utf-8")
    silkgate("lading", "view", out, "-o", paper)
    assert Path(paper).read_bytes().startswith(b"%PDF")
    assert "Bill of Lading" in silkgate("lading", "view", str(LADING), "--lang", "en").out
