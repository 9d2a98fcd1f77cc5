"""The built-in time-stamp authority (RFC 3161): over DER requests, or in process by digest."""

from __future__ import annotations

import itertools
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from certs import cms
from certs.asn1 import der, oids
from certs.authority.watch import HostClock, Watch, elapsed
from certs.digests import SHA256, SHA384, SHA512, Digest, digest_by_oid, digest_by_size
from certs.errors import ClockNotTrusted, MalformedDer, StampRefused, UnsupportedAlgorithm
from certs.keys import SigningKey
from schemas.clock import Clock, utc_now

# An arc for examples (RFC 5612 enterprise number 32473); an operator sets the OID of its policy.
POLICY: Final = "1.3.6.1.4.1.32473.1.1"
_ACCEPTED: Final = (SHA256, SHA384, SHA512)

_GRANTED: Final = 0
_REJECTION: Final = 2
# PKIFailureInfo bits (RFC 3161, 2.4.2).
_BAD_ALG: Final = 0
_BAD_DATA_FORMAT: Final = 5
_TIME_NOT_AVAILABLE: Final = 14
_UNACCEPTED_POLICY: Final = 15
_UNACCEPTED_EXTENSION: Final = 16


class TimeStamper(Protocol):
    """Gives an RFC 3161 token (DER of its ContentInfo) over a SHA-2 digest."""

    def stamp(self, digest: bytes) -> bytes:
        """Return the token; raises StampRefused or ClockNotTrusted."""
        ...


class _Rejected(Exception):
    """The request is answered with a rejection and this PKIFailureInfo bit."""

    def __init__(self, bit: int) -> None:
        super().__init__(bit)
        self.bit = bit


@dataclass(frozen=True, slots=True)
class _Request:
    """What a TimeStampReq asks for, as the DER that is echoed."""

    imprint: bytes
    nonce: bytes
    wants_certificates: bool


