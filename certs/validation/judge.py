"""One signature decided after EN 319 102-1: its chain, its time-stamps, what they prove.

The cryptography was found in order before. From then on only facts count: which certificates and
revocation data there are, what each good time-stamp proves to have existed when, and the policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from certs import timestamp
from certs.algorithms import Family, Scheme, scheme_of_cms, strength_of
from certs.decision.model import (
    Crypto,
    Diagnosis,
    Matcher,
    SignatureFacts,
    TimestampFacts,
)
from certs.decision.policy import Policy, house
from certs.decision.process import Processes
from certs.digests import SHA256, Digest
from certs.timestamp import Examined, Imprint
from certs.trust import TrustStore
from certs.validation.facts import Facts, policy_name
from certs.validation.material import Material
from certs.verdict import CONTENT, Refused, SubIndication, TimestampReport
from certs.x509.certificate import Certificate
from schemas.text import Text

SIGNATURE: Final = "signature"
_TYPES: Final = {CONTENT: "CONTENT_TIMESTAMP", "archive": "ARCHIVE_TIMESTAMP"}
# Two authorities may differ by what their clocks promise.
_CLOCKS: Final = timedelta(minutes=1)
_NOTHING: Final = Material()
_USUAL: Final = "SIGNATURE_TIMESTAMP"


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time-stamp on a signature: what it must be over, and what it proves to have existed.

    `covers` names tokens (SHA-256 of their DER in hex) beside the signature itself.
    """

    kind: str
    token: bytes
    imprint: Imprint
    covers: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """The identifier under which the decision knows it."""
        return identifier(self.token)


@dataclass(frozen=True, slots=True)
class Seen:
    """A stamp with what was found out about its token."""

    stamp: Stamp
    found: Examined
    material: Material = field(default_factory=Material)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A signature whose cryptography is in order, with everything that came along.

    `known_since` is the time at which it existed by other, already judged proof.
    """

    signer: Certificate
    scheme: Scheme
    claimed: datetime | None
    digests: tuple[Digest, ...]
    material: Material
    stamps: tuple[Seen, ...] = ()
    known_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Why a signature does not pass (None: it does), and the reports on its time-stamps.

    `path` is the signer's chain up to the anchor; `cleared` tells that for every certificate in
    it below the anchor somebody said, for the proven time, that it was not revoked.
    """

    refused: Refused | None
    timestamps: tuple[TimestampReport, ...]
    path: tuple[Certificate, ...] = ()
    cleared: bool = False


def identifier(encoded: bytes) -> str:
    """Return the identifier of a token."""
    return SHA256.of(encoded).hex()


def examine(stamps: Sequence[Stamp], offered: Sequence[Certificate]) -> tuple[Seen, ...]:
    """Return what holds of each stamp whatever the time."""
    return tuple(_seen(stamp, offered) for stamp in stamps)


def inside(token: bytes) -> Material:
    """Return the validation data in a token; none in one that cannot be read."""
    try:
        data = timestamp.read(token).data
    except Refused:
        return Material()
    return Material.read(data.certificates, data.lists, data.responses)


def prove(
    stamps: Sequence[Stamp], trust: TrustStore, at: datetime, beside: Material = _NOTHING
) -> tuple[TimestampReport, ...]:
    """Return the reports on time-stamps that stand alone, each judged at what later ones prove.

    `beside` is validation data that was kept with them and is not in the tokens.
    """
    all_seen = examine(stamps, beside.certificates)
    facts = Facts(trust, sum((seen.material for seen in all_seen), beside))
    judged = _stamps(all_seen, facts)
    diagnosis = _diagnosis(facts, list(judged.facts.values()), at)
    judged.doubts.update(Processes(diagnosis, house(strict=trust.strict)).stamps()[1])
    return judged.reports(all_seen)


def _diagnosis(
    facts: Facts, stamps: Sequence[TimestampFacts], at: datetime, *signatures: SignatureFacts
) -> Diagnosis:
    return Diagnosis(
        validation_time=at,
        container="",
        manifests=None,
        signatures=signatures,
        certificates=facts.certificates,
        revocations=facts.revocations,
        timestamps={each.id: each for each in stamps},
    )


def _seen(stamp: Stamp, offered: Sequence[Certificate]) -> Seen:
    found = timestamp.examine(stamp.token, stamp.imprint, offered)
    return Seen(stamp, found, inside(stamp.token))


