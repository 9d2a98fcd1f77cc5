"""Fetching revocation data from hosts that the operator allows: small, quick, no redirects."""

from __future__ import annotations

from typing import Final

import httpx

from certs.errors import SourceUnreachable

_LARGEST: Final = 16 * 1024 * 1024
_SECONDS: Final = 10.0
_REQUEST: Final = "application/ocsp-request"


def fetch(url: str, posted: bytes | None) -> bytes:
    """Return what a URL gives, or answers to an OCSP request; raises SourceUnreachable.

    At most 16 MB and 10 seconds between octets; redirects are not followed.
    """
    method, headers = ("POST", {"Content-Type": _REQUEST}) if posted else ("GET", {})
    try:
        with (
            httpx.Client(timeout=_SECONDS, follow_redirects=False, trust_env=False) as client,
            client.stream(method, url, content=posted, headers=headers) as answer,
        ):
            answer.raise_for_status()
            return _bounded(answer)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceUnreachable(where=url) from error


def _bounded(answer: httpx.Response) -> bytes:
    taken = bytearray()
    for chunk in answer.iter_bytes():
        taken += chunk
        if len(taken) > _LARGEST:
            raise SourceUnreachable(where=str(answer.url))
    return bytes(taken)
