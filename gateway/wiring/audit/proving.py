"""What an evidence package proves, question by question.

Who signed, when, unchanged, in the log, anchored, delivered, received, and for a clearance
whether both sides hold the same common fields. An answer is yes, no, or nothing shown: a package
that does not speak about a question proves nothing about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256

from certs import asic
from certs.errors import MalformedCertificate
from certs.evidence import (
    EvidenceVerdict,
    Item,
    ReceiptFile,
    Role,
    SignedFile,
    sealed_before,
)
from certs.path.search import find as find_path
from certs.receipts import Result
from certs.trust import TrustStore
from certs.verdict import Indication, Refused, SubIndication, Verdict
from certs.x509.certificate import Certificate, load_all
from gateway.wiring.audit import proofs, reception, sides
from gateway.wiring.audit.answers import Answer, Answers, Detail, Question, nothing, proven, refuted
from gateway.wiring.audit.changed import changed
from gateway.wiring.audit.proofs import Known
from gateway.wiring.audit.trusting import Trusted, raw_key
from ledger.errors import BadVerifierKey
from ledger.vkey import VerifierKey
from schemas.clock import iso, utc_now
from schemas.text import Text


def answers(package: EvidenceVerdict, trusted: Trusted, at: datetime | None) -> Answers:
    """Return the answers of a package whose seal passed."""
    moment = sealed_before(package.seal, at or utc_now())
    known = Known(trusted.keys, *_package_keys(package.items, trusted.store, moment))
    signed = _of(package, Role.SIGNED)
    changes = _of(package, Role.CHANGE)
    entries = [*signed, *changes]
    checked = [proofs.check_proof(item, entries, known) for item in _of(package, Role.LOG_PROOF)]
    about_changes = {item.name for item in changes}
    logged = [each for each in checked if each.entry not in about_changes]
    shared = [item for item in _of(package, Role.DISCLOSURE) if item.name.endswith(".cbor")]
    found = {
        Question.WHO: _who(package),
        Question.WHEN: _when(package),
        Question.UNCHANGED: _unchanged(package),
        Question.IN_LOG: proofs.in_log(signed, logged),
        Question.ANCHORED: proofs.anchored(_of(package, Role.ANCHOR), logged, trusted.chain),
        Question.DELIVERED: _delivered(package, trusted.store, moment),
        Question.RECEIVED: _received(package),
        Question.ALIKE: sides.alike(shared, known),
    }
    if changes:
        found[Question.CHANGED] = changed(changes, checked, trusted.store, moment)
    return {**found, **_of_receiver(package, trusted.store, moment)}


def _of_receiver(package: EvidenceVerdict, store: TrustStore, moment: datetime) -> Answers:
    """Return what only a receiver's package answers: how it found the document, what it declared.

    Reading a declaration takes the formats and the clearance room: nobody else loads them.
    """
    found: dict[Question, Answer] = {}
    if _of(package, Role.VERDICT):
        found[Question.VERIFIED] = reception.verified(package.items, store, moment)
    if _of(package, Role.DECLARATION):
        from gateway.wiring.audit.declared import declared

        found[Question.DECLARED] = declared(package.items, store)
    return found


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
    """Yield the Ed25519 keys in the package's certificates that lead to a trusted root."""
    for chain in filter(None, map(_chain, items)):
        public = raw_key(chain[0])
        if public is None:
            continue
        try:
            find_path(chain[0], chain[1:], store, at)
        except Refused:
            continue
        yield public


def _chain(item: Item) -> tuple[Certificate, ...]:
    if item.role is not Role.CERTIFICATE:
        return ()
    try:
        return load_all(item.data)
    except MalformedCertificate:
        return ()


def _who(package: EvidenceVerdict) -> Answer:
    """Every signed document verifies; its signers are named."""
    details = tuple(
        {"file": each.name, "signer": report.signer, "level": report.level, "format": report.format}
        for each in package.documents
        for report in each.verdict.signatures
    )
    if not package.documents:
        return nothing("The package holds no signed document.", "证据包中没有已签名文件。")
    bad = _worst(package.documents)
    if bad is not None:
        return refuted(_because(bad.name, bad.verdict), bad.verdict.subindication, details)
    names = ", ".join(dict.fromkeys(str(detail["signer"]) for detail in details))
    return proven(Text(f"Signed by {names}.", f"签署方:{names}。"), details)


def _worst(documents: Sequence[SignedFile]) -> SignedFile | None:
    bad = [each for each in documents if not each.verdict.passed]
    failed = (each for each in bad if each.verdict.indication is Indication.TOTAL_FAILED)
    return next(failed, bad[0] if bad else None)


def _because(name: str, verdict: Verdict) -> Text:
    reason = verdict.reason or Text("It is not verified.", "未通过验证。")
    return Text(f"{name}: {reason.en}", f"{name}:{reason.zh}")


