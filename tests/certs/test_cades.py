from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from certs import cades
from certs.algorithms import PrivateKey
from certs.domain import create_domain
from certs.verdict import BlockIndication, Indication, SubIndication
from tests.certs.pki import NOW, World

DATA = b"cargo manifest"


@pytest.mark.parametrize(
    "private",
    [
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP384R1()),
        ed25519.Ed25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 2048),
    ],
)
def test_openssl_accepts_every_type_of_key(
    world: World, tmp_path: Path, private: PrivateKey
) -> None:
    """`openssl cms -verify -cades` accepts the signature; so do we."""
    signature = cades.sign(DATA, world.key(private=private), signed_at=NOW)
    (tmp_path / "s.p7s").write_bytes(signature)
    (tmp_path / "data").write_bytes(DATA)
    (tmp_path / "root.pem").write_bytes(world.domain.root.pem)
    command = (
        "openssl cms -verify -cades -binary -inform DER -in s.p7s -content data -CAfile root.pem "
        f"-purpose any -attime {int(NOW.timestamp())}"
    )
    if not isinstance(private, ed25519.Ed25519PrivateKey):  # openssl 3.0 signs no CMS with it
        done = subprocess.run(command.split(), cwd=tmp_path, check=False, capture_output=True)
        assert done.returncode == 0, done.stderr
    assert cades.verify(signature, DATA, world.trust, at=NOW).passed


@pytest.mark.parametrize("padding", ["pkcs1", "pss -keyopt rsa_pss_saltlen:digest"])
def test_signatures_by_openssl_are_verified(tmp_path: Path, padding: str) -> None:
    """RSA by another implementation, with both paddings."""
    domain = create_domain(tmp_path / "keys", "Port A", "SG", secret="")
    make = (
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -days 2 -subj /CN=Own "
        "-addext keyUsage=critical,digitalSignature"
    )
    subprocess.run(make.split(), cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "data").write_bytes(DATA)
    sign = (
        "openssl cms -sign -cades -binary -md sha256 -in data -outform DER -signer c.pem "
        f"-inkey k.pem -out s.p7s -keyopt rsa_padding_mode:{padding}"
    )
    subprocess.run(sign.split(), cwd=tmp_path, check=True, capture_output=True)
    (domain.trust_folder / "own.pem").write_bytes((tmp_path / "c.pem").read_bytes())
    verdict = cades.verify((tmp_path / "s.p7s").read_bytes(), DATA, domain.trust)
    assert verdict.passed, verdict.reason


def test_a_time_stamp_is_over_the_signature_value(world: World) -> None:
    """CAdES-B-T passes long after the certificate ended."""
    signature = cades.sign(DATA, world.seal, stamper=world.stamper, signed_at=NOW)
    verdict = cades.verify(signature, DATA, world.trust, at=NOW + timedelta(days=3000))
    (report,) = verdict.signatures
    assert (verdict.passed, report.level, report.time) == (True, "CAdES-BASELINE-T", NOW)
    assert report.timestamps[0].indication is BlockIndication.PASSED


def test_other_content_fails(world: World) -> None:
    """The digest decides, before anybody asks who signed."""
    signature = cades.sign(DATA, world.seal, signed_at=NOW)
    verdict = cades.verify(signature, b"other", world.trust, at=NOW)
    assert verdict.indication is Indication.TOTAL_FAILED
    assert verdict.subindication is SubIndication.HASH_FAILURE


def test_every_flip_is_noticed(world: World) -> None:
    """One bit changed anywhere in the signature."""
    signature = cades.sign(DATA, world.seal, stamper=world.stamper, signed_at=NOW)
    for place in range(len(signature)):
        broken = bytearray(signature)
        broken[place] ^= 1 << place % 8
        assert not cades.verify(bytes(broken), DATA, world.trust, at=NOW).passed, place
