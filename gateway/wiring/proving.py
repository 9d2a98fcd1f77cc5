"""What an evidence package proves beyond its seal: seven questions, each with its own answer.

who signed · when · unchanged · in the log · anchored · delivered · received, and for a clearance
alike: both sides hold the same common fields. An answer is yes, no, or "nothing shown": a
package may not speak about a question, and then it proves nothing about it either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from certs import asic
from certs.certificate import Certificate, load_all
from certs.errors import MalformedCertificate
from certs.evidence import EvidenceVerdict, Item, Role, SignedFile
from certs.path import find as find_path
from certs.receipts import Result
from certs.trust import TrustStore
from certs.verdict import BlockIndication, Indication, Refused, SubIndication
from gateway.wiring.proofs import Known, Logged, check_proof, check_two_sides
from gateway.wiring.trusting import Trusted, raw_key
from ledger.anchors.offline import verify_record
from ledger.errors import BadVerifierKey
from ledger.vkey import VerifierKey
from schemas.clock import iso, utc_now
from schemas.errors import LedgerError
from schemas.text import Text

Detail = Mapping[str, object]


class Question(StrEnum):
    """What an auditor asks, in the order of the answers."""

    WHO = "who"
    WHEN = "when"
    UNCHANGED = "unchanged"
    IN_LOG = "in_log"
    ANCHORED = "anchored"
    DELIVERED = "delivered"
    RECEIVED = "received"
    ALIKE = "alike"


REQUIRED: Final = (Question.WHO, Question.WHEN, Question.UNCHANGED, Question.IN_LOG)
"""Without a yes to these a package is no evidence."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes (True), no (False) or nothing shown (None), why, and the particulars."""

    ok: bool | None
    why: Text
    details: tuple[Detail, ...] = ()
    sub: SubIndication | None = None

    def as_dict(self) -> dict[str, object]:
        """Return the answer as plain JSON values."""
        return {"ok": self.ok, "why": self.why.as_dict(), "details": [*map(dict, self.details)]}


Answers = Mapping[Question, Answer]


def answers(package: EvidenceVerdict, trusted: Trusted, at: datetime | None) -> Answers:
    """Return the answers of a package whose seal passed."""
    moment = package.seal.signatures[0].time or at or utc_now()
    known = Known(trusted.keys, *_package_keys(package.items, trusted.store, moment))
    signed = [item for item in package.items if item.role is Role.SIGNED]
    logged = [check_proof(item, signed, known) for item in _of(package, Role.LOG_PROOF)]
    return {
        Question.WHO: _who(package),
        Question.WHEN: _when(package),
        Question.UNCHANGED: _unchanged(package),
        Question.IN_LOG: _in_log(signed, logged),
        Question.ANCHORED: _anchored(_of(package, Role.ANCHOR), logged, trusted),
        Question.DELIVERED: _delivered(package, signed, trusted, at),
        Question.RECEIVED: _received(package),
        Question.ALIKE: _alike(_of(package, Role.DISCLOSURE), known),
    }


def _of(package: EvidenceVerdict, role: Role) -> list[Item]:
    return [item for item in package.items if item.role is role]


def _package_keys(
    items: Sequence[Item], store: TrustStore, at: datetime
) -> tuple[tuple[VerifierKey, ...], tuple[VerifierKey, ...]]:
    """Return the package's verifier keys: those that a trusted root certifies, and the others."""
    certified = set(_certified(items, store, at))
    sure: list[VerifierKey] = []
    stated: list[VerifierKey] = []
    for item in items:
        if item.name.endswith(".vkey"):
            try:
                key = VerifierKey.parse(item.data.decode("utf-8", "replace").strip())
            except BadVerifierKey:
                continue
            (sure if key.key in certified else stated).append(key)
    return tuple(sure), tuple(stated)


def _certified(items: Sequence[Item], store: TrustStore, at: datetime) -> Iterator[bytes]:
    chains: list[tuple[Certificate, ...]] = []
    for item in items:
        if item.role is Role.CERTIFICATE and not item.name.endswith(".vkey"):
            try:
                chains.append(load_all(item.data))
            except MalformedCertificate:
                continue
    for chain in chains:
        public = raw_key(chain[0])
        if public is None:
            continue
        try:
            find_path(chain[0], chain[1:], store, at)
        except Refused:
            continue
        yield public


