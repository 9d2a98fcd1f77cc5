"""Certificate paths: from a signer to an anchor (RFC 5280, section 6), with a budget of work.

Checked on the way: signatures, validity at the proven time, basicConstraints, pathLenConstraint
(self-issued certificates not counted), keyCertSign, unknown critical extensions, name
constraints, certificate policies, and the CRLs of the trust store. A path that breaks a rule is
left and the next one tried, within the budget.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from certs.path.made import issued, signed_list
from certs.path.peer import PeerName, check_peer
from certs.path.policies import PolicyInputs, check_policies
from certs.path.profile import Profile, check_profile
from certs.path.refusal import constraint, too_much
from certs.path.revocation import check_status
from certs.path.rules import check_authority, check_names, check_strength, check_validity
from certs.trust import TrustStore
from certs.verdict import Refused, SubIndication
from certs.x509.certificate import Certificate, NameKey
from certs.x509.revocation_list import RevocationList
from schemas.text import Text

_LONGEST: Final = 10
_BUDGET: Final = 64
_REMEMBERED: Final = 2048


@dataclass(frozen=True, slots=True)
class Path:
    """A path from the signer's certificate to an anchor, and when all of it is valid."""

    certificates: tuple[Certificate, ...]
    not_before: datetime
    not_after: datetime

    @property
    def anchor(self) -> Certificate:
        """The certificate trust rests on."""
        return self.certificates[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """What the relying party asks of a path beyond being valid.

    Without `revocation_required` a certificate on no list is taken as good; with it, every
    certificate below the anchor needs a fresh list that says so. `profile` refuses certificates
    that depart from it; `longest` bounds the number of authorities
    between signer and anchor that are not self-issued. With a `purpose` (a dotted OID) the signer
    must be for it, and for the name `peer` when one is given. What is judged elsewhere, by proofs
    of existence, is left out here: revocation with `leave_revocation`; with `timeless` that,
    validity periods and the strength of algorithms.
    """

    policies: PolicyInputs = field(default_factory=PolicyInputs)
    revocation_required: bool = False
    profile: Profile = Profile.LENIENT
    longest: int | None = None
    peer: PeerName | None = None
    purpose: str = ""
    leave_revocation: bool = False
    timeless: bool = False


@dataclass(slots=True)
class _Search:
    """One search: what it may use, and how many signatures it may still check."""

    trust: TrustStore
    pool: dict[NameKey, list[Certificate]]
    at: datetime
    demands: Demands
    budget: int = _BUDGET
    refused: Refused | None = None
    believed: dict[tuple[int, bytes], bool] = field(default_factory=dict)


_Key = tuple[bytes, bytes, tuple[bytes, ...], Demands]
_NO_DEMANDS: Final = Demands()
_paths: OrderedDict[_Key, Path] = OrderedDict()


def find(
    signer: Certificate,
    extra: Sequence[Certificate],
    trust: TrustStore,
    at: datetime,
    demands: Demands = _NO_DEMANDS,
) -> Path:
    """Return a path for `signer` that is valid at `at`, or raise Refused with the reason.

    A path found once is remembered by trust store, signer, offered certificates and demands, for
    as long as all of its certificates are valid; revocation is looked at each time.
    """
    key = (trust.identity, signer.sha256, tuple(each.sha256 for each in extra), demands)
    path = _paths.get(key)
    fresh = path is None or not (demands.timeless or path.not_before <= at <= path.not_after)
    if path is not None and not fresh and (trust.lists or demands.revocation_required):
        fresh = not _still_good(_begin(extra, trust, at, demands), path.certificates)
    if path is None or fresh:
        path = _search(signer, _begin(extra, trust, at, demands))
        _paths[key] = path
        if len(_paths) > _REMEMBERED:
            _paths.popitem(last=False)
    return path


def _begin(
    extra: Sequence[Certificate], trust: TrustStore, at: datetime, demands: Demands
) -> _Search:
    pool: dict[NameKey, list[Certificate]] = {}
    for each in extra:
        pool.setdefault(each.subject, []).append(each)
    return _Search(trust, pool, at, demands)


def _still_good(search: _Search, path: tuple[Certificate, ...]) -> bool:
    try:
        _check_revocation(search, path)
    except Refused:
        return False
    return True


def _search(signer: Certificate, search: _Search) -> Path:
    found = _extend(search, (signer,))
    if found is None:
        raise search.refused or Refused(
            SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
            Text(
                f"No path from “{signer.name}” to a trust anchor.",
                f"从“{signer.name}”到信任锚没有证书路径。",
            ),
        )
    return Path(
        found,
        max(each.not_before for each in found),
        min(each.not_after for each in found),
    )


def _extend(search: _Search, path: tuple[Certificate, ...]) -> tuple[Certificate, ...] | None:
    """Return `path` prolonged to an anchor, trying every issuer, or None."""
    last = path[-1]
    if last in search.trust.anchors:
        return path if _acceptable(search, path) else None
    if len(path) >= _LONGEST:
        return None
    for issuer in _issuers(search, last):
        if issuer in path or not _spend(search) or not issued(last, issuer):
            continue
        found = _extend(search, (*path, issuer))
        if found is not None:
            return found
    return None


def _issuers(search: _Search, subject: Certificate) -> list[Certificate]:
    """Return candidates by name, anchors and fitting key identifiers first."""
    return sorted(
        _named(search, subject.issuer),
        key=lambda each: (
            each not in search.trust.anchors,
            bool(subject.authority_key_id) and each.key_id != subject.authority_key_id,
        ),
    )


def _named(search: _Search, name: NameKey) -> tuple[Certificate, ...]:
    found = (*search.trust.by_subject.get(name, ()), *search.pool.get(name, ()))
    return tuple(dict.fromkeys(found))


def _spend(search: _Search) -> bool:
    search.budget -= 1
    if search.budget < 0:
        search.refused = too_much()
        return False
    return True


def _acceptable(search: _Search, path: tuple[Certificate, ...]) -> bool:
    """Tell whether a complete path keeps the rules at the time; remembers why not."""
    try:
        for depth, each in enumerate(path):
            if not search.demands.timeless:
                check_validity(each, search.at, anchor=depth == len(path) - 1 and depth > 0)
            if each.not_understood:
                raise constraint(
                    each, "a critical extension is not understood", "存在无法识别的关键扩展"
                )
            if depth < len(path) - 1 and not search.demands.timeless:
                check_strength(each)
            if depth:
                check_authority(each, path[1:depth], anchor=depth == len(path) - 1)
        _check_demands(search, path)
        check_names(path)
        check_policies(path, search.demands.policies)
        _check_revocation(search, path)
    except Refused as refused:
        search.refused = search.refused or refused
        return False
    return True


def _check_demands(search: _Search, path: Sequence[Certificate]) -> None:
    demands = search.demands
    if demands.profile is not Profile.LENIENT:
        check_profile(path, search.at, demands.profile)
    if demands.purpose:
        check_peer(path, demands.peer, demands.purpose)
    between = sum(not each.self_issued for each in path[1:-1])
    if demands.longest is not None and between > demands.longest:
        raise constraint(path[0], "the path is longer than asked for", "证书路径超过所要求的长度")


def _check_revocation(search: _Search, path: Sequence[Certificate]) -> None:
    """No certificate below the anchor may have been revoked by the time."""
    lists, required = search.trust.lists, search.demands.revocation_required
    left = search.demands.timeless or search.demands.leave_revocation
    if left or (not lists and not required):
        return
    anchor = path[-1]
    for depth, each in enumerate(path[:-1]):
        check_status(
            each,
            lists,
            lambda found: _believed(search, found, anchor),
            search.at,
            required=required,
            signer=depth == 0,
        )


def _believed(search: _Search, found: RevocationList, anchor: Certificate) -> bool:
    """Tell whether a list is signed by somebody who may, with a path to the same anchor."""
    key = (id(found), anchor.sha256)
    known = search.believed.get(key)
    if known is None:
        signers = [one for one in _named(search, found.issuer) if signed_list(found, one)]
        # An issuer of indirect lists may be listed on its own; asking again would not end.
        search.believed[key] = bool(signers)
        known = search.believed[key] = any(_vouched(search, one, anchor) for one in signers)
    return known


def _vouched(search: _Search, signer: Certificate, anchor: Certificate) -> bool:
    """Tell whether the signer of a list has a valid path of its own that ends at `anchor`."""
    if signer == anchor:
        return True
    within = TrustStore(
        frozenset({anchor}), search.trust.lists, search.trust.known | search.trust.anchors
    )
    inner = _Search(within, search.pool, search.at, search.demands, search.budget)
    inner.believed = search.believed
    found = _extend(inner, (signer,))
    search.budget = inner.budget
    return found is not None
