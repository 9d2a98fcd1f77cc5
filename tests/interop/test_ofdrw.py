"""ofdrw, the OFD library of others, verifies what we seal, and signs what we verify."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from certs import archive, ofd, verify_any
from certs.sm2 import Sm2PrivateKey
from certs.verdict import Indication
from schemas.clock import utc_now
from tests.certs.chinese import China
from tests.certs.ofd_sample import DESCRIPTION, PAGE, PLAIN, made_seal, packed
from tests.certs.pki import NOW

pytestmark = pytest.mark.interop
HOME = Path(__file__).parent / "ofd" / "target"
JAR = HOME / "ofd-judge-1.jar"


def judge(*asked: str | Path) -> list[str]:
    """Ask the judge (tests/interop/ofd); skips where it was not built."""
    if shutil.which("java") is None or not JAR.is_file():
        pytest.skip("ofdrw is not built here: run `make interop` with Java 17 and Maven")
    command = ["java", "-cp", f"{JAR}:{HOME / 'lib' / '*'}", "silkgate.OfdJudge", *map(str, asked)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return ran.stdout.splitlines()


@pytest.fixture(scope="module")
def china() -> China:
    """Return an operator with SM2 keys."""
    return China.make()


def test_ofdrw_accepts_what_we_seal(china: China, tmp_path: Path):
    """A seal, one in its place with a time-stamp, a signature, both; no changed page or list."""
    plain, own = packed(dict(PLAIN)), made_seal(china)
    sealed = ofd.sign(plain, china.seal, seal=own, now=NOW)
    place = ofd.Place(1, 10, 10)
    files = archive.read(sealed)
    text = files[DESCRIPTION].replace(b"Silkgate", b"Somebody", 1)
    made = {
        "sealed": sealed,
        "placed": ofd.sign(
            plain, china.seal, seal=own, place=place, stamper=china.stamper, now=NOW
        ),
        "signed": ofd.sign(plain, china.seal, now=NOW),
        "both": ofd.sign(sealed, china.seal, now=NOW),
        "page": archive.write({**files, PAGE: files[PAGE] + b" "}),
        "description": archive.write({**files, DESCRIPTION: text}),
    }
    for name, data in made.items():
        (tmp_path / f"{name}.ofd").write_bytes(data)
    said = judge("verify", *(tmp_path / f"{name}.ofd" for name in made))
    assert said[:4] == ["PASSED"] * 4
    assert not any(each.startswith("PASSED") for each in said[4:])


@pytest.mark.parametrize("kind", ["seal", "whole", "digest", "base64", "attributes"])
def test_we_accept_what_ofdrw_signs(china: China, tmp_path: Path, kind: str):
    """Seals open and closed, GB/T 35275 around the digest and with attributes; no changed page."""
    private = china.seal.private
    assert isinstance(private, Sm2PrivateKey)
    for name, data in (
        ("plain.ofd", packed(dict(PLAIN))),
        ("key", private.pkcs8),
        ("certificate", china.seal.certificate.der),
        ("seal.esl", made_seal(china)),
    ):
        (tmp_path / name).write_bytes(data)
    given = ("plain.ofd", "signed.ofd", "key", "certificate", "seal.esl")
    judge("sign", kind, *(tmp_path / each for each in given))
    signed = (tmp_path / "signed.ofd").read_bytes()
    verdict = verify_any(signed, china.trust, (), utc_now())
    assert verdict.passed, verdict.reason
    assert set(PLAIN) <= set(verdict.signatures[0].signed_refs)
    files = archive.read(signed)
    changed = archive.write({**files, PAGE: files[PAGE] + b" "})
    assert verify_any(changed, china.trust, (), utc_now()).indication is Indication.TOTAL_FAILED
