"""Bills of lading and other records of title: intact, by whom, and what has become of the title.

Three answers that stand for themselves. A title is called live only when a register says so now,
the record is intact, its issuer is who it says, and nothing speaks against the register being
the issuer's. Whatever cannot be shown is unknown.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Final, Protocol

from certs import records
from certs.records import (
    Checked,
    Identities,
    Identity,
    Integrity,
    Lookup,
    NotAsked,
    Token,
    Trail,
    Transferability,
    contexts,
)
from certs.records.model import time
from certs.records.pending import Listed, Responded
from certs.verdict import Indication, Refused, SubIndication, Verdict, refusal
from gateway.wiring.records.lookups import Lookups, Standing
from gateway.wiring.records.standing import Json, Title
from ledger.anchors.secp256k1 import recover
from schemas.clock import utc_now
from schemas.jcs import NotCanonical, canonical_any
from schemas.jsondepth import loads
from schemas.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a register says of a title now: its state, why if unknown, who holds it."""

    title: Title
    why: Text
    beneficiary: str | None = None
    holder: str | None = None

    def as_dict(self) -> Json:
        """Return plain JSON values."""
        return {"beneficiary": self.beneficiary, "holder": self.holder}


class Register(Protocol):
    """Somewhere the state of titles can be asked for."""

    def standing(self, token: Token) -> Answer:
        """Return what is known of a token; a register that does not answer makes it unknown."""
        ...


class Offline:
    """No register is asked."""

    def standing(self, token: Token) -> Answer:
        """Return unknown."""
        why = Text(
            f"The register {token.registry} was not asked.", f"未查询登记合约 {token.registry}。"
        )
        return Answer(title=Title.UNKNOWN, why=why)


NOTHING: Final[Mapping[str, bytes]] = MappingProxyType({})
_PASSED: Final = Text(
    "The record is intact, its issuer is known, and its title is live.",
    "记录完好,签发方已确认,物权有效。",
)
_NO_TITLE: Final = Text("The record carries no title.", "该记录不载有物权。")
_NOT_INTACT: Final = Text(
    "The record is not intact: nothing it says of its title counts.",
    "记录已被改动,其关于物权的内容不予采信。",
)
_STRIPPED: Final = Text(
    "What was shown does not say which register keeps the title.",
    "所示内容未说明由哪个登记处保管物权。",
)
_FOREIGN: Final = Text(
    "The register is not shown to be the issuer's.", "未能证明该登记处归签发方所有。"
)


@dataclass(frozen=True, slots=True)
class RecordAuditor:
    """Checks records with the answers and the register at hand.

    `lookups` are whom to ask for statuses that others keep; `contexts` what is known of JSON-LD
    beside the tables of ours. `proven` asks for proof that the register is the issuer's: without
    it a credential's signature is enough unless the issuer's domain says otherwise.
    """

    identities: Identities = field(default_factory=NotAsked)
    register: Register = field(default_factory=Offline)
    lookups: Lookups = field(default_factory=Lookups)
    contexts: Mapping[str, object] = field(default_factory=dict)
    proven: bool = False

    def verify(
        self, data: bytes, at: datetime | None = None, beside: Mapping[str, bytes] = NOTHING
    ) -> Json:
        """Return the verdict in the shape of `silkgate verify`.

        `beside` are files whose digest a credential should hold (relatedResource), by name.
        """
        at = at or utc_now()
        trail = Trail(self.identities)
        with contexts.beside(self.contexts):
            checked = records.check(data, trail, recover)
            statuses = self._looked_up(checked, trail, at)
        standing = self.standing(checked, trail, statuses)
        related = {name: _covers(checked, content) for name, content in beside.items()}
        return {
            **_concluded(checked, standing, statuses, at),
            **_uncovered(related),
            "related": [{"name": name, "covered": held} for name, held in related.items()],
            "form": checked.form,
            "integrity": checked.integrity.value,
            "issuer_identity": checked.identity.value,
            "title": standing.title.value,
            "issuer": {"id": checked.issuer, "name": checked.issuer_name},
            "register": None if checked.claim.token is None else checked.claim.token.as_dict(),
            "register_is_issuers": checked.claim.controlled,
            "holding": standing.as_dict(),
            "why": {
                "integrity": checked.integrity_why.as_dict(),
                "issuer_identity": checked.identity_why.as_dict(),
                "title": standing.why.as_dict(),
            },
            "asked": {name: each.as_dict() for name, each in _ways(trail, statuses)},
            "status": [each.as_dict() for each in statuses],
            "unchecked": [each.why.as_dict() for each in statuses if each.good is None],
        }

    def _looked_up(self, checked: Checked, trail: Trail, at: datetime) -> list[Standing]:
        """Return what is found out about the statuses that a record leaves open.

        Nobody is asked for one that is not intact or whose issuer is not known.
        """
        known = checked.integrity is Integrity.VALID and checked.identity is Identity.VALID
        if not known:
            return [Standing(each, good=None, why=each.note) for each in checked.pending]
        return [self.lookups.standing(each, trail, at) for each in checked.pending]

    def standing(self, checked: Checked, trail: Trail, statuses: Sequence[Standing]) -> Answer:
        """Return what is known of a record's title; see the head of this module.

        `trail` is what was asked about its issuer, `statuses` what others say of the record: all
        of it has to be good.
        """
        claim = checked.claim
        if checked.integrity is not Integrity.VALID:
            return _unknown(_NOT_INTACT)
        if claim.transferability is Transferability.NONE:
            return Answer(title=Title.NOT_TRANSFERABLE, why=_NO_TITLE)
        if claim.token is None:
            return _unknown(_STRIPPED)
        found = self.register.standing(claim.token)
        if found.title is not Title.LIVE:
            return found
        doubt = next((each for each in statuses if not each.good), None)
        return _unknown(doubt.why) if doubt else self._believed(found, checked, trail)

    def _believed(self, found: Answer, checked: Checked, trail: Trail) -> Answer:
        """A register's yes counts only when the register is shown to be the issuer's.

        Silence of a domain that was asked speaks for nobody: it might have named other registers.
        """
        if checked.identity is not Identity.VALID:
            return _unknown(checked.identity_why)
        controlled = checked.claim.controlled
        silent = any(each.problem for each in trail.lookups().values())
        if controlled is False or (not controlled and (self.proven or silent)):
            return _unknown(_FOREIGN)
        return found


