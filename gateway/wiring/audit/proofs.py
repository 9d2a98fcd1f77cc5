"""What an evidence package proves by the log: that a document is in it, and anchored.

A verifier key may come from the auditor's trust folder, be certified by a trusted root, or only
be stated in the package; each proof says which. The sealer may state the key of its own log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from certs.evidence import Item
from certs.verdict import SubIndication
from gateway.wiring.audit.answers import Answer, Detail, nothing, proven, refuted
from ledger.anchors.offline import AnchorPolicy, AnchorVerdict, verify_record
from ledger.checkpoint import Checkpoint, SignedCheckpoint
from ledger.note import NoteVerifier
from ledger.policy import Policy
from ledger.proof import TlogProof, verify_proof
from ledger.shards import key_for
from ledger.signature import cosigned_at, verifier_for
from ledger.vkey import KeyType, VerifierKey
from schemas.clock import iso
from schemas.errors import LedgerError
from schemas.text import Text

TRUSTED: Final = "trusted"
CERTIFIED: Final = "certified"
STATED: Final = "stated"
_WITNESSES: Final = frozenset({KeyType.COSIGNATURE_ED25519, KeyType.COSIGNATURE_ML_DSA_44})


@dataclass(frozen=True, slots=True)
class Known:
    """Verifier keys by what they rest on, best first."""

    trusted: tuple[VerifierKey, ...]
    certified: tuple[VerifierKey, ...] = ()
    stated: tuple[VerifierKey, ...] = ()

    def log(self, origin: str) -> tuple[VerifierKey | None, str]:
        """Return the key of a log or of a shard of one, and what it rests on."""
        for basis, keys in self._by_basis().items():
            for key in keys:
                found = key_for(key, origin)
                if found.name == origin and found.kind is KeyType.ED25519:
                    return found, basis
        return None, ""

    def logs(self) -> tuple[VerifierKey, ...]:
        """Return the keys of logs that do not rest on the sealer's word alone."""
        keys = (*self.trusted, *self.certified)
        return tuple(key for key in keys if key.kind is KeyType.ED25519)

    def witnesses(self, *, stated: bool = False) -> tuple[VerifierKey, ...]:
        """Return the keys of witnesses; those only stated if asked for."""
        keys = (*self.trusted, *self.certified, *(self.stated if stated else ()))
        return tuple(dict.fromkeys(key for key in keys if key.kind in _WITNESSES))

    def _by_basis(self) -> Mapping[str, tuple[VerifierKey, ...]]:
        return {TRUSTED: self.trusted, CERTIFIED: self.certified, STATED: self.stated}


@dataclass(frozen=True, slots=True)
class Logged:
    """One log proof: the file it is about and its verified checkpoint, or why it does not hold."""

    proof: str
    answer: Answer
    entry: str = ""
    checkpoint: Checkpoint | None = None


def check_proof(proof: Item, entries: Sequence[Item], known: Known) -> Logged:
    """Check a tlog-proof file; the entry is whichever file's digest its path leads from."""
    try:
        parsed = TlogProof.parse(proof.data)
        origin = proof_origin(parsed)
        key, basis = known.log(origin)
        if key is None:
            return Logged(proof.name, unknown_log(origin))
        log, policy = verifier_for(key), _seen_by(known)
        entry, signed = _entry(parsed, entries, log, policy)
    except LedgerError as error:
        why = Text(f"{proof.name}: {error.message.en}", f"{proof.name}:{error.message.zh}")
        return Logged(proof.name, refuted(why, SubIndication.SIG_CRYPTO_FAILURE))
    details = {"file": proof.name, "entry": entry.name, **logged_details(parsed, signed, basis)}
    answer = proven(Text("", ""), (details,))
    return Logged(proof.name, answer, entry.name, signed.checkpoint)


def proof_origin(proof: TlogProof) -> str:
    """Return the name of the log that a proof's checkpoint claims."""
    return proof.checkpoint.split(b"\n", 1)[0].decode("utf-8", "replace")


def unknown_log(origin: str) -> Answer:
    """Return the answer when nobody vouches for a log's key."""
    return Answer(
        None,
        Text(
            f"The key of the log {origin} is not known here: put its card or *.vkey into the"
            " trust folder.",
            f"未知日志 {origin} 的密钥:请将其名片或 *.vkey 放入信任目录。",
        ),
        sub=SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
    )


