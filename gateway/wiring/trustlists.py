"""Trust lists from where they are published: from allowed hosts alone, with copies kept."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from certs.recognition.folder import FOLDER
from gateway.transport.fetching import Copy, renewed
from schemas.clock import Clock, iso, utc_now
from schemas.errors import SettingsError
from schemas.text import Text

_COPIES: Final = "copies"
_SCHEMES: Final = frozenset({"http", "https"})
KEPT: Final = timedelta(hours=6)
"""How long a copy is used without asking; lists are to be looked at once a day at least."""

Renew = Callable[[str, Copy | None], Copy]


class NotFetched(SettingsError):
    """A list is at an address that the operator does not allow."""

    code = "SG-9064"
    title = Text("{where} is not fetched: {reason}", "未获取 {where}:{reason}")
    hint = Text(
        "Allow the host with --allow, or in `hosts` of [trust_lists] in the settings.",
        "请使用 --allow 或配置项 [trust_lists] 的 `hosts` 允许该主机。",
    )


@dataclass(frozen=True, slots=True)
class _Held:
    copy: Copy
    at: datetime


class Copies:
    """Gives lists by their addresses: a young copy as it is, an older one once it was compared."""

    def __init__(
        self,
        trust: Path,
        hosts: Iterable[str],
        *,
        kept: timedelta = KEPT,
        clock: Clock = utc_now,
        renew: Renew = renewed,
    ) -> None:
        """Keep copies in the trust folder, and ask these hosts only."""
        self._folder = trust / FOLDER / _COPIES
        self._hosts = frozenset(each.lower() for each in hosts)
        self._kept = kept
        self._clock = clock
        self._renew = renew
        self.fetched: set[str] = set()

    def __call__(self, url: str) -> bytes:
        """Return the list at an address; raises NotFetched, or what `renew` raises."""
        self._check(url)
        now = self._clock()
        held = self._held(url)
        if held is not None and timedelta(0) <= now - held.at < self._kept:
            return held.copy.data
        copy = self._renew(url, held.copy if held else None)
        if held is None or copy is not held.copy:
            self.fetched.add(url)
        self._keep(url, copy, now)
        return copy.data

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        reason = ""
        if parts.scheme not in _SCHEMES or not parts.hostname or parts.username:
            reason = "it is no http or https address"
        elif parts.hostname.lower() not in self._hosts:
            reason = f"{parts.hostname} is not among the hosts allowed"
        if reason:
            raise NotFetched(where=url[:200], reason=reason)

    def _place(self, url: str) -> Path:
        return self._folder / hashlib.sha256(url.encode()).hexdigest()[:32]

    def _held(self, url: str) -> _Held | None:
        """Return the copy of an address; none when it is damaged, which only costs asking again."""
        place = self._place(url)
        try:
            said = json.loads(place.with_suffix(".json").read_bytes())
            data = place.with_suffix(".list").read_bytes()
            if said["url"] != url or said["sha256"] != hashlib.sha256(data).hexdigest():
                return None
            copy = Copy(data, str(said["etag"]), str(said["modified"]))
            return _Held(copy, datetime.fromisoformat(said["at"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _keep(self, url: str, copy: Copy, now: datetime) -> None:
        place = self._place(url)
        self._folder.mkdir(parents=True, exist_ok=True)
        said = {
            "url": url,
            "etag": copy.etag,
            "modified": copy.modified,
            "sha256": hashlib.sha256(copy.data).hexdigest(),
            "at": iso(now),
        }
        _write(place.with_suffix(".list"), copy.data)
        _write(place.with_suffix(".json"), json.dumps(said, indent=1).encode())


def hosts_of(urls: Collection[str]) -> frozenset[str]:
    """Return the hosts of addresses that the operator named."""
    return frozenset(filter(None, (urlsplit(each).hostname for each in urls)))


def _write(path: Path, data: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(data)
    beside.replace(path)
