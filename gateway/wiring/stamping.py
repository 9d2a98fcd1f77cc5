"""The built-in time-stamp authority with the key that the store holds now."""

from __future__ import annotations

import threading
from collections.abc import Callable

from certs.authority.tsa import Authority
from certs.keys import SigningKey


class Stamping:
    """An authority that is put together anew when its key was replaced."""

    def __init__(self, key: Callable[[], SigningKey], made: Callable[[], Authority]) -> None:
        """Stamp with the authority that `made` returns, for as long as `key` is the same."""
        self._key = key
        self._made = made
        self._lock = threading.Lock()
        self._current = (key(), made())

    def stamp(self, digest: bytes) -> bytes:
        """Return a token over a digest; raises as the authority does."""
        return self._authority.stamp(digest)

    def respond(self, request: bytes) -> bytes:
        """Return the TimeStampResp to a TimeStampReq."""
        return self._authority.respond(request)

    @property
    def _authority(self) -> Authority:
        with self._lock:
            key = self._key()
            if key is not self._current[0]:
                self._current = (key, self._made())
            return self._current[1]