def logged_details(proof: TlogProof, signed: SignedCheckpoint, basis: str) -> dict[str, object]:
    """Return the particulars of a proof that holds; `key` is what the log's key rests on."""
    return {"index": proof.index, **checkpoint_details(signed), "key": basis}


def checkpoint_details(signed: SignedCheckpoint) -> dict[str, object]:
    """Return the particulars of a checkpoint that holds."""
    found = signed.checkpoint
    return {
        "origin": found.origin,
        "size": found.size,
        "root": found.root.hex(),
        "cosigned_by": [
            {"name": key.name, "time": moment_of(cosigned_at(signed.note, key) or 0)}
            for key in signed.signed_by
            if key.kind in _WITNESSES
        ],
    }


def in_log(signed: Sequence[Item], logged: Sequence[Logged]) -> Answer:
    """Answer whether every signed document is an entry of a log whose key is known."""
    details = [detail for each in logged for detail in each.answer.details]
    for each in logged:
        if not each.answer.ok:
            return Answer(each.answer.ok, each.answer.why, tuple(details), each.answer.sub)
    missing = sorted({item.name for item in signed} - {each.entry for each in logged})
    if missing or not logged:
        return nothing(
            f"There is no log proof of: {', '.join(missing)}.",
            f"缺少日志证明:{'、'.join(missing)}。",
            details,
        )
    return proven(_entered(logged, details), tuple(details))


def anchored(records: Sequence[Item], logged: Sequence[Logged], policy: AnchorPolicy) -> Answer:
    """Answer whether the very checkpoint of every log proof is anchored."""
    if not records:
        return nothing("The package holds no anchor.", "证据包中没有锚定记录。")
    held = {each.proof: each.checkpoint for each in logged if each.checkpoint is not None}
    if not held:
        return nothing("There is no verified checkpoint to anchor.", "没有可供锚定的已验证检查点。")
    details: list[Detail] = []
    trust = Text("", "")
    for proof, checkpoint in held.items():
        found = _anchors_of(checkpoint, records, policy)
        if isinstance(found, LedgerError):
            return refuted(found.message, SubIndication.SIG_CRYPTO_FAILURE, details)
        trust = found[0][1].trust
        details += [{"file": record, "proof": proof, **one.as_dict()} for record, one in found]
    why = Text(f"The checkpoint is anchored. {trust.en}", f"检查点已锚定。{trust.zh}")
    return proven(why, tuple(details))


def _seen_by(known: Known) -> Policy:
    """Return a policy that asks for no cosignature and checks those of the known witnesses."""
    return Policy.of(*known.witnesses(stated=True), threshold=0)


def _entry(
    proof: TlogProof, entries: Sequence[Item], log: NoteVerifier, policy: Policy
) -> tuple[Item, SignedCheckpoint]:
    refused: LedgerError | None = None
    for entry in entries:
        try:
            return entry, verify_proof(proof, sha256(entry.data).digest(), log, policy)
        except LedgerError as error:
            refused = error
    raise refused or LedgerError


def _entered(logged: Sequence[Logged], details: Iterable[Detail]) -> Text:
    origins = ", ".join(dict.fromkeys(each.checkpoint.origin for each in logged if each.checkpoint))
    seen = [line["name"] for detail in details for line in _listed(detail["cosigned_by"])]
    witnesses = ", ".join(dict.fromkeys(str(name) for name in seen))
    if not witnesses:
        return Text(f"Entered in the log {origins}.", f"已登记于日志 {origins}。")
    return Text(
        f"Entered in the log {origins}, cosigned by {witnesses}.",
        f"已登记于日志 {origins},由 {witnesses} 联署。",
    )


def _listed(value: object) -> list[Detail]:
    return value if isinstance(value, list) else []


def _anchors_of(
    checkpoint: Checkpoint, records: Sequence[Item], policy: AnchorPolicy
) -> list[tuple[str, AnchorVerdict]] | LedgerError:
    """Return every record that holds for a checkpoint, or why the last one does not."""
    refused: LedgerError = LedgerError()
    found = []
    for record in records:
        try:
            found.append((record.name, verify_record(record.data, checkpoint, policy)))
        except LedgerError as error:
            refused = error
    return found or refused


def moment_of(seconds: int) -> str:
    """Return Unix seconds as RFC 3339 text, empty for what is no time."""
    try:
        return iso(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):
        return ""
