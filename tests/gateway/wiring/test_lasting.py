"""Revocation data over the network: from allowed hosts alone, and believed only when it is good."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID as Access

from certs import xades
from certs.authority.ca import CertificateAuthority, Subject
from certs.authority.issuance import Content, Extension, certify, key_usage
from certs.authority.ocsp import Responder, Standing, request
from certs.errors import NoRevocationData
from certs.keys import SigningKey
from certs.trust import TrustStore
from certs.validation.fetched import Fetched
from certs.validation.online import asking
from certs.validation.sources import Gatherer
from certs.verdict import SubIndication
from gateway.transport.fetching import fetch
from schemas.clock import utc_now
from tests.certs.pki import DOCUMENT

HOUR = timedelta(hours=1)


class Asked(BaseHTTPRequestHandler):
    """Answers OCSP requests, and counts them."""

    responder: ClassVar[Responder]
    count: ClassVar[int] = 0

    def do_POST(self) -> None:
        """Answer as the responder does."""
        Asked.count += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.responder.respond(body)
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    """Return where a responder listens on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


def _world(address: str, standing: Standing) -> tuple[TrustStore, SigningKey]:
    """Return an anchor, and a key whose certificate names the responder."""
    now = utc_now()
    subject = Subject(organisation="O", country="SG", common_name="Root")
    root = CertificateAuthority.create(subject, now=now - HOUR).root
    private = ec.generate_private_key(ec.SECP256R1())
    place = x509.AccessDescription(Access.OCSP, x509.UniformResourceIdentifier(address))
    made = certify(
        Content(
            subject=Subject(organisation="O", country="SG", common_name="S")
            .as_name()
            .public_bytes(),
            issuer=root.certificate.x509.subject.public_bytes(),
            public=private.public_key(),
            not_before=now - HOUR,
            not_after=now + 24 * HOUR,
            extensions=[
                Extension(x509.AuthorityInformationAccess([place])),
                key_usage("digital_signature"),
            ],
        ),
        root.private,
    )
    Asked.responder = Responder(root, root.certificate, lambda _: standing)
    Asked.count = 0
    return TrustStore.of(root.certificate), SigningKey(private, (made,), "s")


def test_an_allowed_host_is_asked_and_believed(address: str) -> None:
    """A revocation that only the responder knows counts; without asking it is not known."""
    trust, key = _world(address, Standing(utc_now() - HOUR / 2))
    data = xades.sign(DOCUMENT, key)
    assert xades.verify(data, trust).passed
    with asking(Fetched(fetch, ["127.0.0.1"])):
        verdict = xades.verify(data, trust)
    assert verdict.subindication is SubIndication.REVOKED_NO_POE
    assert Asked.count == 1


@pytest.mark.parametrize(("nonce", "taken"), [(b"", 1), (bytes(16), 0)])
def test_an_answer_to_somebody_else_is_not_taken(address: str, nonce: bytes, taken: int) -> None:
    """A replayed answer carries another nonce (RFC 9654); one made beforehand carries none."""
    trust, key = _world(address, Standing())
    (root,) = trust.anchors

    def replay(_: str, asked: bytes | None) -> bytes:
        assert asked is not None
        return Asked.responder.respond(request(key.certificate, root, nonce))

    found = Fetched(replay, ["127.0.0.1"]).about(key.certificate, root, utc_now())
    assert len(found.answers) == taken


def test_no_other_host_is_ever_asked(address: str) -> None:
    """A certificate cannot make us call where the operator did not allow it."""
    trust, key = _world(address, Standing())
    source = Fetched(fetch, ["ocsp.example"])
    with asking(source):
        assert xades.verify(xades.sign(DOCUMENT, key), trust).passed
    with pytest.raises(NoRevocationData):
        Gatherer(trust, (source,)).gather([(key.certificate, ())])
    assert Asked.count == 0


def test_what_is_fetched_makes_a_signature_last(address: str) -> None:
    """The answer of the responder is gathered; a responder that is not there gives none."""
    trust, key = _world(address, Standing())
    source = Fetched(fetch, ["127.0.0.1"])
    found = Gatherer(trust, (source,)).gather([(key.certificate, ())])
    assert len(found.answers) == 1
    gone = Fetched(fetch, ["127.0.0.1"])
    trust, key = _world("http://127.0.0.1:9/", Standing())
    with pytest.raises(NoRevocationData):
        Gatherer(trust, (gone,)).gather([(key.certificate, ())])