def decide(case: Case, trust: TrustStore, policy: Policy, at: datetime) -> Outcome:
    """Return the decision at `at`; raises Refused when the signer has no chain at any time."""
    material = sum((seen.material for seen in case.stamps), case.material)
    facts = Facts(trust, material)
    judged = _stamps(case.stamps, facts)
    stamps = list(judged.facts.values())
    made = (each.produced for each in stamps if each.type != _TYPES[CONTENT])
    proven = min(made, default=at)
    proven = min(proven, case.known_since or proven, at)
    route = facts.route(case.signer, proven)
    signature = _signature(case, facts.add(route, proven))
    known = {SIGNATURE: case.known_since} if case.known_since else {}
    processes = Processes(_diagnosis(facts, stamps, at, signature), policy, known)
    refused = processes.decide(signature) or _disorder(stamps)
    judged.doubts.update(processes.stamps()[1] if stamps else {})
    reports = judged.reports(case.stamps)
    return Outcome(refused, reports, route, facts.cleared(route, proven))


def _disorder(stamps: Sequence[TimestampFacts]) -> Refused | None:
    """Refuse a time-stamp that says it is older than one it covers (EN 319 102-1, 5.5.4)."""
    times = {each.id: each.produced for each in stamps}
    for stamp in stamps:
        for token in stamp.covers & times.keys():
            if stamp.produced < times[token] - _CLOCKS:
                return Refused(
                    SubIndication.TIMESTAMP_ORDER_FAILURE,
                    Text("The time-stamps are not in order.", "时间戳顺序不正确。"),
                )
    return None


@dataclass(slots=True)
class _Judged:
    """By the id of each stamp: its facts and route where it has a chain, else why it has none."""

    facts: dict[str, TimestampFacts] = field(default_factory=dict)
    routes: dict[str, tuple[Certificate, ...]] = field(default_factory=dict)
    doubts: dict[str, Refused | None] = field(default_factory=dict)

    def reports(self, all_seen: Sequence[Seen]) -> tuple[TimestampReport, ...]:
        return tuple(
            timestamp.report(
                seen.found,
                self.doubts.get(seen.stamp.id),
                seen.stamp.kind,
                self.routes.get(seen.stamp.id, ()),
            )
            for seen in all_seen
        )


def _stamps(all_seen: Sequence[Seen], facts: Facts) -> _Judged:
    judged = _Judged()
    for seen in all_seen:
        name = seen.stamp.id
        try:
            judged.facts[name], judged.routes[name] = _stamp(seen, facts)
        except Refused as refused:
            judged.doubts[name] = refused
    return judged


def _stamp(seen: Seen, facts: Facts) -> tuple[TimestampFacts, tuple[Certificate, ...]]:
    token, authority = seen.found.token, seen.found.authority
    if seen.found.refused is not None or token is None or authority is None:
        raise seen.found.refused or Refused(
            SubIndication.FORMAT_FAILURE,
            Text("A time-stamp is malformed.", "时间戳格式错误。"),
        )
    signer = token.data.signers[0]
    scheme = scheme_of_cms(signer.algorithm, signer.digest)
    route = facts.route(authority, token.info.time)
    found = TimestampFacts(
        id=seen.stamp.id,
        crypto=_crypto(authority, scheme),
        chain=facts.add(route, token.info.time),
        signer=authority.sha256.hex(),
        type=_TYPES.get(seen.stamp.kind, _USUAL),
        produced=token.info.time,
        matchers=(_matcher("MESSAGE_IMPRINT", token.info.digest),),
        covers=seen.stamp.covers | {SIGNATURE},
        evidence_record=False,
    )
    return found, route


def _signature(case: Case, chain: tuple[str, ...]) -> SignatureFacts:
    return SignatureFacts(
        id=SIGNATURE,
        crypto=_crypto(case.signer, case.scheme),
        chain=chain,
        signer=chain[0],
        claimed=case.claimed,
        format="",
        matchers=tuple(
            _matcher("MESSAGE_DIGEST", each) for each in (case.digests or (case.scheme.digest,))
        ),
        certificate_reference=True,
        timestamps=tuple(seen.stamp.id for seen in case.stamps),
        evidence_records=(),
        duplicated=False,
        pdf_consistent=True,
        byte_range_valid=True,
        one_signer=True,
    )


def _crypto(signer: Certificate, scheme: Scheme) -> Crypto:
    algorithm, size = strength_of(signer.public_key)
    return Crypto(
        algorithm="RSASSA-PSS" if scheme.family is Family.PSS else algorithm,
        digest=policy_name(scheme.digest.name),
        size=size,
        intact=True,
        valid=True,
    )


def _matcher(kind: str, digest: Digest) -> Matcher:
    return Matcher(kind, policy_name(digest.name), found=True, intact=True)