def digests(data: bytes) -> Iterator[str]:
    """Yield the digests a document may be known by: of its bytes, of its canonical JSON."""
    yield sha256(data).hexdigest()
    try:
        yield sha256(canonical_any(loads(data))).hexdigest()
    except (ValueError, NotCanonical):
        return


def _covers(checked: Checked, data: bytes) -> bool:
    """Tell whether an intact record holds the digest of a file among its related resources."""
    said = checked.data if isinstance(checked.data, dict) else {}
    listed = said.get("relatedResource")
    resources = listed if isinstance(listed, list) else [listed]
    held = {str(each.get("digestMultibase", "")) for each in resources if isinstance(each, dict)}
    named = {_multibase(bytes.fromhex(digest)) for digest in digests(data)}
    return checked.integrity is Integrity.VALID and bool(held & named)


def _multibase(digest: bytes) -> str:
    """Return a SHA-256 digest as multihash in base64url (digestMultibase of VC 2.0)."""
    return "u" + base64.urlsafe_b64encode(b"\x12\x20" + digest).rstrip(b"=").decode()


def _uncovered(related: Mapping[str, bool]) -> Json:
    """Return the refusal of a file beside the record that it does not hold."""
    for name, held in related.items():
        if not held:
            why = Text(f"The record does not hold {name}.", f"该记录不含 {name} 的摘要。")
            verdict = refusal(Refused(SubIndication.HASH_FAILURE, why)).as_dict()
            return {part: verdict[part] for part in ("indication", "subindication", "reason")}
    return {}


def _ways(trail: Trail, statuses: Sequence[Standing]) -> Iterable[tuple[str, Lookup]]:
    """Return how each answer came: about the issuer, and from the pages of statuses."""
    pages = [
        url
        for each in statuses
        if isinstance(each.pending, Listed | Responded)
        for url in each.pending.pages
    ]
    return trail.lookups(pages).items()


def _unknown(why: Text) -> Answer:
    return Answer(title=Title.UNKNOWN, why=why)


def _concluded(
    checked: Checked, standing: Answer, statuses: Sequence[Standing], at: datetime
) -> Mapping[str, object]:
    """Return the indication: passed only when the record may be relied on as it stands."""
    refused = _refusal(checked, standing, statuses, at)
    if refused is None:
        return Verdict(indication=Indication.TOTAL_PASSED, reason=_PASSED).as_dict()
    return refusal(refused).as_dict()


def _refusal(
    checked: Checked, standing: Answer, statuses: Sequence[Standing], at: datetime
) -> Refused | None:
    if checked.integrity is not Integrity.VALID:
        return Refused(SubIndication.HASH_FAILURE, checked.integrity_why)
    if checked.identity is not Identity.VALID:
        return Refused(SubIndication.SIG_CONSTRAINTS_FAILURE, checked.identity_why)
    period = _outside(checked, at)
    if period is not None:
        return period
    for each in sorted(statuses, key=lambda each: each.good is None):
        if not each.good:
            return Refused(each.refused, each.why)
    if standing.title not in {Title.LIVE, Title.NOT_TRANSFERABLE}:
        return Refused(SubIndication.SIG_CONSTRAINTS_FAILURE, standing.why)
    return None


def _outside(checked: Checked, at: datetime) -> Refused | None:
    """Return why a credential is not in force at a moment, None if it is or says nothing."""
    begins, ends = time(checked.valid_from), time(checked.valid_until)
    if begins is not None and at < begins:
        why = Text(f"Valid from {checked.valid_from} only.", f"自 {checked.valid_from} 起有效。")
        return Refused(SubIndication.NOT_YET_VALID, why)
    if ends is not None and at > ends:
        why = Text(f"Valid until {checked.valid_until}.", f"有效期至 {checked.valid_until}。")
        return Refused(SubIndication.EXPIRED, why)
    return None
