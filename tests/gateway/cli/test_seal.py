"""`silkgate seal`, and seals affixed by `silkgate sign`: to OFD files and to any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from certs import archive
from tests.certs.ofd_sample import PAGE, PLAIN
from tests.gateway.cli.conftest import DECLARATION, Silkgate


@pytest.fixture
def port(silkgate: Silkgate, own: Path, tmp_path: Path) -> Path:
    """Return a gateway with a root with SM2, a maker of seals, and a key that seals."""
    issue = ("keys", "issue", "--home", own, "--crypto", "sm2")
    assert silkgate(*issue, "sm2root", "--profile", "root").code == 0
    for name, profile in (("maker", "document"), ("gongzhang", "seal"), ("other", "seal")):
        ran = silkgate(*issue, name, "--profile", profile, "--issuer", "sm2root")
        assert ran.code == 0, ran.err
    (own / "trust" / "sm2.pem").write_bytes((own / "keys" / "sm2root.cert.pem").read_bytes())
    (tmp_path / "stamp.png").write_bytes(b"\x89PNG")
    (tmp_path / "page.ofd").write_bytes(archive.write(PLAIN))
    user = own / "keys" / "gongzhang.cert.pem"
    given = ("--name", "港口公司公章", "--user", user, "--key", "maker", "--home", own)
    ran = silkgate("seal", "make", "stamp.png", *given, "-o", "seal.esl", "--json")
    assert ran.code == 0, ran.err
    assert (ran.row["maker"], ran.row["users"]) == ("cn-port maker", ["cn-port gongzhang"])
    return own


def test_an_ofd_file_is_sealed_and_verified(silkgate: Silkgate, port: Path, tmp_path: Path):
    """The form follows from the file; what was signed is named, a change is found."""
    signing = ("--key", "gongzhang", "--home", port, "--seal", "seal.esl", "--place", 1, 150, 220)
    ran = silkgate("sign", "page.ofd", *map(str, signing), "-o", "sealed.ofd", "--json")
    assert (ran.code, ran.row["form"], ran.row["level"]) == (0, "ofd", "t"), ran.err
    judge = ("verify", "sealed.ofd", "--home", port, "--json")
    ran = silkgate(*judge)
    assert ran.code == 0, ran.row
    (signature,) = ran.row["signatures"]
    assert set(signature["signed_refs"]) == set(PLAIN)
    assert signature["timestamps"][0]["indication"] == "PASSED"
    files = archive.read((tmp_path / "sealed.ofd").read_bytes())
    changed = archive.write({**files, PAGE: files[PAGE] + b" "})
    (tmp_path / "sealed.ofd").write_bytes(changed)
    ran = silkgate(*judge)
    assert (ran.code, ran.row["subindication"]) == (3, "HASH_FAILURE")


def test_any_file_is_sealed_beside_it(silkgate: Silkgate, port: Path):
    """`gbt38540` gives the seal's signature alone; only its users affix it with effect."""
    given = ("sign", DECLARATION, "--home", port, "--form", "gbt38540", "--seal", "seal.esl")
    assert silkgate(*given, "--key", "gongzhang", "-o", "good.ses").code == 0
    beside = ("--detached", DECLARATION, "--home", port, "--json")
    assert silkgate("verify", "good.ses", *beside).code == 0
    assert silkgate(*given, "--key", "other", "-o", "bad.ses").code == 0
    ran = silkgate("verify", "bad.ses", *beside)
    assert (ran.code, ran.row["subindication"]) == (3, "SIG_CONSTRAINTS_FAILURE")


def test_a_seal_is_shown_while_it_is_whole(silkgate: Silkgate, port: Path, tmp_path: Path):
    """Name, maker, users and period; exit 3 for one that was changed."""
    ran = silkgate("seal", "show", "seal.esl", "--json")
    assert (ran.code, ran.row["name"], ran.row["version"]) == (0, "港口公司公章", 4)
    assert ran.row["picture"] == {"kind": "png", "bytes": 4, "width": 42, "height": 42}
    assert "港口公司公章" in silkgate("seal", "show", "seal.esl").out
    data = (tmp_path / "seal.esl").read_bytes()
    (tmp_path / "seal.esl").write_bytes(data.replace("港口".encode(), "口港".encode()))
    ran = silkgate("seal", "show", "seal.esl", "--json")
    assert (ran.code, ran.row["error"]["code"]) == (3, "SG-3307")
    assert silkgate("seal", "show", DECLARATION).code == 3
    assert port.is_dir()


def test_a_seal_is_for_the_forms_that_have_one(silkgate: Silkgate, port: Path):
    """No seal for XAdES, no sealing without a seal, no SM2 form with another key."""
    given = ("--key", "gongzhang", "--home", port, "-o", "x")
    assert silkgate("sign", DECLARATION, *given, "--seal", "seal.esl").code == 2
    assert silkgate("sign", DECLARATION, *given, "--form", "gbt38540").code == 2
    assert silkgate("sign", "page.ofd", *given, "--level", "lta").code == 2
    ran = silkgate("sign", "page.ofd", "--key", "seal", "--home", port, "-o", "x", "--json")
    assert ran.row["error"]["code"] == "SG-3102"