def _when(package: EvidenceVerdict) -> Answer:
    """Every signed document has a good time-stamp; a signer's own claim is none."""
    stamps = [
        (each.name, stamp.authority, stamp.time)
        for each in package.documents
        for report in each.verdict.signatures
        for stamp in report.timestamps
        if stamp.proven and stamp.time
    ]
    details = tuple({"file": n, "authority": who, "time": iso(time)} for n, who, time in stamps)
    stamped = {name for name, _, _ in stamps}
    if not stamps or any(each.name not in stamped for each in package.documents):
        return nothing(
            "A document has no good time-stamp; its time is the signer's own claim.",
            "有文件缺少有效时间戳,其时间仅为签署方自述。",
            details,
        )
    _, who, last = max(stamps, key=lambda stamp: stamp[2])
    why = Text(f"Not later than {iso(last)}, says {who}.", f"不晚于 {iso(last)},由 {who} 证明。")
    return proven(why, details)


def _unchanged(package: EvidenceVerdict) -> Answer:
    """The seal covers every file, and each document is as it was signed."""
    for each in package.documents:
        if each.verdict.indication is Indication.TOTAL_FAILED:
            return refuted(_because(each.name, each.verdict), each.verdict.subindication)
    report = package.seal.signatures[0]
    time, count = iso(report.time) if report.time else None, len(package.items)
    return proven(
        Text(
            f"All {count} files are as {report.signer} sealed them.",
            f"全部 {count} 个文件均与 {report.signer} 封存时一致。",
        ),
        ({"sealed_by": report.signer, "sealed_at": time, "files": count},),
    )


def _delivered(package: EvidenceVerdict, store: TrustStore, at: datetime) -> Answer:
    """A receipt names the digest of a sealed container that holds a signed document."""
    containers = _of(package, Role.DELIVERY)
    if not containers:
        return nothing("The package holds no delivery.", "证据包中没有投递记录。")
    receipted = {name for each in package.receipts if each.verdict.passed for name in each.covers}
    originals = {item.data for item in _of(package, Role.SIGNED)}
    details: list[Detail] = []
    for item in containers:
        opened = asic.verify(item.data, store, at=at)
        details.append({"file": item.name, "sha256": sha256(item.data).hexdigest()})
        if not opened.passed:
            why = _because(item.name, opened.verdict)
            return refuted(why, opened.verdict.subindication, details)
        if originals.isdisjoint(opened.files.values()):
            return refuted(_NOT_INSIDE.format(name=item.name), SubIndication.HASH_FAILURE, details)
        if item.name not in receipted:
            return Answer(None, _NOT_RECEIPTED.format(name=item.name), tuple(details))
    return proven(_HANDED_OVER, tuple(details))


def _received(package: EvidenceVerdict) -> Answer:
    """Another than the signer of the document gave a receipt that accepts it."""
    if not package.receipts:
        return nothing("The package holds no receipt.", "证据包中没有回执。")
    signers = {r.certificate for each in package.documents for r in each.verdict.signatures}
    details: list[Detail] = []
    for each in package.receipts:
        fault = _fault(each, signers)
        if fault is not None:
            return refuted(fault, each.verdict.subindication, details)
        details.append(_receipt_detail(each))
    last = details[-1]
    return proven(
        Text(
            f"Received by {last['recipient']} ({last['signer']}) at {last['received_at']}.",
            f"{last['recipient']}({last['signer']})于 {last['received_at']} 收到。",
        ),
        tuple(details),
    )


def _fault(each: ReceiptFile, senders: set[str]) -> Text | None:
    """Return what is wrong with a receipt, None if nothing is."""
    receipt = each.receipt
    if receipt is None:
        return _because(each.name, each.verdict)
    if each.verdict.signatures[0].certificate in senders:
        return Text("The sender receipted its own delivery.", "回执由发送方自己签发。")
    if receipt.result is Result.REFUSED:
        return Text("The receiver refused it.", "接收方拒收。")
    if not each.covers:
        return Text("The receipt names none of the files here.", "回执未指向包内任何文件。")
    return None


def _receipt_detail(each: ReceiptFile) -> Detail:
    receipt = each.receipt
    if receipt is None:
        return {"file": each.name}
    return {
        "file": each.name,
        "recipient": receipt.recipient,
        "signer": each.verdict.signatures[0].signer,
        "received_at": iso(receipt.received_at),
        "result": receipt.result.value,
        "covers": list(each.covers),
    }


_NOT_INSIDE = Text("{name} does not hold the signed document.", "{name} 中没有该已签名文件。")
_NOT_RECEIPTED = Text("No receipt names the digest of {name}.", "没有回执注明 {name} 的摘要。")
_HANDED_OVER = Text(
    "The container delivered holds the signed document, and a receipt names its digest.",
    "所投递容器包含该已签名文件,且回执注明其摘要。",
)
