"""OCSP responses (RFC 6960) as a relying party reads them: for whom, by whom, good or not."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from cryptography import x509

from certs.algorithms import Scheme, scheme_of_identifier
from certs.asn1 import der
from certs.decision.model import Status
from certs.digests import digest_by_oid
from certs.errors import MalformedCertificate, MalformedDer, UnsupportedAlgorithm
from certs.path.made import issued
from certs.x509 import certificate as certificates
from certs.x509 import ocsp_response
from certs.x509.certificate import Certificate, NameKey, name_key

_ARCHIVE_CUTOFF: Final = "1.3.6.1.5.5.7.48.1.6"
_NONCE: Final = "1.3.6.1.5.5.7.48.1.2"
_CERT_HASH: Final = "1.3.36.8.3.13"
_OCSP_SIGNING: Final = "1.3.6.1.5.5.7.3.9"
_MOST_SINGLES: Final = 64
_LONGEST: Final = 256 * 1024
# CRLReason (RFC 5280, 5.3.1), as far as a decision tells them apart.
_REASONS: Final = {1: "keyCompromise", 2: "cACompromise", 6: "certificateHold"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """What is said about one certificate; the CertID names it by digests of its issuer."""

    algorithm: str
    name_hash: bytes
    key_hash: bytes
    serial: int
    status: Status
    revoked: datetime | None
    reason: str
    this_update: datetime
    next_update: datetime | None
    kept_since: datetime | None = None
    certificate_hash: tuple[str, bytes] | None = None

    def is_about(self, each: Certificate, issuer: Certificate) -> bool:
        """Tell whether the CertID fits name and key of the issuer, and the serial."""
        if self.serial != each.serial:
            return False
        try:
            name, key = _issuer_hashes(issuer, self.algorithm)
        except UnsupportedAlgorithm:
            return False
        return (name, key) == (self.name_hash, self.key_hash)

    def names_by_hash(self, each: Certificate) -> bool:
        """Tell whether the answer holds the digest of the very certificate (CertHash)."""
        if self.certificate_hash is None:
            return False
        algorithm, value = self.certificate_hash
        try:
            return digest_by_oid(algorithm).of(each.der) == value
        except UnsupportedAlgorithm:
            return False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """A response that was given; its signature is checked by `signed_by`."""

    encoded: bytes
    sha256: bytes
    produced: datetime
    singles: tuple[Single, ...]
    certificates: tuple[Certificate, ...]
    responder_name: NameKey | None
    responder_key: bytes
    scheme: Scheme
    signature: bytes
    octets: bytes
    nonce: bytes = b""

    def echoes(self, nonce: bytes) -> bool:
        """Tell whether it may answer the request with this nonce.

        One made beforehand has none (RFC 9654, 2.1); another nonce is an answer to somebody else.
        Old responders put it there bare.
        """
        return self.nonce in {b"", nonce, der.octets(nonce)}

    def about(self, each: Certificate, issuer: Certificate) -> Single | None:
        """Return what it says about a certificate of this issuer, or None."""
        return next((one for one in self.singles if one.is_about(each, issuer)), None)

    def signed_by(
        self, issuer: Certificate, others: Iterable[Certificate] = ()
    ) -> Certificate | None:
        """Return who signed it: the issuer, or a delegate that the issuer certified for this.

        None when it was signed by nobody who may (RFC 6960, 4.2.2.2).
        """
        for each in (issuer, *self.certificates, *others):
            if not self._is_responder(each):
                continue
            if each != issuer and not _delegated(each, issuer):
                continue
            if each.public_key and self.scheme.verify(each.public_key, self.signature, self.octets):
                return each
        return None

    def _is_responder(self, each: Certificate) -> bool:
        if self.responder_name is not None:
            return each.subject == self.responder_name
        return hashlib.sha1(each.key_octets, usedforsecurity=False).digest() == self.responder_key


def _delegated(each: Certificate, issuer: Certificate) -> bool:
    return (
        each.purposes is not None
        and _OCSP_SIGNING in each.purposes
        and each.issuer == issuer.subject
        and issued(each, issuer)
    )


@lru_cache(maxsize=1024)
def _issuer_hashes(issuer: Certificate, algorithm: str) -> tuple[bytes, bytes]:
    digest = digest_by_oid(algorithm)
    return digest.of(issuer.x509.subject.public_bytes()), digest.of(issuer.key_octets)


@lru_cache(maxsize=1024)
def load(encoded: bytes) -> Answer:
    """Return the answer in an OCSPResponse (DER); raises MalformedCertificate."""
    if len(encoded) > _LONGEST:
        raise MalformedCertificate(reason="the OCSP response is too long")
    try:
        with warnings.catch_warnings():
            # Old responders have oddities the library warns of, such as long names.
            warnings.simplefilter("ignore")
            return _read(encoded)
    except (MalformedDer, UnsupportedAlgorithm, IndexError, ValueError) as error:
        raise MalformedCertificate(reason=f"OCSP response: {str(error)[:160]}") from error


def _read(encoded: bytes) -> Answer:
    data, algorithm, signature, *rest = der.parse(ocsp_response.unwrapped(encoded)).children()
    fields = [each for each in data.expect(der.SEQUENCE).children() if each.tag != 0xA0]  # noqa: PLR2004
    responder, produced, singles = fields[:3]
    embedded = rest[0].expect(0xA0).children()[0].children() if rest else []
    by_name = responder.tag == 0xA1  # noqa: PLR2004 - byName, else byKey
    named = responder.children()[0]
    listed = singles.expect(der.SEQUENCE).children()
    if not 0 < len(listed) <= _MOST_SINGLES:
        raise MalformedDer(reason="it answers about nothing, or too much")
    return Answer(
        encoded=encoded,
        sha256=hashlib.sha256(encoded).digest(),
        produced=produced.expect(der.GENERALIZED_TIME).moment(),
        singles=tuple(_single(each.children()) for each in listed),
        certificates=tuple(_certificates(embedded)),
        responder_name=name_key(x509.Name.from_bytes(named.encoded)) if by_name else None,
        responder_key=b"" if by_name else named.expect(der.OCTET_STRING).content,
        scheme=scheme_of_identifier(algorithm),
        signature=signature.expect(der.BIT_STRING).content[1:],
        octets=data.encoded,
        nonce=_nonce(fields[3:]),
    )


def _nonce(rest: Sequence[der.Node]) -> bytes:
    """Return the value of the nonce among the responseExtensions; empty without one."""
    for each in rest:
        for one in each.expect(0xA1).children()[0].children():
            name, *_, value = one.children()
            if name.dotted() == _NONCE:
                return value.expect(der.OCTET_STRING).content
    return b""


def _certificates(nodes: Sequence[der.Node]) -> Iterable[Certificate]:
    for each in nodes:
        yield certificates.load(each.encoded)


def _single(fields: Sequence[der.Node]) -> Single:
    identifier, status, this_update, *rest = fields
    algorithm, name_hash, key_hash, serial = _exactly(identifier.expect(der.SEQUENCE), 4)
    revoked, reason = _revoked(status)
    following = [each.children()[0].moment() for each in rest if each.tag == 0xA0]  # noqa: PLR2004
    extensions = {
        one.children()[0].dotted(): one.children()[-1].expect(der.OCTET_STRING).content
        for each in rest
        if each.tag == 0xA1  # noqa: PLR2004 - singleExtensions
        for one in each.children()[0].children()
    }
    return Single(
        algorithm=algorithm.expect(der.SEQUENCE).children()[0].dotted(),
        name_hash=name_hash.expect(der.OCTET_STRING).content,
        key_hash=key_hash.expect(der.OCTET_STRING).content,
        serial=serial.number(),
        status=_STATUS[status.tag & 0x1F],
        revoked=revoked,
        reason=reason,
        this_update=this_update.expect(der.GENERALIZED_TIME).moment(),
        next_update=following[0] if following else None,
        kept_since=_moment(extensions.get(_ARCHIVE_CUTOFF)),
        certificate_hash=_hash(extensions.get(_CERT_HASH)),
    )


_STATUS: Final = {0: Status.GOOD, 1: Status.REVOKED, 2: Status.UNKNOWN}


def _revoked(status: der.Node) -> tuple[datetime | None, str]:
    if status.tag & 0x1F not in _STATUS:
        raise MalformedDer(reason="an unknown status")
    if status.tag & 0x1F != 1:
        return None, ""
    when, *rest = status.children()
    code = rest[0].children()[0].content[-1] if rest else 0
    return when.moment(), _REASONS.get(code, "unspecified")


def _moment(value: bytes | None) -> datetime | None:
    return None if value is None else der.parse(value, der.GENERALIZED_TIME).moment()


def _hash(value: bytes | None) -> tuple[str, bytes] | None:
    if value is None:
        return None
    algorithm, digest = _exactly(der.parse(value), 2)
    return algorithm.children()[0].dotted(), digest.expect(der.OCTET_STRING).content


def _exactly(node: der.Node, count: int) -> list[der.Node]:
    children = node.children()
    if len(children) != count:
        raise MalformedDer(reason="a structure has another number of fields")
    return children
