"""`silkgate trust`, and what `silkgate verify` says of the worth of a signature."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.gateway.cli.conftest import DECLARATION

DRAFT = """
domain = "{domain}"
sequence = {sequence}
next_update_days = 90
{more}
"""
SERVICE = """
[[service]]
name = "Root"
kind = "any"
certificate = "root.pem"
history = [{ status = "granted", level = "secure", from = 2026-01-01T00:00:00Z }]
"""
RECORD = """
[[recognise]]
from = "SG"
service = "seal"
levels = { high = "substantial" }
basis = { en = "Agreement", zh = "协定" }
documents = ["declaration"]
valid_from = 2026-01-01T00:00:00Z
"""


@pytest.fixture
def port(silkgate, tmp_path: Path) -> Path:
    """Return a gateway's folder."""
    ran = silkgate("keys", "init", "--home", "port", "--id", "sg-port", "--country", "SG")
    assert ran.code == 0, ran.err
    return tmp_path / "port"


def draft(folder: Path, domain: str, more: str, sequence: int = 1) -> Path:
    """Write a draft with the root beside it."""
    path = folder / f"{domain}.toml"
    path.write_text(DRAFT.format(domain=domain, sequence=sequence, more=more), "utf-8")
    return path


@pytest.fixture
def auditor(silkgate, port: Path, tmp_path: Path) -> Path:
    """Return a trust folder in China that recognises Singapore's seals for declarations."""
    folder = tmp_path / "auditor"
    folder.mkdir()
    shutil.copy(port / "trust" / "root.pem", tmp_path)
    here = ("trust", "here", "CN-SM2", "--trust", folder)
    assert silkgate(*here, "--signer", port / "keys" / "seal.cert.pem").code == 0
    for domain, more in (("SG", SERVICE), ("CN-SM2", RECORD)):
        made = draft(tmp_path, domain, more)
        out = tmp_path / f"{domain}.jws"
        ran = silkgate("trust", "sign", made, "--key", "seal", "--home", port, "-o", out)
        assert ran.code == 0, ran.err
        ran = silkgate("trust", "import", out, "--trust", folder, "--json")
        assert ran.code == 0, ran.err
        assert (ran.row["domain"], ran.row["sequence"]) == (domain, 1)
    return folder


def test_a_verdict_says_what_a_signature_is_worth(silkgate, port: Path, auditor: Path):
    """Home level, level accorded, basis, list with number and hash: all in the JSON."""
    signed = ("sign", DECLARATION, "--key", "seal", "--home", port, "-o", "signed.xml")
    assert silkgate(*signed).code == 0
    ran = silkgate("verify", "signed.xml", "--trust", auditor, "--json")
    assert ran.code == 0, ran.err
    worth = ran.row["recognition"]
    # The seal names no organisation by an identifier of its domain: low, and so nothing here.
    assert (worth["from"], worth["to"], worth["home_level"]) == ("SG", "CN-SM2", "low")
    assert worth["list"]["sequence"] == 1
    assert [each["check"] for each in worth["checks"]] == ["identifier"]
    assert set(worth["explanation"]) == {"en", "zh"}
    told = silkgate("verify", "signed.xml", "--trust", auditor)
    assert worth["explanation"]["en"] in told.out


def test_a_list_rolled_back_is_refused_and_named(
    silkgate, port: Path, auditor: Path, tmp_path: Path
):
    """Import refuses an older list; verify says on stderr which list it left out."""
    newer = draft(tmp_path, "SG", SERVICE, sequence=2)
    signing = ("--key", "seal", "--home", port)
    assert silkgate("trust", "sign", newer, *signing, "-o", "new.jws").code == 0
    assert silkgate("trust", "import", "new.jws", "--trust", auditor).code == 0
    ran = silkgate("trust", "import", "SG.jws", "--trust", auditor, "--json")
    assert ran.code == 3
    assert ran.row["error"]["code"] == "SG-3802"
    shutil.copy("SG.jws", auditor / "domains" / "SG.jws")
    shown = silkgate("trust", "show", "--trust", auditor, "--json")
    assert [row["error"]["code"] for row in shown.rows if "error" in row] == ["SG-3802"]
    assert silkgate("sign", DECLARATION, *signing, "-o", "signed.xml").code == 0
    assert "SG-3802" not in silkgate("verify", "signed.xml", "--trust", auditor).out
    ran = silkgate("verify", "signed.xml", "--trust", auditor, "--json")
    assert ran.row["indication"] == "INDETERMINATE"
    assert "number 2 was seen before" in ran.err


def test_a_draft_with_a_mistake_is_not_signed(silkgate, port: Path, tmp_path: Path):
    """What is wrong is said, and nothing is written."""
    bad = draft(tmp_path, "SG", "surprise = 1")
    ran = silkgate("trust", "sign", bad, "--key", "seal", "--home", port, "-o", "x.jws")
    assert ran.code == 3
    assert "surprise" in ran.err
    assert not Path("x.jws").exists()


def test_a_seal_without_identifier_mandates_nobody(silkgate, port: Path):
    """A mandate is given by an organisation that its seal identifies."""
    ran = silkgate(
        *("trust", "mandate", "--key", "seal", "--home", port, "--scope", "*"),
        *("--agent", port / "keys" / "seal.cert.pem", "-o", "m.jws"),
    )
    assert ran.code == 3
    assert "SG-3803" in ran.err


def test_a_mandate_is_given_as_a_credential(silkgate, port: Path, tmp_path: Path):
    """`--form vc` writes a credential that `verify` takes as the mandate it is."""
    issue = ("keys", "issue", "--home", port)
    given = ("--profile", "seal", "--identifier", "NTRSG-201912345K")
    assert silkgate(*issue, "company", *given).code == 0
    agent = port / "keys" / "seal.cert.pem"
    mandate = ("trust", "mandate", "--key", "company", "--home", port, "--agent", agent)
    ran = silkgate(*mandate, "--scope", "*", "--form", "vc", "-o", "m.vc.jwt")
    assert ran.code == 0, ran.err
    assert silkgate("sign", DECLARATION, "--key", "seal", "--home", port, "-o", "s.xml").code == 0
    ran = silkgate("verify", "s.xml", "--home", port, "--mandate", "m.vc.jwt", "--json")
    assert (ran.code, ran.row["recognition"]["acts_for"]["status"]) == (0, "in-order")
    assert (tmp_path / "m.vc.jwt").read_bytes().count(b".") == 2


def test_the_gateway_attests_a_foreign_verification(silkgate, port: Path, auditor: Path):
    """The report is sealed by the gateway, the original unchanged; nothing for what failed."""
    signing = ("--key", "seal", "--home", port)
    assert silkgate("sign", DECLARATION, *signing, "-o", "signed.xml").code == 0
    attest = ("attest", "signed.xml", *signing, "--trust", auditor, "-o", "a.asice", "--json")
    ran = silkgate(*attest)
    assert ran.code == 0, ran.err
    assert ran.row["recognition"]["from"] == "SG"
    assert silkgate("verify", "a.asice", "--home", port).code == 0
    Path("signed.xml").write_bytes(Path("signed.xml").read_bytes().replace(b"<!--", b"<!-- x"))
    changed = Path("signed.xml").read_bytes().replace(b"</", b" </", 1)
    Path("signed.xml").write_bytes(changed)
    Path("a.asice").unlink()
    ran = silkgate(*attest)
    assert (ran.code, ran.row["error"]["code"]) == (3, "SG-3804")
    assert not Path("a.asice").exists()
