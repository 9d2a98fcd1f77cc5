"""The keys of an identity provider: from a file, or from the one address the settings name.

What was fetched counts for ten minutes. A token that names another key has them fetched again, at
most once a minute, so that made-up names cost the provider nothing; while it does not answer,
what it said last counts for a day.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from certs.errors import MalformedKey
from certs.jose import jwk
from certs.jose.jwk import PublishedKey
from gateway.transport.errors import AnswerNotUsable, Refused, TransportError
from gateway.transport.guarded import Guard, Request, ask, place
from schemas.text import Text

_FRESH: Final = 600.0
_AGAIN: Final = 60.0
_STALE: Final = 24 * 3600.0
_LARGEST: Final = 256 * 1024
_NO_KEYS: Final = Text("it gives no keys", "未提供密钥")
_ACCEPT: Final = "application/jwk-set+json, application/json"

Keys = Sequence[PublishedKey]


class FileKeys:
    """Keys in a file, read anew when it changes."""

    def __init__(self, path: Path) -> None:
        """Read `path` when somebody asks."""
        self._path = path
        self._read: tuple[int, Keys] = (-1, ())

    def find(self, kid: str) -> Keys:  # noqa: ARG002 - a file has what it has
        """Return the keys; raises MalformedKey, or OSError where there is no file."""
        changed = self._path.stat().st_mtime_ns
        if self._read[0] != changed:
            self._read = changed, jwk.usable(self._path.read_bytes(), str(self._path))
        return self._read[1]


class FetchedKeys:
    """Keys at an address."""

    def __init__(
        self,
        url: str,
        *,
        authority: Path | None = None,
        private: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask the host of `url` and no other; `monotonic` tells seconds."""
        self._url = url
        self._now = monotonic
        self._fetching = threading.Lock()
        self._keys: Keys = ()
        self._fetched = self._tried = float("-inf")
        self._guard = Guard(
            hosts=frozenset({place(urlsplit(url))}),
            authority=authority,
            private=private,
            largest=_LARGEST,
        )

    def find(self, kid: str) -> Keys:
        """Return the keys, fetched anew where that is due or `kid` is not among them.

        While one caller fetches, others go by what there is. Raises TransportError where there are
        no keys that still count, or MalformedKey for what is no set.
        """
        if self._due(kid) and self._fetching.acquire(blocking=not self._keys):
            try:
                if self._due(kid):
                    self._fetch()
            finally:
                self._fetching.release()
        if self._now() - self._fetched > _STALE:
            party = place(urlsplit(self._url))
            raise AnswerNotUsable(where=self._url, party=party, reason=_NO_KEYS)
        return self._keys

    def _due(self, kid: str) -> bool:
        now = self._now()
        known = any(kid in {each.kid, ""} for each in self._keys)
        return (now - self._fetched > _FRESH or not known) and now - self._tried > _AGAIN

    def _fetch(self) -> None:
        self._tried = self._now()
        try:
            reply = ask(Request(url=self._url, headers={"Accept": _ACCEPT}), self._guard)
            if reply.status != HTTPStatus.OK:
                party = place(urlsplit(self._url))
                raise Refused(where=self._url, party=party, status=reply.status, reason=_NO_KEYS)
            self._keys, self._fetched = jwk.usable(reply.body, self._url), self._now()
        except (TransportError, MalformedKey):
            if self._now() - self._fetched > _STALE:
                raise
