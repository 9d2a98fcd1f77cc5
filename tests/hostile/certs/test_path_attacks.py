from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from certs import path
from certs.errors import MalformedCertificate
from certs.trust import TrustStore
from certs.verdict import Refused, SubIndication
from certs.x509 import certificate
from certs.x509.certificate import Certificate
from tests.certs.pki import NOW

Builder = x509.CertificateBuilder
Key = ec.EllipticCurvePrivateKey
KEY = ec.generate_private_key(ec.SECP256R1())


def name(text: str) -> x509.Name:
    """Return a name with this common name."""
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def certificate_of(
    subject: str,
    issuer: str,
    *,
    signer: Key = KEY,
    key: Key = KEY,
    authority: bool = True,
    path_length: int | None = None,
    change: Callable[[Builder], Builder] = lambda builder: builder,
    serial: int = 1,
) -> Certificate:
    """Return a certificate with the given aspects, valid around NOW."""
    builder = (
        Builder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.BasicConstraints(authority, path_length), critical=True)
    )
    signed = change(builder).sign(signer, hashes.SHA256())
    return certificate.load(signed.public_bytes(Encoding.DER))


ROOT = certificate_of("Root", "Root")
TRUST = TrustStore.of(ROOT)


def refused(leaf: Certificate, *extra: Certificate) -> SubIndication:
    """Return why there is no path."""
    with pytest.raises(Refused) as caught:
        path.find(leaf, extra, TRUST, NOW)
    return caught.value.sub


def test_a_path_over_an_intermediate_is_found() -> None:
    """What the tests below break holds when nothing is broken."""
    middle = certificate_of("Middle", "Root")
    leaf = certificate_of("Leaf", "Middle", authority=False)
    assert path.find(leaf, (middle,), TRUST, NOW).certificates == (leaf, middle, ROOT)


@pytest.mark.parametrize("first", ["leaf", "other"])
def test_names_are_compared_without_case_and_spaces(first: str) -> None:
    """RFC 5280, 7.1: “ ROOT ” issues for “root”."""
    leaf = certificate_of(first, " rOOT ", authority=False)
    assert path.find(leaf, (), TRUST, NOW).anchor == ROOT


def test_a_path_longer_than_allowed_is_refused() -> None:
    """PathLenConstraint 0 allows no further authority below."""
    upper = certificate_of("Upper", "Root", path_length=0)
    lower = certificate_of("Lower", "Upper")
    leaf = certificate_of("Leaf", "Lower", authority=False)
    assert refused(leaf, upper, lower) is SubIndication.CHAIN_CONSTRAINTS_FAILURE


def test_a_self_issued_certificate_does_not_count() -> None:
    """A roll-over certificate of the same name is not counted in the length."""
    upper = certificate_of("Upper", "Root", path_length=0)
    rolled = certificate_of("Upper", "Upper", path_length=0, serial=2)
    leaf = certificate_of("Leaf", "Upper", authority=False)
    assert path.find(leaf, (rolled, upper), TRUST, NOW).anchor == ROOT


def test_an_authority_that_may_not_sign_certificates_is_refused() -> None:
    """Key usage without keyCertSign."""
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    middle = certificate_of(
        "Middle", "Root", change=lambda builder: builder.add_extension(usage, critical=True)
    )
    leaf = certificate_of("Leaf", "Middle", authority=False)
    assert refused(leaf, middle) is SubIndication.CHAIN_CONSTRAINTS_FAILURE


@pytest.mark.parametrize(
    ("extension", "critical"),
    [
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True),
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.30"), b"\x05\x00"), False),
        (x509.NameConstraints([x509.DirectoryName(name("Leaf 2"))], None), True),
        (x509.NameConstraints([x509.DirectoryName(name("Leaf 2"))], None), False),
        (x509.NameConstraints(None, [x509.DirectoryName(name("leaf"))]), True),
        (x509.PolicyConstraints(0, None), False),
    ],
)
def test_what_is_unknown_or_breaks_a_constraint_is_refused(
    extension: x509.ExtensionType, *, critical: bool
) -> None:
    """Unknown critical extensions, malformed and broken constraints on names and policies."""
    middle = certificate_of(
        "Middle", "Root", change=lambda builder: builder.add_extension(extension, critical)
    )
    leaf = certificate_of("Leaf", "Middle", authority=False)
    assert refused(leaf, middle) is SubIndication.CHAIN_CONSTRAINTS_FAILURE


def test_a_web_of_cross_certificates_costs_little() -> None:
    """Every authority certified by every other: the search gives up within its budget."""
    names = [f"CA {number}" for number in range(12)]
    web = [
        certificate_of(one, two, serial=20 * n + m + 1)
        for n, one in enumerate(names)
        for m, two in enumerate(names)
        if one != two
    ]
    leaf = certificate_of("Leaf", "CA 0", authority=False)
    start = time.process_time()
    assert refused(leaf, *web) is SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE
    assert time.process_time() - start < 0.5


def test_a_loop_ends() -> None:
    """Two authorities that certify each other lead nowhere."""
    one, two = certificate_of("One", "Two"), certificate_of("Two", "One")
    leaf = certificate_of("Leaf", "One", authority=False)
    assert refused(leaf, one, two) is SubIndication.NO_CERTIFICATE_CHAIN_FOUND


def test_a_name_alone_issues_nothing() -> None:
    """The issuer's name with another key: the signature decides."""
    other = ec.generate_private_key(ec.SECP256R1())
    leaf = certificate_of("Leaf", "Root", signer=other, authority=False)
    assert refused(leaf) is SubIndication.NO_CERTIFICATE_CHAIN_FOUND


@pytest.mark.parametrize("data", [b"", b"\x30\x00", b"x" * 100_000, b"-----BEGIN CERTIFICATE-----"])
def test_what_is_no_certificate_is_refused(data: bytes) -> None:
    """Broken, empty or far too large: one error, nothing else."""
    with pytest.raises(MalformedCertificate):
        certificate.load_all(data)
