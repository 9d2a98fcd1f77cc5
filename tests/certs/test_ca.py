from __future__ import annotations

import ssl
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from certs.authority.ca import TSA
from certs.domain import create_domain
from tests.certs.pki import NOW, World


@pytest.mark.parametrize("name", ["seal", "tsa", "accesspoint", "tls", "log"])
def test_openssl_accepts_every_certificate(world: World, tmp_path: Path, name: str) -> None:
    """Strict path validation by openssl finds nothing wrong with the certificates."""
    root, leaf = tmp_path / "root.pem", tmp_path / "leaf.pem"
    root.write_bytes(world.domain.root.pem)
    leaf.write_bytes(world.domain.keys.load(name).certificate.pem)
    moment = str(int(NOW.timestamp()))
    done = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-attime", moment, "-CAfile", root, leaf],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_time_stamping_certificate_has_that_purpose_alone(world: World) -> None:
    """EKU timeStamping, critical and sole (RFC 3161, 2.3)."""
    certificate = world.domain.keys.load("tsa").certificate
    assert certificate.purposes == frozenset({"1.3.6.1.5.5.7.3.8"})
    assert certificate.purposes_critical


def test_a_server_can_use_the_tls_key(tmp_path: Path) -> None:
    """The TLS key and chain load into a server's context and name the loopback addresses."""
    keys = create_domain(tmp_path, "Port A", "SG", secret="").keys
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(keys.chain_file("tls"), keys.key_file("tls"))
    names = keys.load("tls").certificate.x509.extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert names.value.get_values_for_type(x509.DNSName) == ["localhost"]
    assert len(names.value.get_values_for_type(x509.IPAddress)) == 2


def test_no_certificate_outlives_the_root(world: World) -> None:
    """A longer lifetime is cut at the end of the root."""
    key = world.key(TSA, lifetime=timedelta(days=365 * 100))
    assert key.certificate.not_after == world.domain.root.not_after


def test_an_organisation_identifier_is_in_the_name(tmp_path: Path) -> None:
    """A legal person is named by its identifier (EN 319 412-1, 5.1.4)."""
    domain = create_domain(tmp_path, "Port A", "SG", secret="", identifier="VATSG-200312345X")
    subject = domain.keys.load("seal").certificate.x509.subject.rfc4514_string()
    assert "VATSG-200312345X" in subject
