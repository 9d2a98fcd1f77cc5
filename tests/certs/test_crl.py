from __future__ import annotations

import shutil
import subprocess
import time
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from certs.authority import crl
from certs.x509.revocation_list import load_list
from tests.certs.pki import NOW, World

MANY = 100_000


def written(world: World, *entries: crl.Entry) -> bytes:
    """Return a list of the world's root."""
    root = world.domain.keys.load("root")
    end = NOW + timedelta(days=7)
    return crl.write(root, entries, number=300, this_update=NOW, next_update=end)


def test_a_list_says_what_was_written(world: World) -> None:
    """Times, number, key identifier, serials and reasons are read back by another library."""
    entries = (crl.Entry(1 << 130, NOW), crl.Entry(128, NOW - timedelta(days=1), reason=6))
    read = x509.load_der_x509_crl(written(world, *entries))
    root = world.domain.keys.load("root").certificate
    assert isinstance(root.public_key, ec.EllipticCurvePublicKey)
    assert read.is_signature_valid(root.public_key)
    assert read.issuer == root.x509.subject
    assert (read.last_update_utc, read.next_update_utc) == (NOW, NOW + timedelta(days=7))
    assert read.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 300
    named = read.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert named.key_identifier == root.key_id
    assert [each.serial_number for each in read] == [1 << 130, 128]
    (reason,) = read[1].extensions
    assert reason.value == x509.CRLReason(x509.ReasonFlags.certificate_hold)


def test_an_empty_list_has_no_entries(world: World) -> None:
    """RFC 5280, 5.1.2.6: without revoked certificates the field is absent."""
    assert list(x509.load_der_x509_crl(written(world))) == []


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_accepts_a_list(world: World, tmp_path: Path) -> None:
    """An independent tool verifies the signature."""
    (tmp_path / "root.pem").write_bytes(world.domain.keys.load("root").certificate.pem)
    (tmp_path / "list.der").write_bytes(written(world, crl.Entry(5, NOW)))
    command = ["openssl", "crl", "-inform", "DER", "-in", "list.der", "-CAfile", "root.pem"]
    run = subprocess.run([*command, "-noout"], cwd=tmp_path, capture_output=True, check=True)
    assert b"verify OK" in run.stdout + run.stderr


def test_a_hundred_thousand_entries_take_no_time(world: World) -> None:
    """Written in at most 2 seconds, and read in as many."""
    start = time.process_time()
    data = written(world, *(crl.Entry(number + 1, NOW) for number in range(MANY)))
    assert time.process_time() - start < 2
    start = time.process_time()
    found = load_list(data)
    assert found.entry(found.issuer, MANY) is not None
    assert time.process_time() - start < 2
