"""What an evidence package proves of changes: who changed which field, when, and who agreed.

Every change and every answer to one is a signed, time-stamped statement whose digest stands in the
log. An answer (agreement or refusal) names the change by its digest and is another operator's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from certs import jws
from certs.evidence import Item
from certs.trust import TrustStore
from certs.verdict import SignatureReport, SubIndication, Verdict
from gateway.wiring.audit.answers import Answer, Detail, nothing, proven, refuted
from gateway.wiring.audit.proofs import Logged
from schemas.clock import iso
from schemas.text import Text

TYPE: Final = "silkgate-change+json"
AGREEMENT: Final = "agreement"
REFUSAL: Final = "refusal"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement whose signature holds."""

    name: str
    digest: str
    said: Mapping[str, Any]
    signature: SignatureReport

    @property
    def of(self) -> str:
        """The digest of the change it answers; empty for a change."""
        answers = self.said["kind"] in (AGREEMENT, REFUSAL)
        return str(self.said["of"]["sha256"]) if answers else ""

    @property
    def agrees(self) -> bool:
        """Whether it agrees to a change."""
        return bool(self.said["kind"] == AGREEMENT)


def changed(
    items: Sequence[Item], logged: Sequence[Logged], store: TrustStore, at: datetime
) -> Answer:
    """Answer whether every statement about changes is signed, in the log, and rightly agreed to."""
    held: list[Statement] = []
    for item in items:
        found = _statement(item, store, at)
        if isinstance(found, Answer):
            return found
        held.append(found)
    by_digest = {one.digest: one for one in held}
    entries = {each.entry: each for each in logged if each.answer.ok}
    details = [_detail(one, entries.get(one.name), held) for one in held]
    for one in held:
        fault = _fault(one, by_digest.get(one.of))
        if fault is not None:
            return refuted(fault, SubIndication.SIG_CONSTRAINTS_FAILURE, details)
    missing = [one.name for one in held if one.name not in entries]
    if missing:
        return nothing(
            f"There is no log proof of: {', '.join(missing)}.",
            f"缺少日志证明:{'、'.join(missing)}。",
            details,
        )
    return proven(_told(held), details)


def _statement(item: Item, store: TrustStore, at: datetime) -> Statement | Answer:
    verdict = jws.verify(item.data, store, at=at, typ=TYPE)
    if not verdict.passed:
        return _unsigned(item.name, verdict)
    said = json.loads(verdict.signed)
    return Statement(item.name, sha256(item.data).hexdigest(), said, verdict.signatures[0])


def _unsigned(name: str, verdict: Verdict) -> Answer:
    reason = verdict.reason or Text("It is not verified.", "未通过验证。")
    return refuted(Text(f"{name}: {reason.en}", f"{name}:{reason.zh}"), verdict.subindication)


def _fault(one: Statement, change: Statement | None) -> Text | None:
    """Return what is wrong with an answer, None if nothing is."""
    if not one.of:
        return None
    if change is None:
        return Text(
            f"{one.name} answers a change that is not in the package.",
            f"{one.name} 所答复的修改不在证据包中。",
        )
    if change.signature.certificate == one.signature.certificate:
        return Text(
            f"{one.name}: its author answered its own change.",
            f"{one.name}:修改由提出方自行答复。",
        )
    return None


def _detail(one: Statement, logged: Logged | None, held: Sequence[Statement]) -> Detail:
    said = one.said
    proof = logged.answer.details[0] if logged else {}
    shared: dict[str, object] = {
        "file": one.name,
        "kind": said["kind"],
        "by": said["by"],
        "signer": one.signature.signer,
        "time": iso(one.signature.time) if one.signature.time else None,
        "sha256": one.digest,
        **{key: proof[key] for key in ("origin", "index") if key in proof},
    }
    if one.agrees:
        return {**shared, "of": one.of, "state": said["state"], "version": said["version"]}
    if one.of:
        return {**shared, "of": one.of, "reason": said["reason"]}
    fields = [{key: each[key] for key in ("term", "old", "new")} for each in said["changes"]]
    agreed = [other.name for other in held if other.agrees and other.of == one.digest]
    return {**shared, "reason": said["reason"], "changes": fields, "agreed": agreed}


def _told(held: Sequence[Statement]) -> Text:
    changes = [one for one in held if not one.of]
    agreed = {one.of for one in held if one.agrees}
    fields = sum(len(one.said["changes"]) for one in changes)
    count = sum(one.digest in agreed for one in changes)
    signers = ", ".join(dict.fromkeys(one.signature.signer for one in held))
    return Text(
        f"{len(changes)} changes of {fields} fields, {count} agreed by the other side;"
        f" signed by {signers}.",
        f"{len(changes)} 次修改共 {fields} 个字段,其中 {count} 次经对方确认;签署方:{signers}。",
    )