def _who(package: EvidenceVerdict) -> Answer:
    """Every signed document verifies; its signers are named."""
    documents = package.documents
    details = tuple(
        {"file": each.name, "signer": report.signer, "level": report.level, "format": report.format}
        for each in documents
        for report in each.verdict.signatures
    )
    if not documents:
        return _nothing("There is no signed document in the package.", "证据包中没有已签名文件。")
    bad = _first_bad(documents)
    if bad is not None:
        reason = bad.verdict.reason or Text("not verified", "未通过验证")
        return Answer(
            False,
            Text(
                f"The signature of {bad.name}: {reason.en}", f"{bad.name} 的签名:{reason.zh}"
            ),
            details,
            bad.verdict.subindication,
        )
    names = ", ".join(dict.fromkeys(str(detail["signer"]) for detail in details))
    return Answer(True, Text(f"Signed by {names}.", f"签署方:{names}。"), details)


def _first_bad(documents: Sequence[SignedFile]) -> SignedFile | None:
    bad = [each for each in documents if not each.verdict.passed]
    failed = (each for each in bad if each.verdict.indication is Indication.TOTAL_FAILED)
    return next(failed, bad[0] if bad else None)


def _when(package: EvidenceVerdict) -> Answer:
    """Every signature of a document has a good time-stamp; a signer's own claim is none."""
    details = tuple(
        {"file": each.name, "authority": stamp.authority, "time": iso(stamp.time)}
        for each in package.documents
        for report in each.verdict.signatures
        for stamp in report.timestamps
        if stamp.indication is BlockIndication.PASSED and stamp.time
    )
    stamped = {detail["file"] for detail in details}
    if not package.documents or any(each.name not in stamped for each in package.documents):
        return _nothing(
            "A document has no good time-stamp; its time is the signer's own claim.",
            "有文件缺少有效时间戳,其时间仅为签署方自述。",
            details,
        )
    last = max(str(detail["time"]) for detail in details)
    who = details[-1]["authority"]
    return Answer(
        True, Text(f"Before {last}, says {who}.", f"不晚于 {last},由 {who} 证明。"), details
    )


def _unchanged(package: EvidenceVerdict) -> Answer:
    """The seal covers every file, and each document is as it was signed."""
    broken = [
        each.name
        for each in package.documents
        if each.verdict.indication is Indication.TOTAL_FAILED
    ]
    if broken:
        return Answer(
            False,
            Text(f"Changed or broken: {', '.join(broken)}.", f"已被改动或损坏:{'、'.join(broken)}。"),
            sub=SubIndication.HASH_FAILURE,
        )
    count = len(package.items)
    report = package.seal.signatures[0]
    sealed = {
        "sealed_by": report.signer,
        "sealed_at": iso(report.time) if report.time else None,
        "files": count,
    }
    return Answer(
        True,
        Text(
            f"All {count} files are as {report.signer} sealed them.",
            f"全部 {count} 个文件均与 {report.signer} 封存时一致。",
        ),
        (sealed,),
    )


def _in_log(signed: Sequence[Item], logged: Sequence[Logged]) -> Answer:
    """Every signed document is an entry of a log whose key is known."""
    details = tuple(each.as_dict() for each in logged)
    for each in logged:
        if not each.holds:
            return Answer(False if each.refuted else None, each.why, details, each.sub)
    missing = {item.name for item in signed} - {each.entry for each in logged}
    if missing or not logged:
        names = ", ".join(sorted(missing))
        return _nothing(f"There is no log proof of: {names}.", f"缺少日志证明:{names}。", details)
    origins = ", ".join(dict.fromkeys(each.origin for each in logged))
    witnesses = ", ".join(dict.fromkeys(name for each in logged for name in each.witnesses))
    seen = Text(f" Cosigned by {witnesses}.", f"联署方:{witnesses}。") if witnesses else Text("", "")
    return Answer(
        True,
        Text(f"Entered in the log {origins}.{seen.en}", f"已登记于日志 {origins}。{seen.zh}"),
        details,
    )


def _anchored(records: Sequence[Item], logged: Sequence[Logged], trusted: Trusted) -> Answer:
    """The very checkpoint of every log proof is anchored."""
    if not records:
        return _nothing("The package holds no anchor.", "证据包中没有锚定记录。")
    held = [each for each in logged if each.checkpoint is not None and each.holds]
    details: list[Detail] = []
    covered: set[str] = set()
    refused: LedgerError | None = None
    trust = Text("", "")
    for record in records:
        for each in held:
            if each.checkpoint is None:
                continue
            try:
                verdict = verify_record(record.data, each.checkpoint, trusted.chain)
            except LedgerError as error:
                refused = error
                continue
            covered.add(each.proof)
            trust = verdict.trust
            details.append({"file": record.name, "proof": each.proof, **verdict.as_dict()})
    if not held:
        return _nothing("No verified checkpoint that it could anchor.", "没有可供锚定的已验证检查点。")
    if covered != {each.proof for each in held}:
        why = refused.message if refused else Text("not every proof", "并非所有证明")
        return Answer(False, why, tuple(details), SubIndication.SIG_CRYPTO_FAILURE)
    return Answer(
        True,
        Text(
            f"The checkpoint is anchored. {trust.en}",
            f"检查点已锚定。{trust.zh}",
        ),
        tuple(details),
    )


