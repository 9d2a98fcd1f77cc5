"""Revocation lists (RFC 5280, 6.3): complete, delta, partitioned and indirect ones.

A list counts when its issuer is the certificate's (or the one its distribution point names), it
is in scope, its signer has a path to the same anchor, and it is fresh. What is not understood
can still revoke, but clears nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509

from certs.verdict import Refused, SubIndication
from certs.x509.certificate import Certificate, NameKey, name_key
from certs.x509.revocation_list import RevocationList, point_names
from schemas.text import Text

# The reasons a distribution point may be for (RFC 5280, 4.2.1.13).
_ALL: Final = frozenset(
    set(x509.ReasonFlags) - {x509.ReasonFlags.remove_from_crl, x509.ReasonFlags.unspecified}
)
Believed = Callable[[RevocationList], bool]


@dataclass(frozen=True, slots=True)
class _Point:
    """One distribution point of a certificate, or the one implied by its issuer's name."""

    names: frozenset[object]
    issuers: frozenset[NameKey]
    reasons: frozenset[x509.ReasonFlags]


def check_status(
    each: Certificate,
    lists: Sequence[RevocationList],
    believed: Believed,
    at: datetime,
    *,
    required: bool,
    signer: bool,
) -> None:
    """Raise Refused when `each` was revoked by `at`; when `required`, also when it is unknown.

    `believed` tells whether a list's signature and signer are in order.
    """
    covered: set[x509.ReasonFlags] = set()
    for point in _points(each):
        for found in lists:
            scoped = _in_scope(found, each, point)
            # Being named by one's own issuer revokes, even on a list meant for others.
            own = not required and found.issuer == each.issuer and not found.indirect
            if found.delta_base is not None or not (scoped or own):
                continue
            if not believed(found):
                continue
            deltas = [one for one in lists if _belongs(one, found) and believed(one)]
            revoked = _entry_date(each, found, deltas)
            if revoked is not None and revoked <= at:
                raise _revoked(each, revoked, signer=signer)
            if scoped and found.understood and _fresh(found, deltas, at):
                covered |= point.reasons & (found.reasons or _ALL)
    if required and covered != _ALL:
        raise _unknown(each)


@dataclass(frozen=True, slots=True)
class Word:
    """What one list says about a certificate: revoked at `revoked`, or cleared, or nothing.

    A list that covers some reasons only, or is not understood, can revoke and clears nobody.
    """

    found: RevocationList
    revoked: datetime | None
    reason: x509.ReasonFlags
    clears: bool


def words(each: Certificate, lists: Sequence[RevocationList]) -> Iterator[Word]:
    """Yield what each list in scope says about a certificate; signatures are not checked here."""
    for found in lists:
        points = [point for point in _points(each) if _in_scope(found, each, point)]
        own = found.issuer == each.issuer and not found.indirect
        if not (points or own):
            continue
        entry = found.entry(each.issuer, each.serial)
        if entry is not None:
            reason = _reason(entry)
            if reason is not x509.ReasonFlags.remove_from_crl:
                yield Word(found, entry.revocation_date_utc, reason, clears=False)
                continue
        whole = found.delta_base is None and not found.reasons and found.understood
        yield Word(found, None, x509.ReasonFlags.unspecified, clears=bool(points) and whole)


def _points(each: Certificate) -> Iterator[_Point]:
    """The certificate's distribution points, then its issuer's own unnamed list."""
    found = each.extension(x509.CRLDistributionPoints)
    for one in found or ():
        issuers = frozenset(_directory(one.crl_issuer or ()))
        base = next(iter(one.crl_issuer or ()), None)
        prefix = base.value if isinstance(base, x509.DirectoryName) else each.x509.issuer
        names = frozenset(point_names(one.full_name, one.relative_name, prefix))
        yield _Point(names, issuers, one.reasons or _ALL)
    yield _Point(frozenset({("name", each.issuer)}), frozenset(), _ALL)


def _directory(names: Iterable[x509.GeneralName]) -> Iterator[NameKey]:
    for name in names:
        if isinstance(name, x509.DirectoryName):
            yield name_key(name.value)


def _in_scope(found: RevocationList, each: Certificate, point: _Point) -> bool:
    """Tell whether a list is meant for this certificate and point (6.3.3 b)."""
    if point.issuers:
        if found.issuer not in point.issuers or not found.indirect:
            return False
    elif found.issuer != each.issuer:
        return False
    if found.attributes_only:
        return False
    if (found.users_only and each.is_authority) or (
        found.authorities_only and not each.is_authority
    ):
        return False
    names = point.names or {("name", issuer) for issuer in point.issuers}
    return not found.names or bool(found.names & names)


def _belongs(delta: RevocationList, base: RevocationList) -> bool:
    """Tell whether a delta continues a complete list: same issuer, scope and key (6.3.3 c)."""
    return (
        delta.delta_base is not None
        and base.number is not None
        and delta.number is not None
        and (delta.issuer, delta.scope, delta.key_id) == (base.issuer, base.scope, base.key_id)
        and delta.delta_base <= base.number < delta.number
    )


def _fresh(found: RevocationList, deltas: Sequence[RevocationList], at: datetime) -> bool:
    """A list is fresh until its successor is due; a delta prolongs the list it continues."""
    return any(
        each.next_update is not None and at <= each.next_update and each.understood
        for each in (found, *deltas)
    )


def _entry_date(
    each: Certificate, found: RevocationList, deltas: Sequence[RevocationList]
) -> datetime | None:
    """Return when the certificate was revoked, by the newest list that names it."""
    for one in (*sorted(deltas, key=lambda delta: delta.number or 0, reverse=True), found):
        entry = one.entry(each.issuer, each.serial)
        if entry is None:
            continue
        if one.delta_base is not None and _reason(entry) is x509.ReasonFlags.remove_from_crl:
            return None
        return entry.revocation_date_utc
    return None


def _reason(entry: x509.RevokedCertificate) -> x509.ReasonFlags:
    for each in entry.extensions:
        if isinstance(each.value, x509.CRLReason):
            return each.value.reason
    return x509.ReasonFlags.unspecified


def _revoked(each: Certificate, when: datetime, *, signer: bool) -> Refused:
    return Refused(
        SubIndication.REVOKED_NO_POE if signer else SubIndication.REVOKED_CA_NO_POE,
        Text(
            f"“{each.name}” was revoked on {when:%Y-%m-%d %H:%M:%S}Z.",
            f"证书“{each.name}”已于 {when:%Y-%m-%d %H:%M:%S}Z 被吊销。",
        ),
    )


def _unknown(each: Certificate) -> Refused:
    return Refused(
        SubIndication.TRY_LATER,
        Text(
            f"Whether “{each.name}” was revoked is not known: no fitting, fresh list.",
            f"无法得知“{each.name}”是否被吊销:没有适用且有效的吊销列表。",
        ),
    )
