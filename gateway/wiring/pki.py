"""The services of the built-in authority: time-stamps, OCSP answers, the revocation list."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import cached_property
from typing import Final

from certs import crl
from certs.keys import KeyStore, SigningKey
from certs.ocsp import Responder
from certs.register import Register
from certs.tsa import Authority
from schemas.clock import Clock

_ROOT: Final = "root"
_RESPONDER: Final = "ocsp"
_LIST_LASTS: Final = timedelta(days=7)


class Pki:
    """Answers for the keys of one gateway; keys are opened when the first question comes."""

    def __init__(self, keys: KeyStore, stamper: Authority, clock: Clock) -> None:
        """Answer with the keys in the store; the root's, or a responder's it certified."""
        self._keys = keys
        self._stamper = stamper
        self._clock = clock
        self._lock = threading.Lock()
        self._list = b""
        self._listed: tuple[object, object] = (None, None)

    @cached_property
    def _root(self) -> SigningKey:
        return self._keys.load(_ROOT)

    @cached_property
    def _register(self) -> Register:
        return Register(self._keys.folder, self._root.certificate)

    @cached_property
    def _responder(self) -> Responder:
        delegated = _RESPONDER in self._keys.names()
        key = self._keys.load(_RESPONDER) if delegated else self._root
        issuer = self._root.certificate
        return Responder(key, issuer, self._register.standing, clock=self._clock)

    def root(self) -> bytes:
        """Return the certificate of the root (DER)."""
        return self._root.certificate.der

    def stamp(self, request: bytes) -> bytes:
        """Return the TimeStampResp to a TimeStampReq (RFC 3161)."""
        return self._stamper.respond(request)

    def ocsp(self, request: bytes) -> bytes:
        """Return the OCSPResponse to an OCSPRequest (RFC 6960)."""
        return self._responder.respond(request)

    def revocation_list(self) -> bytes:
        """Return the revocation list (DER), made anew every hour and on every change."""
        now = self._clock()
        hour = now.replace(minute=0, second=0, microsecond=0)
        with self._lock:
            listed = (self._register.mark, hour)
            if listed != self._listed:
                self._list = crl.write(
                    self._root,
                    self._register.entries(),
                    number=int(now.timestamp()),
                    this_update=now,
                    next_update=now + _LIST_LASTS,
                )
                self._listed = listed
            return self._list
