"""Where validation data comes from when a signature is made to last (level LT and above)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Protocol

from certs import path, timestamp
from certs.authority.ca import CertificateAuthority
from certs.errors import NoRevocationData, NotExtendable
from certs.path.revocation import words
from certs.path.search import Demands
from certs.trust import TrustStore
from certs.validation.material import Material
from certs.verdict import Refused
from certs.x509.certificate import Certificate
from certs.x509.revocation_list import RevocationList, load_list
from schemas.clock import Clock, utc_now

_NOW = Demands(leave_revocation=True)
_KEPT = timedelta(minutes=10)
_NO_CHECK = "1.3.6.1.5.5.7.48.1.5"


class Source(Protocol):
    """Something that may know whether a certificate is revoked."""

    def about(self, each: Certificate, issuer: Certificate, at: datetime) -> Material:
        """Return CRLs or OCSP responses about a certificate; empty when it knows none."""
        ...


class Lists:
    """Revocation lists at hand, such as those in the trust folder."""

    def __init__(self, lists: Sequence[RevocationList]) -> None:
        """Offer these lists."""
        self._lists = lists

    def about(self, each: Certificate, issuer: Certificate, at: datetime) -> Material:
        """Return the lists by the certificate's issuer that are fresh."""
        found = tuple(
            word.found
            for word in words(each, self._lists)
            if path.signed_list(word.found, issuer)
            and word.found.next_update is not None
            and at <= word.found.next_update
        )
        return Material(lists=found[:1])


class Offered:
    """Words that come with what is judged; they are signed, and checked like any other."""

    def __init__(self, given: Material) -> None:
        """Offer the lists and answers of `given`."""
        self._given = given

    def about(self, each: Certificate, issuer: Certificate, at: datetime) -> Material:  # noqa: ARG002 - who judges looks at their times
        """Return what was given about a certificate."""
        return Material(
            lists=tuple(word.found for word in words(each, self._given.lists)),
            answers=tuple(one for one in self._given.answers if one.about(each, issuer)),
        )


class OwnAuthority:
    """An authority whose key is at hand: it says with a fresh list what it has revoked."""

    def __init__(
        self,
        authority: CertificateAuthority,
        revoked: Callable[[], Sequence[tuple[Certificate, datetime]]] = tuple,
    ) -> None:
        """Speak for `authority`; `revoked` gives what it has revoked so far."""
        self._authority = authority
        self._revoked = revoked
        self._last: RevocationList | None = None

    def about(self, each: Certificate, issuer: Certificate, at: datetime) -> Material:  # noqa: ARG002 - a list is about all
        """Return the authority's list when it is the issuer."""
        if issuer != self._authority.root.certificate:
            return Material()
        last = self._last
        if last is None or not last.crl.last_update_utc <= at <= last.crl.last_update_utc + _KEPT:
            last = self._last = load_list(self._authority.revocation_list(self._revoked(), now=at))
        return Material(lists=(last,))


@dataclass(slots=True)
class Gatherer:
    """Collects the chains to the anchors and a fresh word on each certificate below them."""

    trust: TrustStore
    sources: Sequence[Source]
    clock: Clock = utc_now

    def gather(self, signers: Sequence[tuple[Certificate, Sequence[Certificate]]]) -> Material:
        """Return what the signers' chains need, each signer given with certificates that help.

        Raises NoRevocationData for a certificate about which no source knows anything, and
        NotExtendable for a signer without a chain to an anchor.
        """
        at = self.clock()
        found = Material()
        for signer, offered in signers:
            pool = (*offered, *found.certificates)
            route = self._route(signer, pool, at)
            found += Material(certificates=route)
            for each, issuer in pairwise(route):
                found += self._word(each, issuer, at)
        return found

    def _route(
        self, signer: Certificate, pool: Sequence[Certificate], at: datetime
    ) -> tuple[Certificate, ...]:
        try:
            return path.find(signer, pool, self.trust, at, _NOW).certificates
        except Refused as refused:
            raise NotExtendable(reason=refused.reason.en) from refused

    def gather_newest(self, tokens: Iterable[bytes], known: Sequence[Certificate] = ()) -> Material:
        """Return what the authority of the newest of these time-stamps needs.

        The older ones were completed when the next was put on them. Raises NotExtendable without
        any, or when one cannot be read or has no chain any more.
        """
        try:
            found = max(map(timestamp.read, tokens), key=lambda token: token.info.time)
            offered = (*timestamp.embedded(found.data), *known)
            return self.gather([(timestamp.authority_of(found, offered), offered)])
        except Refused as refused:
            raise NotExtendable(reason=refused.reason.en) from refused
        except ValueError as error:
            raise NotExtendable(reason="it has no time-stamp") from error

    def _word(self, each: Certificate, issuer: Certificate, at: datetime) -> Material:
        if any(one.oid.dotted_string == _NO_CHECK for one in each.x509.extensions):
            return Material()
        for source in self.sources:
            found = source.about(each, issuer, at)
            if found:
                return found + Material(certificates=tuple(_delegates(found)))
        raise NoRevocationData(where=each.name)


def _delegates(found: Material) -> Iterator[Certificate]:
    for answer in found.answers:
        yield from answer.certificates
