"""Verifying whatever an auditor holds: signatures, containers, evidence packages, proofs.

The form is told from the content. Everything needed is in the file, in what is given beside it,
and in what the auditor trusts: no home, no database, no network. Nothing raises for a bad file;
the verdict says what is wrong with it. Only what this installation lacks (SettingsError) raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

import certs
from certs import asic, dispatch, evidence, receipts, records
from certs.dispatch import Detached
from certs.errors import ReceiptRefused
from certs.evidence import Item, Role
from certs.jose.keybook import KeyBook
from certs.trust import TrustStore
from certs.verdict import Indication, Refused, SubIndication, Verdict, refusal
from gateway.wiring.audit import proofs, sides
from gateway.wiring.audit.answers import Question, proven
from gateway.wiring.audit.concluding import (
    Json,
    answered,
    concluded,
    ledger_only,
    ledger_refused,
    unaccompanied,
)
from gateway.wiring.audit.proofs import Known
from gateway.wiring.audit.proving import answers
from gateway.wiring.audit.recognising import Recogniser
from gateway.wiring.audit.trusting import Trusted
from gateway.wiring.records import titled, titlehistory, titlelife
from gateway.wiring.records.records import RecordAuditor
from gateway.wiring.records.standing import Evidence
from ledger.anchors.offline import verify_record
from ledger.anchors.record import TYPE as ANCHOR_TYPE
from ledger.anchors.record import parse_record
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.errors import ProofRefused
from ledger.note import Note
from ledger.receipt import verify_receipt
from ledger.signature import verifier_for
from ledger.title import epochsfile
from ledger.title.historyfile import is_history
from ledger.title.readers import ReadingKey
from schemas.clock import iso, utc_now
from schemas.errors import LedgerError, SettingsError, SilkgateError
from schemas.text import Text

_PROOF: Final = b"c2sp.org/tlog-proof@v1\n"
_TWO_SIDE: Final = b"\x84\x01\x58\x20"
"""The head of a two-side proof: a CBOR array of four, the version, a byte string of 32."""
_COSE: Final = b"\xd2\x84"
"""The head of a COSE_Sign1 message."""
_ZIP: Final = b"PK\x03\x04"
_NOTE: Final = "\n\n\u2014 ".encode()
_NOTE_BYTES: Final = 1_000_000
_JWS: Final = (b"{", b"eyJ")
_ANCHOR: Final = f'"type":"{ANCHOR_TYPE}"}}'.encode()
"""The tail of an anchor record in canonical JSON, where "type" is the last name."""


@dataclass(frozen=True, slots=True)
class Auditor:
    """Verifies files against what one auditor trusts, now or as it was `at` another time.

    `keys` are the public keys of carriers and title platforms, by which their documents of title
    are judged. `document` is the type of document that recognition is asked for ('' has it told
    from what was signed), `mandates` are those given beside the file. `reader` opens the private
    remarks of titles, where it is a reader's key.
    """

    trusted: Trusted | TrustStore
    at: datetime | None = None
    keys: KeyBook = field(default_factory=KeyBook)
    titles: RecordAuditor = field(default_factory=RecordAuditor)
    document: str = ""
    mandates: tuple[bytes, ...] = ()
    reader: ReadingKey | None = None

    @property
    def _trusted(self) -> Trusted:
        trusted = self.trusted
        return trusted if isinstance(trusted, Trusted) else Trusted(trusted)

    def verify(self, data: bytes, detached: Detached = ()) -> Json:
        """Return the verdict in the shape of `silkgate verify`, without the file's name.

        `detached` are the files a signature or proof is about, by name or in order.
        """
        try:
            at, files = dispatch.proven_by_records(
                data, _named(detached), self._trusted.store, self.at
            )
            return replace(self, at=at)._verify(data, files)  # noqa: SLF001 - another of this class
        except SettingsError:
            raise  # what is missing here says nothing about the file
        except Refused as refused:
            return refusal(refused).as_dict()
        except SilkgateError as error:
            return refusal(Refused(SubIndication.FORMAT_FAILURE, error.message)).as_dict()

    def _verify(self, data: bytes, detached: Mapping[str, bytes]) -> Json:
        of_title = titled.recognise(data)
        if of_title is not None:
            return of_title(Evidence(self.keys, self.at or utc_now())).as_dict()
        for is_form, verify in _FORMS:
            if is_form(data):
                return verify(self, data, detached)
        verdict = certs.verify_any(data, self._trusted.store, detached, self.at)
        return self._signed(verdict, detached)

    def _signed(self, verdict: Verdict, detached: Mapping[str, bytes]) -> Json:
        """A verdict on signatures, with what they are worth here."""
        return {**verdict.as_dict(), "recognition": self._recogniser(verdict, detached)}

    @property
    def _recogniser(self) -> Recogniser:
        trusted = self._trusted
        return Recogniser(trusted.domains, trusted.store, self.at, self.document, self.mandates)

    @property
    def _known(self) -> Known:
        return Known(self._trusted.keys)

    def _package(self, data: bytes, _: Mapping[str, bytes]) -> Json:
        """An evidence package: its seal, what is in it, and the answers to every question."""
        package = evidence.verify_evidence(data, self._trusted.store, at=self.at)
        worth = {"recognition": self._recogniser(package.seal)}
        if not package.seal.passed:
            return {**package.as_dict(), **worth}
        found = answers(package, self._trusted, self.at)
        whole = package.as_dict()
        if whole["indication"] == Indication.TOTAL_PASSED.value:
            whole.update(concluded(found))
        for said, each in zip(_rows(whole["documents"]), package.documents, strict=True):
            said["recognition"] = self._recogniser(each.verdict)
        return {**whole, "ledger": answered(found), **worth}

    def _proof(self, data: bytes, detached: Mapping[str, bytes]) -> Json:
        """A log proof alone, about one of the files given beside it."""
        if not detached:
            return unaccompanied("the document it is about", "其所证明的文件")
        entries = [Item(name, content, Role.SIGNED) for name, content in detached.items()]
        logged = proofs.check_proof(Item("proof", data, Role.LOG_PROOF), entries, self._known)
        about = [item for item in entries if item.name == logged.entry]
        return ledger_only({Question.IN_LOG: proofs.in_log(about, [logged])})

    def _two_sides(self, data: bytes, _: Mapping[str, bytes]) -> Json:
        """A two-side proof alone."""
        return ledger_only({Question.ALIKE: sides.two_sides(data, self._known)})

    def _checkpoint(self, data: bytes, _: Mapping[str, bytes]) -> Json:
        """A signed checkpoint alone: what its log says of itself."""
        claimed = Checkpoint.parse(Note.parse(data).text)
        key, basis = self._known.log(claimed.origin)
        if key is None:
            return ledger_only({Question.IN_LOG: proofs.unknown_log(claimed.origin)})
        try:
            witnesses = [verifier_for(each) for each in self._known.witnesses()]
            signed = open_checkpoint(data, verifier_for(key), witnesses)
        except LedgerError as error:
            return ledger_refused(error)
        details = {**proofs.checkpoint_details(signed), "key": basis}
        why = Text(
            f"The log {claimed.origin} signed its tree of {claimed.size} entries.",
            f"日志 {claimed.origin} 已为其含 {claimed.size} 个条目的树签名。",
        )
        return ledger_only({Question.IN_LOG: proven(why, (details,))})

    def _inclusion(self, data: bytes, detached: Mapping[str, bytes]) -> Json:
        """A COSE receipt of inclusion; it names no log, so each known log's key is tried."""
        if not detached:
            return unaccompanied("the document it is about", "其所证明的文件")
        refused: LedgerError = ProofRefused(reason="no log key is trusted")
        for key in self._known.logs():
            for name, content in detached.items():
                try:
                    found = verify_receipt(data, sha256(content).digest(), verifier_for(key))
                except LedgerError as error:
                    refused = error
                    continue
                details = {"entry": name, "origin": key.name, "index": found.index}
                why = Text(f"Entered in the log {key.name}.", f"已登记于日志 {key.name}。")
                return ledger_only({Question.IN_LOG: proven(why, (details,))})
        if not self._known.logs():
            return ledger_only({Question.IN_LOG: proofs.unknown_log("?")})
        return ledger_refused(refused)

    def _anchor(self, data: bytes, detached: Mapping[str, bytes]) -> Json:
        """An anchor record alone: it holds for what it says, or for the checkpoint beside it."""
        record = parse_record(data)
        claimed = Checkpoint(record.origin, record.size, record.root)
        try:
            for content in detached.values():
                claimed = Checkpoint.parse(Note.parse(content).text)
            verdict = verify_record(data, claimed, self._trusted.chain)
        except LedgerError as error:
            return ledger_refused(error)
        return ledger_only({Question.ANCHORED: proven(verdict.trust, (verdict.as_dict(),))})

    def _history(self, data: bytes, detached: Mapping[str, bytes]) -> Json:
        """The history file of a title, and the epochs of its private remarks beside it."""
        private = titlehistory.Private(epochsfile.among(detached.values()), self.reader)
        at = self.at or utc_now()
        return titlehistory.verify(
            data, self._known, self.keys, at, self._trusted.store, private=private
        )

    def _life(self, data: bytes, _: Mapping[str, bytes]) -> Json:
        """The evidence of a bill's life."""
        at = self.at or utc_now()
        store = self._trusted.store
        life = titlelife.LifeAuditor(store, self._known, self.keys, self.titles, at, self.reader)
        return life.verify(data)

    def _record(self, data: bytes, detached: Mapping[str, bytes]) -> Json:
        """A bill of lading or another record of title, and files whose digest it holds."""
        return self.titles.verify(data, self.at, detached)

    def _json_signature(self, data: bytes, detached: Mapping[str, bytes]) -> Json:
        """A JWS; when it is a receipt, also what it acknowledges."""
        store = self._trusted.store
        verdict = certs.verify_any(data, store, detached, self.at)
        signed = self._signed(verdict, detached)
        if not verdict.passed:
            return signed
        try:
            checked, receipt = receipts.check(data, store, at=self.at)
        except ReceiptRefused:
            return signed
        if receipt is None or not checked.passed:
            return signed
        covers = [n for n, each in detached.items() if sha256(each).hexdigest() == receipt.sha256]
        if detached and not covers:
            why = Text(
                "The receipt names another digest than that of the file given.",
                "回执所载摘要与所给文件不符。",
            )
            return refusal(Refused(SubIndication.HASH_FAILURE, why)).as_dict()
        said = {
            "message_id": receipt.message_id,
            "sha256": receipt.sha256,
            "recipient": receipt.recipient,
            "received_at": iso(receipt.received_at),
            "result": receipt.result.value,
            "covers": covers,
        }
        return {**signed, "receipt": said}


