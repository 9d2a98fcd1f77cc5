from __future__ import annotations

import time
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import OCSPNonce, ocsp

from certs.authority.ocsp import Responder, Standing
from certs.x509.certificate import Certificate
from tests.certs.pki import NOW, World

REVOKED = NOW - timedelta(days=3)


def asked(leaf: Certificate, issuer: Certificate, *, nonce: bytes = b"") -> bytes:
    """Return a request about a certificate."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(leaf.x509, issuer.x509, hashes.SHA1())  # noqa: S303
    if nonce:
        builder = builder.add_extension(OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def responder(world: World, standing: Standing | None) -> Responder:
    """Return a responder that knows the same about every serial."""
    root = world.domain.keys.load("root")
    return Responder(root, root.certificate, lambda _: standing, clock=lambda: NOW)


@pytest.mark.parametrize(
    ("standing", "status"),
    [
        (Standing(), ocsp.OCSPCertStatus.GOOD),
        (Standing(REVOKED), ocsp.OCSPCertStatus.REVOKED),
        (None, ocsp.OCSPCertStatus.UNKNOWN),
    ],
)
def test_an_answer_says_what_is_known(
    world: World, standing: Standing | None, status: ocsp.OCSPCertStatus
) -> None:
    """Another library reads the status, the times and the nonce, and checks the signature."""
    leaf, root = world.seal.certificate, world.domain.keys.load("root").certificate
    request = asked(leaf, root, nonce=b"0123456789abcdef")
    found = ocsp.load_der_ocsp_response(responder(world, standing).respond(request))
    assert found.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
    assert found.certificate_status is status
    assert found.serial_number == leaf.serial
    assert found.revocation_time_utc == (standing.revoked if standing else None)
    assert (found.this_update_utc, found.produced_at_utc) == (NOW, NOW)
    assert found.extensions.get_extension_for_class(OCSPNonce).value.nonce == b"0123456789abcdef"
    assert isinstance(root.public_key, ec.EllipticCurvePublicKey)
    root.public_key.verify(found.signature, found.tbs_response_bytes, ec.ECDSA(hashes.SHA256()))


def test_another_issuer_is_not_spoken_for(world: World, stranger: World) -> None:
    """A request about somebody else's certificate gets `unauthorized`."""
    theirs = stranger.domain.keys.load("root").certificate
    answer = responder(world, Standing()).respond(asked(stranger.seal.certificate, theirs))
    status = ocsp.load_der_ocsp_response(answer).response_status
    assert status is ocsp.OCSPResponseStatus.UNAUTHORIZED


@pytest.mark.parametrize("request_", [b"", b"\x30\x00", b"\x30\x02\x30\x00", b"x" * 20_000])
def test_what_is_no_request_gets_an_error(world: World, request_: bytes) -> None:
    """Nothing is signed for octets that ask nothing."""
    answer = responder(world, Standing()).respond(request_)
    status = ocsp.load_der_ocsp_response(answer).response_status
    assert status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_answers_are_quick(world: World) -> None:
    """At least a thousand a second of processor time, on any machine that tests run on."""
    root = world.domain.keys.load("root").certificate
    request, known = asked(world.seal.certificate, root), responder(world, Standing())
    start = time.process_time()
    for _ in range(300):
        known.respond(request)
    assert time.process_time() - start < 0.3
