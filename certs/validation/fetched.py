"""Revocation data asked for over the network: only where the operator allows the host."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from certs import path
from certs.authority.ocsp import request
from certs.errors import MalformedCertificate, SourceUnreachable
from certs.validation import answers
from certs.validation.answers import Single
from certs.validation.material import Material
from certs.x509.certificate import Certificate
from certs.x509.revocation_list import load_list

Fetch = Callable[[str, bytes | None], bytes]
"""Gets a URL, or posts an OCSP request to it; raises SourceUnreachable."""

_SCHEMES: Final = frozenset({"http", "https"})
_NONCE: Final = 16
_MOST: Final = 4
# How old an answer without a next update may be.
_RECENT: Final = timedelta(days=1)


class Fetched:
    """Asks the addresses named in certificates: the OCSP responder first, then the lists.

    An address counts only when its host is allowed. What comes is believed like anything else:
    when it is about the certificate, fresh, and signed by who may.
    """

    def __init__(self, fetch: Fetch, hosts: Collection[str]) -> None:
        """Ask by `fetch`, and only these hosts."""
        self._fetch = fetch
        self._hosts = frozenset(each.lower() for each in hosts)

    def about(self, each: Certificate, issuer: Certificate, at: datetime) -> Material:
        """Return a fresh answer or list about a certificate; empty when none is to be had."""
        for url in self._allowed(_responders(each)):
            found = self._asked(url, each, issuer, at)
            if found:
                return found
        for url in self._allowed(_lists(each)):
            found = self._listed(url, issuer, at)
            if found:
                return found
        return Material()

    def _allowed(self, urls: Iterator[str]) -> Iterator[str]:
        for count, url in enumerate(urls):
            parts = urlsplit(url)
            host = (parts.hostname or "").lower()
            if count < _MOST and parts.scheme in _SCHEMES and host in self._hosts:
                yield url

    def _asked(self, url: str, each: Certificate, issuer: Certificate, at: datetime) -> Material:
        nonce = secrets.token_bytes(_NONCE)
        try:
            answer = answers.load(self._fetch(url, request(each, issuer, nonce)))
        except (MalformedCertificate, SourceUnreachable):
            return Material()
        single = answer.about(each, issuer)
        fits = single is not None and answer.echoes(nonce) and _fresh(single, at)
        return Material(answers=(answer,)) if fits and answer.signed_by(issuer) else Material()

    def _listed(self, url: str, issuer: Certificate, at: datetime) -> Material:
        try:
            found = load_list(self._fetch(url, None))
        except (MalformedCertificate, SourceUnreachable):
            return Material()
        fresh = found.next_update is not None and at <= found.next_update
        return Material(lists=(found,)) if fresh and path.signed_list(found, issuer) else Material()


def _fresh(single: Single, at: datetime) -> bool:
    if single.next_update is not None:
        return at <= single.next_update
    return at <= single.this_update + _RECENT


def _responders(each: Certificate) -> Iterator[str]:
    access = each.extension(x509.AuthorityInformationAccess)
    for one in access or ():
        location = one.access_location
        responder = one.access_method == AuthorityInformationAccessOID.OCSP
        if responder and isinstance(location, x509.UniformResourceIdentifier):
            yield location.value


def _lists(each: Certificate) -> Iterator[str]:
    for point in each.extension(x509.CRLDistributionPoints) or ():
        for name in point.full_name or ():
            if isinstance(name, x509.UniformResourceIdentifier):
                yield name.value
