"""An OCSP responder (RFC 6960): tells for certificates of one issuer whether they are revoked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from certs.algorithms import default_scheme
from certs.asn1 import der
from certs.errors import MalformedDer
from certs.keys import SigningKey
from certs.x509.certificate import Certificate
from schemas.clock import utc_now

_BASIC: Final = "1.3.6.1.5.5.7.48.1.1"
_NONCE: Final = "1.3.6.1.5.5.7.48.1.2"
_ENUMERATED: Final = 0x0A
_GOOD: Final = b"\x80\x00"
_UNKNOWN: Final = b"\x82\x00"
_MALFORMED: Final = 1
_UNAUTHORIZED: Final = 6
_MOST_REQUESTS: Final = 16
_LONGEST_NONCE: Final = 128  # RFC 9654
_LONGEST_REQUEST: Final = 16 * 1024
_DIGESTS: Final = {"1.3.14.3.2.26": "sha1", "2.16.840.1.101.3.4.2.1": "sha256"}
_EXTENSIONS_TAG: Final = 0xA2


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known about a serial; without `revoked` the certificate is good."""

    revoked: datetime | None = None


class Responder:
    """Answers requests about the certificates of `issuer`; `known` gives None for strange serials.

    The answers are signed by `key`: the issuer's own, or one it issued with EKU OCSPSigning.
    """

    def __init__(
        self,
        key: SigningKey,
        issuer: Certificate,
        known: Callable[[int], Standing | None],
        *,
        clock: Callable[[], datetime] = utc_now,
        lifetime: timedelta = timedelta(hours=12),
    ) -> None:
        """Take the digests of the issuer's name and key once."""
        self._key = key
        self._known = known
        self._clock = clock
        self._lifetime = lifetime
        self._scheme = default_scheme(key.private)
        self._certificates = (
            b"" if key.certificate == issuer else der.context(0, der.sequence(key.certificate.der))
        )
        name, public = issuer.x509.subject.public_bytes(), issuer.key_octets
        self._issuers = {
            oid: (hashlib.new(digest, name).digest(), hashlib.new(digest, public).digest())
            for oid, digest in _DIGESTS.items()
        }
        responder = hashlib.sha1(key.certificate.key_octets, usedforsecurity=False).digest()
        self._id = der.context(2, der.octets(responder))

    def respond(self, request: bytes) -> bytes:
        """Return the response (DER) to a request; a request that is none gets an error response."""
        return respond((self,), request)

    def speaks_for(self, asked: Iterable[der.Node]) -> bool:
        """Tell whether all CertIDs name the issuer; raises MalformedDer for what is none."""
        return all(self._is_ours(each) for each in asked)

    def _is_ours(self, asked: der.Node) -> bool:
        algorithm, name, key, _ = asked.children()
        wanted = self._issuers.get(algorithm.children()[0].dotted())
        return wanted == (name.expect(der.OCTET_STRING).content, key.content)

    def answer(self, asked: list[der.Node], nonce: bytes) -> bytes:
        """Return the response (DER) about CertIDs of the issuer."""
        now = self._clock().replace(microsecond=0)
        until = der.context(0, der.generalized_time(now + self._lifetime))
        answers = (
            der.sequence(
                each.encoded,
                self._standing(each.children()[3].number()),
                der.generalized_time(now),
                until,
            )
            for each in asked
        )
        extensions = der.context(1, der.sequence(nonce)) if nonce else b""
        data = der.sequence(self._id, der.generalized_time(now), der.sequence(*answers), extensions)
        signature = der.tlv(der.BIT_STRING, b"\x00", self._scheme.sign(self._key.private, data))
        basic = der.sequence(data, self._scheme.identifier, signature, self._certificates)
        wrapped = der.sequence(der.oid(_BASIC), der.octets(basic))
        return der.sequence(der.tlv(_ENUMERATED, b"\x00"), der.context(0, wrapped))

    def _standing(self, serial: int) -> bytes:
        standing = self._known(serial)
        if standing is None:
            return _UNKNOWN
        if standing.revoked is None:
            return _GOOD
        return der.context(1, der.generalized_time(standing.revoked.replace(microsecond=0)))


def respond(responders: Iterable[Responder], request: bytes) -> bytes:
    """Return the response (DER) of the one that speaks for the issuer asked about.

    A request that is none, or about an issuer that none of them speaks for, gets an error response.
    """
    try:
        asked, nonce = _read(request)
        for each in responders:
            if each.speaks_for(asked):
                return each.answer(asked, nonce)
    except (MalformedDer, IndexError, ValueError):
        return _failure(_MALFORMED)
    return _failure(_UNAUTHORIZED)


def request(each: Certificate, issuer: Certificate, nonce: bytes = b"") -> bytes:
    """Return the request (DER) about one certificate; its CertID is over SHA-256.

    `nonce`, 16 to 32 random octets, ties the answer to the request (RFC 9654).
    """
    sha256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"), der.null())
    name = hashlib.sha256(issuer.x509.subject.public_bytes()).digest()
    key = hashlib.sha256(issuer.key_octets).digest()
    asked = der.sequence(sha256, der.octets(name), der.octets(key), der.integer(each.serial))
    body = [der.sequence(der.sequence(asked))]
    if nonce:
        value = der.sequence(der.oid(_NONCE), der.octets(der.octets(nonce)))
        body.append(der.context(2, der.sequence(value)))
    return der.sequence(der.sequence(*body))


def _read(request: bytes) -> tuple[list[der.Node], bytes]:
    """Return the CertIDs asked about, and the nonce extension to be echoed."""
    if len(request) > _LONGEST_REQUEST:
        raise MalformedDer(reason="it is too long")
    asked: list[der.Node] = []
    nonce = b""
    for part in der.parse(request).children()[0].expect(der.SEQUENCE).children():
        if part.tag == der.SEQUENCE:
            asked = [each.children()[0].expect(der.SEQUENCE) for each in part.children()]
        elif part.tag == _EXTENSIONS_TAG:
            nonce = _nonce(part)
    if not 0 < len(asked) <= _MOST_REQUESTS:
        raise MalformedDer(reason="it asks about nothing, or too much")
    return asked, nonce


def _nonce(extensions: der.Node) -> bytes:
    for each in extensions.children()[0].children():
        if each.children()[0].dotted() == _NONCE and len(each.encoded) <= _LONGEST_NONCE:
            return each.encoded
    return b""


def _failure(status: int) -> bytes:
    return der.sequence(der.tlv(_ENUMERATED, bytes((status,))))