def _rows(value: object) -> list[Json]:
    return value if isinstance(value, list) else []


def _named(detached: Detached) -> Mapping[str, bytes]:
    if isinstance(detached, Mapping):
        return detached
    return {f"file {number}": content for number, content in enumerate(detached, start=1)}


def _is_evidence(data: bytes) -> bool:
    """Tell whether a container is an evidence package; a refused one is left to its verdict."""
    if not data.startswith(_ZIP):
        return False
    try:
        return evidence.is_evidence(asic.open_container(data))
    except SilkgateError:
        return False


def _is_anchor(data: bytes) -> bool:
    return data.startswith(b"{") and data.endswith(_ANCHOR)


def _is_json(data: bytes) -> bool:
    return data.lstrip().startswith(_JWS)


def _is_checkpoint(data: bytes) -> bool:
    return _NOTE in data[-_NOTE_BYTES:] and not data.lstrip().startswith((b"<", *_JWS))


_FORMS: Final[
    Sequence[tuple[Callable[[bytes], bool], Callable[[Auditor, bytes, Mapping[str, bytes]], Json]]]
] = (
    (_is_evidence, Auditor._package),  # noqa: SLF001 - the table of its methods
    (titlelife.is_life, Auditor._life),  # noqa: SLF001
    (lambda data: data.startswith(_PROOF), Auditor._proof),  # noqa: SLF001
    (lambda data: data.startswith(_TWO_SIDE), Auditor._two_sides),  # noqa: SLF001
    (lambda data: data.startswith(_COSE), Auditor._inclusion),  # noqa: SLF001
    (is_history, Auditor._history),  # noqa: SLF001
    (records.is_record, Auditor._record),  # noqa: SLF001
    (_is_anchor, Auditor._anchor),  # noqa: SLF001
    (_is_checkpoint, Auditor._checkpoint),  # noqa: SLF001
    (_is_json, Auditor._json_signature),  # noqa: SLF001
)
"""How each form beside plain signatures is told, and what verifies it."""
