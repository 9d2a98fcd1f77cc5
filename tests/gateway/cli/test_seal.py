"""`silkgate seal`, and seals affixed by `silkgate sign`: to OFD files and to any other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from certs import archive
from gateway import cli
from tests.certs.ofd_sample import PAGE, PLAIN
from tests.gateway.cli.conftest import DECLARATION, Silkgate


@pytest.fixture(scope="module")
def made(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a gateway with a root with SM2, a maker of seals, a key that seals, and its seal."""
    folder = tmp_path_factory.mktemp("seals")
    own = Path(shutil.copytree(home, folder / "own"))

    def run(*words: str | Path) -> dict[str, Any]:
        done = CliRunner().invoke(cli._cli, [*map(str, words), "--home", str(own), "--json"])
        assert done.exit_code == 0, done.output
        said: dict[str, Any] = json.loads(done.stdout)
        return said

    issue = ("keys", "issue", "--crypto", "sm2")
    run(*issue, "sm2root", "--profile", "root")
    for name, profile in (("maker", "document"), ("gongzhang", "seal"), ("other", "seal")):
        run(*issue, name, "--profile", profile, "--issuer", "sm2root")
    (own / "trust" / "sm2.pem").write_bytes((own / "keys" / "sm2root.cert.pem").read_bytes())
    (folder / "stamp.png").write_bytes(b"\x89PNG")
    (folder / "page.ofd").write_bytes(archive.write(PLAIN))
    given = ("--name", "港口公司公章", "--user", own / "keys" / "gongzhang.cert.pem")
    seal = ("seal", "make", folder / "stamp.png", *given, "--key", "maker")
    shown = run(*seal, "-o", folder / "seal.esl")
    assert (shown["maker"], shown["users"]) == ("cn-port maker", ["cn-port gongzhang"])
    return folder


@pytest.fixture
def port(silkgate: Silkgate, made: Path, tmp_path: Path) -> Path:  # noqa: ARG001 - runs in tmp_path
    """Give a copy of that gateway and its files, in the folder where commands run."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path / "own"


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
