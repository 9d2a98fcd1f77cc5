"""Fetching revocation data and trust lists from allowed hosts: bounded, and without redirects."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import urlsplit

import httpx

from certs.errors import SourceUnreachable
from gateway.transport.errors import AnswerNotUsable, Refused, TransportError, Unreachable

_LARGEST: Final = 16 * 1024 * 1024
_SECONDS: Final = 10.0
_REQUEST: Final = "application/ocsp-request"
_LARGEST_LIST: Final = 32 * 1024 * 1024
_LIST_SECONDS: Final = 120.0
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Copy:
    """What an address gave, and what tells whether it has changed since (RFC 9110, 8.8)."""

    data: bytes
    etag: str = ""
    modified: str = ""


def fetch(url: str, posted: bytes | None) -> bytes:
    """Return what a URL gives, or answers to an OCSP request; raises SourceUnreachable.

    At most 16 MB and 10 seconds between octets; redirects are not followed.
    """
    headers = {"Content-Type": _REQUEST} if posted else {}

    def whole(answer: httpx.Response) -> bytes:
        answer.raise_for_status()
        return _bounded(answer, _LARGEST, time.monotonic() + _LIST_SECONDS)

    try:
        return _asked("POST" if posted else "GET", url, posted, headers, whole)
    except (httpx.HTTPError, httpx.InvalidURL, TransportError) as error:
        raise SourceUnreachable(where=url) from error


def renewed(url: str, held: Copy | None = None) -> Copy:
    """Return what is at an address now: the very copy that is held when nothing changed.

    At most 32 MB in two minutes. Raises Unreachable, Refused or AnswerNotUsable.
    """
    party = urlsplit(url).netloc
    validators = _validators(held) if held else {}
    try:
        return _asked("GET", url, None, validators, lambda answer: _copied(answer, party, held))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = f"{type(error).__name__}: {error}"
        raise Unreachable(where=url, party=party, reason=reason) from error


def _asked(
    method: str,
    url: str,
    posted: bytes | None,
    headers: Mapping[str, str],
    read: Callable[[httpx.Response], _T],
) -> _T:
    with (
        httpx.Client(timeout=_SECONDS, follow_redirects=False, trust_env=False) as client,
        client.stream(method, url, content=posted, headers=headers) as answer,
    ):
        return read(answer)


def _validators(held: Copy) -> Mapping[str, str]:
    said = {"If-None-Match": held.etag, "If-Modified-Since": held.modified}
    return {name: value for name, value in said.items() if value}


def _copied(answer: httpx.Response, party: str, held: Copy | None) -> Copy:
    if answer.status_code == HTTPStatus.NOT_MODIFIED and held is not None:
        return held
    if answer.status_code != HTTPStatus.OK:
        place = answer.headers.get("location", "")
        reason = f"a redirect to {place[:200]} is not followed" if place else answer.reason_phrase
        raise Refused(where=str(answer.url), party=party, status=answer.status_code, reason=reason)
    return Copy(
        _bounded(answer, _LARGEST_LIST, time.monotonic() + _LIST_SECONDS),
        answer.headers.get("etag", ""),
        answer.headers.get("last-modified", ""),
    )


def _bounded(answer: httpx.Response, largest: int, until: float) -> bytes:
    """Return the body; raises AnswerNotUsable for one too large or too slow."""
    taken = bytearray()
    for chunk in answer.iter_bytes():
        taken += chunk
        if len(taken) > largest or time.monotonic() > until:
            url = str(answer.url)
            reason = "it is too large, or comes too slowly"
            raise AnswerNotUsable(where=url, party=answer.url.host, reason=reason)
    return bytes(taken)