class Authority:
    """A time-stamp authority with one key, whose certificate has the one purpose timeStamping.

    Serial numbers are a random number drawn at start followed by a count: unique over restarts
    without a file.
    """

    def __init__(
        self,
        key: SigningKey,
        clock: Clock = utc_now,
        *,
        policy: str = POLICY,
        accuracy: timedelta = timedelta(seconds=1),
        ordering: bool = False,
        host: HostClock | None = None,
    ) -> None:
        """Issue with `key`; `ordering` promises that later tokens have later times.

        With `host` nothing is issued while the host's clock follows no time server.
        """
        purposes = key.certificate.purposes
        if (
            purposes != frozenset({oids.KEY_PURPOSE_TIME_STAMPING})
            or not key.certificate.purposes_critical
        ):
            raise StampRefused(reason="the key is not certified for time-stamping only")
        self._key = key
        self._watch = Watch(clock, elapsed if clock is utc_now else None, host)
        self._policy = der.oid(policy)
        self._accuracy = _accuracy(accuracy)
        self._ordering = ordering
        self._epoch = secrets.randbits(63) | 1 << 62
        self._count = itertools.count(1)
        self._issued: datetime | None = None
        self._lock = threading.Lock()
        self._certificates = [each.der for each in key.chain]
        self._bound = cms.signing_certificate_v2(key.certificate)
        self._typed = cms.attribute(oids.CONTENT_TYPE, der.oid(oids.ID_CT_TST_INFO))

    def stamp(self, digest: bytes) -> bytes:
        """Return a token over a SHA-256, SHA-384 or SHA-512 digest, certificate included."""
        try:
            algorithm = digest_by_size(len(digest))
        except UnsupportedAlgorithm as error:
            raise StampRefused(reason=error.message.en) from error
        imprint = der.sequence(algorithm.identifier, der.octets(digest))
        return self._token(_Request(imprint, b"", wants_certificates=True))

    def respond(self, request: bytes) -> bytes:
        """Return the DER of a TimeStampResp to the DER of a TimeStampReq; never raises for it."""
        try:
            token = self._token(self._read(request))
        except _Rejected as rejected:
            return _rejection(rejected.bit)
        except MalformedDer:
            return _rejection(_BAD_DATA_FORMAT)
        except ClockNotTrusted:
            return _rejection(_TIME_NOT_AVAILABLE)
        return der.sequence(der.sequence(der.integer(_GRANTED)), token)

    def _read(self, encoded: bytes) -> _Request:
        fields = der.parse(encoded).children()
        if len(fields) < 2 or fields[0].number() != 1:  # noqa: PLR2004 - version and imprint
            raise _Rejected(_BAD_DATA_FORMAT)
        _check_imprint(fields[1])
        nonce, wanted, last = b"", False, 0
        for field in fields[2:]:
            order = {der.OID: 1, der.INTEGER: 2, der.BOOLEAN: 3, 0xA0: 4}.get(field.tag, 0)
            if order <= last:
                raise _Rejected(_BAD_DATA_FORMAT)
            last = order
            match field.tag:
                case der.OID if field.encoded != self._policy:
                    raise _Rejected(_UNACCEPTED_POLICY)
                case der.INTEGER:
                    field.number()
                    nonce = field.encoded
                case der.BOOLEAN:
                    wanted = field.content == b"\xff"
                case 0xA0:
                    raise _Rejected(_UNACCEPTED_EXTENSION)
        return _Request(fields[1].encoded, nonce, wanted)

    def _token(self, request: _Request) -> bytes:
        moment, serial = self._next()
        ordering = der.tlv(der.BOOLEAN, b"\xff") if self._ordering else b""
        info = der.sequence(
            der.integer(1),
            self._policy,
            request.imprint,
            der.integer(serial),
            der.generalized_time(moment),
            self._accuracy,
            ordering,
            request.nonce,
        )
        attributes = [
            self._typed,
            self._bound,
            cms.signing_time(moment),
            cms.attribute(oids.MESSAGE_DIGEST, der.octets(self._key.scheme.digest.of(info))),
        ]
        value = cms.sign_attributes(self._key, attributes)
        return cms.content_info(
            self._key,
            3,
            der.sequence(der.oid(oids.ID_CT_TST_INFO), der.context(0, der.octets(info))),
            self._certificates if request.wants_certificates else (),
            cms.signer_info(self._key, attributes, value=value),
        )

    def _next(self) -> tuple[datetime, int]:
        """Return a plausible time, later than the last if that is promised, and a serial number."""
        certificate = self._key.certificate
        with self._lock:
            now = self._watch.read(certificate.not_before, certificate.not_after)
            if self._ordering and self._issued is not None and now <= self._issued:
                now = self._issued + timedelta(microseconds=1)
            elif not self._ordering:
                now = now.replace(microsecond=now.microsecond // 1000 * 1000)
            self._issued = now
            return now, self._epoch << 64 | next(self._count)


def _check_imprint(imprint: der.Node) -> None:
    parts = imprint.expect(der.SEQUENCE).children()
    if len(parts) != 2:  # noqa: PLR2004 - algorithm and hash
        raise _Rejected(_BAD_DATA_FORMAT)
    named = parts[0].expect(der.SEQUENCE).children()
    digest = _accepted(named[0].dotted() if named else "")
    if digest is None or len(parts[1].expect(der.OCTET_STRING).content) != digest.size:
        raise _Rejected(_BAD_ALG)


def _accepted(dotted: str) -> Digest | None:
    try:
        digest = digest_by_oid(dotted)
    except UnsupportedAlgorithm:
        return None
    return digest if digest in _ACCEPTED else None


def _accuracy(value: timedelta) -> bytes:
    """Return the DER of Accuracy: seconds, and milliseconds when there are any."""
    millis = value // timedelta(milliseconds=1)
    seconds, rest = divmod(millis, 1000)
    fields = [der.integer(seconds)] if seconds else []
    if rest:
        fields.append(der.tlv(0x80, rest.to_bytes(2, "big").lstrip(b"\0")))
    return der.sequence(*fields)


def _rejection(bit: int) -> bytes:
    """Return a TimeStampResp with status rejection and one PKIFailureInfo bit."""
    octets = bit // 8 + 1
    flags = (0x80 >> bit % 8).to_bytes(1, "big").rjust(octets, b"\0")
    failure = der.tlv(der.BIT_STRING, bytes((7 - bit % 8,)), flags)
    return der.sequence(der.sequence(der.integer(_REJECTION), failure))
