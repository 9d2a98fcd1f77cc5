"""The evidence of a bill's life, sealed and verified with nothing but the auditor's folder."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from gateway import setup
from gateway.settings import load
from tests.gateway.cli.conftest import LADING, Silkgate


@pytest.fixture
def life(silkgate: Silkgate, home: Path, tmp_path: Path) -> list[str]:
    """A bill issued, sold, returned, amended, given back and surrendered; the sealed file."""
    for folder in ("trust", "keys"):
        (tmp_path / folder).mkdir()
    card = setup.card(load(home)).model_dump_json()
    (tmp_path / "trust" / "cn-port.json").write_text(card, "utf-8")
    log = silkgate("title", "init", "--origin", "port.example/titles").out
    (tmp_path / "trust" / "titles.vkey").write_text(log)
    parties = {
        name: str(silkgate("title", "key", "-o", f"{name}.pem", "--json").row["party"])
        for name in ("carrier", "shipper", "bank")
    }
    jwk = silkgate("title", "key", "--of", "carrier.pem", "--json").row["jwk"]
    (tmp_path / "keys" / "carrier.jwk").write_text(json.dumps(jwk))
    bill = json.loads(LADING.read_bytes())
    Path("bill.json").write_text(json.dumps(bill))
    Path("amended.json").write_text(json.dumps({**bill, "issueDate": "2026-03-15"}))
    digest = hashlib.sha256(Path("amended.json").read_bytes()).hexdigest()
    moves = (
        ("transferOwners", parties["bank"], parties["bank"], "bank", "shipper"),
        ("returnToIssuer", "bank"),
        ("amend", digest, "carrier"),
        ("restore", "carrier"),
        ("returnToIssuer", "bank"),
        ("burn", "carrier"),
    )
    issue = ("title", "issue", "BL-1", "--document", "bill.json")
    issued = silkgate(*issue, "--beneficiary", parties["shipper"], "--key", "carrier.pem")
    assert issued.code == 0, issued.err
    for action, *rest in moves:
        *args, actor = rest if action != "transferOwners" else (*rest[:2], "shipper")
        done = silkgate("title", "act", "BL-1", action, *args, "--key", f"{actor}.pem")
        assert done.code == 0, (action, done.err)
    assert silkgate("title", "export", "BL-1", "-o", "history.json").code == 0
    return ["lading", "evidence", "history.json", "--key", "seal", "--home", str(home)]


VERIFY = ("--keys", "keys", "--offline", "--json")


def test_a_whole_life_is_one_file(silkgate: Silkgate, life: list[str], tmp_path: Path) -> None:
    """Both versions of the bill, every move, the end: read from one file, offline."""
    silkgate("lading", "view", "amended.json", "-o", "bill.html")
    both = ("--document", "bill.json", "--document", "amended.json", "--with", "bill.html")
    made = silkgate(*life, *both, "-o", "life.asice", "--json")
    assert made.code == 0, made.err
    run = silkgate("verify", "life.asice", "--trust", tmp_path / "trust", *VERIFY)
    row = run.row
    assert (run.code, row["indication"]) == (0, "TOTAL-PASSED"), row.get("reason")
    assert (row["integrity"], row["issuer_identity"], row["title"]) == ("VALID", "VALID", "ended")
    versions = [(each["name"], each["in_force"]) for each in row["documents"]]
    assert versions == [("bill.json", False), ("amended.json", True)]
    assert [each["action"] for each in row["history"]][:2] == ["issue", "transferOwners"]
    assert row["beside"] == ["beside/bill.html"]
    assert row["signatures"][0]["signer"] == "cn-port Seal"


def test_a_life_without_one_of_its_documents_is_not_made(
    silkgate: Silkgate, life: list[str]
) -> None:
    """Every version must be there, and none that the history does not know."""
    refused = silkgate(*life, "--document", "bill.json", "-o", "life.asice", "--json")
    assert (refused.code, refused.row["error"]["code"]) == (3, "SG-5506")
    strange = (
        "--document",
        "bill.json",
        "--document",
        "amended.json",
        "--document",
        "history.json",
    )
    refused = silkgate(*life, *strange, "-o", "life.asice", "--json")
    assert "does not know" in refused.row["error"]["message"]["en"]


def test_a_changed_byte_anywhere_is_noticed(
    silkgate: Silkgate, life: list[str], tmp_path: Path
) -> None:
    """Of 40 places over the whole file each changed byte makes the verdict fail."""
    both = ("--document", "bill.json", "--document", "amended.json")
    silkgate(*life, *both, "-o", "life.asice")
    data = Path("life.asice").read_bytes()
    files = []
    for place in range(3, len(data), len(data) // 40):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        path = Path(f"changed-{place}.asice")
        path.write_bytes(changed)
        files.append(path)
    run = silkgate("verify", *files, "--trust", tmp_path / "trust", *VERIFY)
    assert [row["file"] for row in run.rows if row.get("indication") == "TOTAL-PASSED"] == []


def test_an_auditor_who_knows_no_log_is_told_so(
    silkgate: Silkgate, life: list[str], tmp_path: Path
) -> None:
    """Without the log's key the history proves nothing, though the seal is good."""
    both = ("--document", "bill.json", "--document", "amended.json")
    silkgate(*life, *both, "-o", "life.asice")
    Path("trust", "titles.vkey").unlink()
    run = silkgate("verify", "life.asice", "--trust", tmp_path / "trust", *VERIFY)
    assert run.code == 3
    assert (run.row["integrity"], run.row["title"]) == ("UNKNOWN", "unknown")
    with zipfile.ZipFile("life.asice") as container:
        assert "title-history.json" in container.namelist()