def _delivered(
    package: EvidenceVerdict, signed: Sequence[Item], trusted: Trusted, at: datetime | None
) -> Answer:
    """A receipt names the digest of a sealed container that holds a signed document."""
    containers = _of(package, Role.DELIVERY)
    if not containers:
        return _nothing("The package holds no delivery.", "证据包中没有投递记录。")
    receipted = {name for each in package.receipts if each.verdict.passed for name in each.covers}
    originals = {item.data for item in signed}
    details: list[Detail] = []
    for item in containers:
        opened = asic.verify(item.data, trusted.store, at=at)
        digest = sha256(item.data).hexdigest()
        details.append({"file": item.name, "sha256": digest, "receipted": item.name in receipted})
        if not opened.passed:
            reason = opened.verdict.reason or Text("", "")
            return Answer(
                False,
                Text(f"{item.name}: {reason.en}", f"{item.name}:{reason.zh}"),
                tuple(details),
                opened.verdict.subindication,
            )
        if not originals & set(opened.files.values()):
            return Answer(
                False,
                Text(
                    f"{item.name} does not hold the signed document.",
                    f"{item.name} 中没有该已签名文件。",
                ),
                tuple(details),
                SubIndication.HASH_FAILURE,
            )
        if item.name not in receipted:
            return _nothing(
                f"No receipt names the digest of {item.name}.",
                f"没有回执注明 {item.name} 的摘要。",
                tuple(details),
            )
    return Answer(
        True,
        Text(
            "What was delivered holds the signed document; the receipt names its digest.",
            "所投递容器包含该已签名文件,回执注明其摘要。",
        ),
        tuple(details),
    )


def _received(package: EvidenceVerdict) -> Answer:
    """Another than the signer of the document gave a receipt that accepts it."""
    if not package.receipts:
        return _nothing("The package holds no receipt.", "证据包中没有回执。")
    signers = {r.certificate for each in package.documents for r in each.verdict.signatures}
    details: list[Detail] = []
    for each in package.receipts:
        receipt = each.receipt
        if receipt is None:
            reason = each.verdict.reason or Text("not verified", "未通过验证")
            why = Text(f"{each.name}: {reason.en}", f"{each.name}:{reason.zh}")
            return Answer(False, why, tuple(details), each.verdict.subindication)
        signer = each.verdict.signatures[0]
        details.append(
            {
                "file": each.name,
                "recipient": receipt.recipient,
                "signer": signer.signer,
                "received_at": iso(receipt.received_at),
                "result": receipt.result.value,
                "covers": list(each.covers),
            }
        )
        if signer.certificate in signers:
            return _refuted("The sender receipted its own delivery.", "回执由发送方自己签发。", details)
        if receipt.result is Result.REFUSED:
            return _refuted("The receiver refused it.", "接收方拒收。", details)
        if not each.covers:
            return _refuted(
                "The receipt names none of the files here.", "回执未指向包内任何文件。", details
            )
    last = details[-1]
    return Answer(
        True,
        Text(
            f"Received by {last['recipient']} ({last['signer']}) at {last['received_at']}.",
            f"{last['recipient']}({last['signer']})于 {last['received_at']} 收到。",
        ),
        tuple(details),
    )


def _alike(disclosures: Sequence[Item], known: Known) -> Answer:
    """Both logs hold one root of the common fields, each cosigned by the other side."""
    proofs = [item for item in disclosures if item.name.endswith(".cbor")]
    if not proofs:
        return _nothing("The package holds no two-side proof.", "证据包中没有双边证明。")
    details: list[Detail] = []
    for item in proofs:
        checked = check_two_sides(item, known)
        details.extend(checked.details)
        if not checked.holds:
            ok = False if checked.refuted else None
            return Answer(ok, checked.why, tuple(details), checked.sub)
    return Answer(
        True,
        Text(
            "Both sides hold the same common fields; each witnessed the other's log.",
            "双方持有相同的共同字段,且互为对方日志的见证。",
        ),
        tuple(details),
    )


def _nothing(en: str, zh: str, details: Sequence[Detail] = ()) -> Answer:
    return Answer(None, Text(en, zh), tuple(details))


def _refuted(en: str, zh: str, details: Sequence[Detail]) -> Answer:
    return Answer(False, Text(en, zh), tuple(details), SubIndication.SIG_CONSTRAINTS_FAILURE)


def seconds(moment: int) -> str:
    """Return Unix seconds as RFC 3339 text."""
    return iso(datetime.fromtimestamp(moment, UTC))
