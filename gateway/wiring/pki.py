"""The services of the built-in authority: time-stamps, OCSP answers, revocation lists."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cached_property
from typing import Final, Protocol

from certs.authority import crl, ocsp
from certs.authority.ocsp import Responder
from certs.authority.register import Register
from certs.keys import KeyStore, SigningKey
from certs.x509.certificate import Certificate, load_all
from schemas.clock import Clock

_ROOT: Final = "root"
_RESPONDER: Final = "ocsp"
_LIST_LASTS: Final = timedelta(days=7)


class TimeStamping(Protocol):
    """Answers requests for time-stamps."""

    def respond(self, request: bytes) -> bytes:
        """Return the TimeStampResp to a TimeStampReq."""
        ...


class Issuer:
    """One authority in a key store, such as a root, the root before it, or one with SM2."""

    def __init__(self, keys: KeyStore, name: str, certificate: Certificate, clock: Clock) -> None:
        """Speak for the authority whose key is `name`; it is opened when it is first needed."""
        self.certificate = certificate
        self._keys = keys
        self._name = name
        self._clock = clock
        self._lock = threading.Lock()
        self._list = b""
        self._listed: tuple[object, object] = (None, None)

    @cached_property
    def _key(self) -> SigningKey:
        return self._keys.load(self._name)

    @cached_property
    def _register(self) -> Register:
        return Register(self._keys.folder, self.certificate)

    @cached_property
    def responder(self) -> Responder:
        """Its OCSP responder; the key `ocsp` answers for the authority that certified it."""
        key = self._key
        if _RESPONDER in self._keys.names():
            delegate = self._keys.load(_RESPONDER)
            if delegate.certificate.authority_key_id == self.certificate.key_id:
                key = delegate
        return Responder(key, self.certificate, self._register.standing, clock=self._clock)

    def revocation_list(self) -> bytes:
        """Return its revocation list (DER), made anew every hour and on every change."""
        now = self._clock()
        hour = now.replace(minute=0, second=0, microsecond=0)
        with self._lock:
            listed = (self._register.mark, hour)
            if listed != self._listed:
                self._list = crl.write(
                    self._key,
                    self._register.entries(),
                    number=int(now.timestamp()),
                    this_update=now,
                    next_update=now + _LIST_LASTS,
                )
                self._listed = listed
            return self._list


class Pki:
    """Answers for the keys of one gateway; keys are opened when the first question comes."""

    def __init__(self, keys: KeyStore, stamper: TimeStamping, clock: Clock) -> None:
        """Answer with the keys of the authorities in the store, or a responder's they certified."""
        self._keys = keys
        self._stamper = stamper
        self._clock = clock

    @cached_property
    def _issuers(self) -> Mapping[str, Issuer]:
        """The authorities by key id (hex), the present root first."""
        return {each.certificate.key_id.hex(): each for each in self._found()}

    def _found(self) -> Iterator[Issuer]:
        for name in sorted(self._keys.names(), key=lambda each: each != _ROOT):
            certificate = load_all(self._keys.chain_file(name).read_bytes())[0]
            if certificate.is_authority:
                yield Issuer(self._keys, name, certificate, self._clock)

    def _issuer(self, key_id: str) -> Issuer | None:
        if key_id:
            return self._issuers.get(key_id)
        return next(iter(self._issuers.values()), None)

    def issuer(self, key_id: str = "") -> bytes | None:
        """Return the certificate (DER) of an authority by its key id (hex), else of the root."""
        found = self._issuer(key_id)
        return found.certificate.der if found else None

    def stamp(self, request: bytes) -> bytes:
        """Return the TimeStampResp to a TimeStampReq (RFC 3161)."""
        return self._stamper.respond(request)

    def ocsp(self, request: bytes) -> bytes:
        """Return the OCSPResponse to an OCSPRequest (RFC 6960)."""
        return ocsp.respond((each.responder for each in self._issuers.values()), request)

    def revocation_list(self, key_id: str = "") -> bytes | None:
        """Return the list (DER) of an authority by its key id (hex), else of the root."""
        found = self._issuer(key_id)
        return found.revocation_list() if found else None
