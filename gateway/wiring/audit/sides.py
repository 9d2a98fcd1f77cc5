"""What a two-side proof proves: both sides hold the same common fields, each seen by the other.

It is about two operators, so it needs keys that rest on better than the word of one of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from certs.evidence import Item
from certs.verdict import SubIndication
from gateway.wiring.audit.answers import Answer, Detail, nothing, proven, refuted
from gateway.wiring.audit.proofs import STATED, Known, moment_of, unknown_log
from ledger.twoside import Side, SideKeys, SideVerdict, TwoSideProof, verify_two_sides
from ledger.vkey import VerifierKey
from schemas.errors import LedgerError
from schemas.text import Text


def alike(proofs: Sequence[Item], known: Known) -> Answer:
    """Answer whether both logs hold one root of the common fields, each seen by the other side."""
    if not proofs:
        return nothing("The package holds no two-side proof.", "证据包中没有双边证明。")
    details: list[Detail] = []
    for item in proofs:
        checked = two_sides(item.data, known)
        details += checked.details
        if not checked.ok:
            why = Text(f"{item.name}: {checked.why.en}", f"{item.name}:{checked.why.zh}")
            return Answer(checked.ok, why, tuple(details), checked.sub)
    return proven(
        Text(
            "Both sides hold the same common fields; each witnessed the other's log.",
            "双方持有相同的共同字段,且互为对方日志的见证。",
        ),
        tuple(details),
    )


def two_sides(data: bytes, known: Known) -> Answer:
    """Answer whether one two-side proof holds."""
    try:
        proof = TwoSideProof.parse(data)
        keys = _side_keys(proof, known)
        if isinstance(keys, Answer):
            return keys
        verdicts = verify_two_sides(proof, keys)
    except LedgerError as error:
        return refuted(error.message, SubIndication.SIG_CRYPTO_FAILURE)
    sides = [_side(*pair) for pair in zip(verdicts, keys, strict=True)]
    return proven(
        Text("The common fields are alike.", "共同字段一致。"),
        ({"root": proof.root.hex(), "sides": sides},),
    )


def _side_keys(proof: TwoSideProof, known: Known) -> tuple[SideKeys, SideKeys] | Answer:
    """Return log and witness of each side, of keys that do not rest on the sealer's word."""
    found: list[SideKeys] = []
    for side in proof.sides:
        log, basis = known.log(side.origin)
        if log is None or basis == STATED:
            return unknown_log(side.origin)
        witness = _witness_of(side, known, [keys.witness for keys in found])
        if witness is None:
            return _unseen(side)
        found.append(SideKeys(log, witness))
    return found[0], found[1]


def _witness_of(side: Side, known: Known, taken: Sequence[VerifierKey]) -> VerifierKey | None:
    """Return a known witness that signed this side and is not its own operator's."""
    own = side.origin.partition("/")[0]
    for key in known.witnesses():
        other = key.name.partition("/")[0] != own and key not in taken
        if other and any(line.by(key) for line in side.signatures):
            return key
    return None


def _unseen(side: Side) -> Answer:
    return Answer(
        None,
        Text(
            f"No witness known here cosigned {side.origin}: put the other side's card into the"
            " trust folder.",
            f"没有已知见证方联署 {side.origin}:请将对方名片放入信任目录。",
        ),
        sub=SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
    )


def _side(verdict: SideVerdict, keys: SideKeys) -> dict[str, object]:
    return {
        "origin": verdict.origin,
        "index": verdict.index,
        "size": verdict.size,
        "cosigned_by": keys.witness.name,
        "cosigned_at": moment_of(verdict.cosigned_at),
    }
