"""What a source said about revocation, kept for a while: one question for many documents."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from certs.validation.material import Material
from certs.validation.sources import Source
from certs.x509.certificate import Certificate

_LONGEST: Final = timedelta(minutes=10)
_SILENT: Final = timedelta(minutes=1)
_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Said:
    material: Material
    since: datetime
    until: datetime


class Kept:
    """Asks another source, and no more about a certificate while its word is fresh.

    A word is kept for ten minutes, so that a revocation counts after that at the latest, and never
    beyond its next update; that there was none for a minute, so that a responder that is down holds
    nobody up for long.
    """

    def __init__(self, source: Source, most: int = _MOST) -> None:
        """Ask `source`; keep words about `most` certificates."""
        self._source = source
        self._most = most
        self._said: dict[tuple[bytes, bytes], _Said] = {}
        self._lock = threading.Lock()

    def about(self, each: Certificate, issuer: Certificate, at: datetime) -> Material:
        """Return what was said about a certificate, lately or now."""
        key = each.sha256, issuer.sha256
        said = self._said.get(key)
        if said is not None and said.since <= at < said.until:
            return said.material
        found = self._source.about(each, issuer, at)
        ends = [at + (_LONGEST if found else _SILENT), *_updates(found, each, issuer)]
        with self._lock:
            if len(self._said) >= self._most:
                self._said.clear()
            self._said[key] = _Said(found, at, min(ends))
        return found


def _updates(found: Material, each: Certificate, issuer: Certificate) -> Iterator[datetime]:
    for answer in found.answers:
        single = answer.about(each, issuer)
        if single is not None and single.next_update is not None:
            yield single.next_update
    for listed in found.lists:
        if listed.next_update is not None:
            yield listed.next_update
