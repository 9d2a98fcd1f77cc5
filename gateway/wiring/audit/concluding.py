"""What answers and refusals amount to, in the shape of a verdict."""

from __future__ import annotations

from certs.verdict import Indication, Refused, SubIndication, Verdict, refusal
from gateway.wiring.audit.answers import REQUIRED, Answers, Question, nothing
from schemas.errors import LedgerError

Json = dict[str, object]


def concluded(found: Answers) -> Json:
    """Return the indication that the answers stand for: a required one must be yes, none no."""
    for question, answer in found.items():
        if answer.ok is False or (answer.ok is None and question in REQUIRED):
            sub = answer.sub or SubIndication.SIG_CONSTRAINTS_FAILURE
            verdict = refusal(Refused(sub, answer.why)).as_dict()
            return {key: verdict[key] for key in ("indication", "subindication", "reason")}
    return {}


def answered(found: Answers) -> Json:
    """Return the answers by question, as plain JSON values."""
    return {question.value: answer.as_dict() for question, answer in found.items()}


def ledger_only(found: Answers) -> Json:
    """Return the verdict on a proof: passed when every answer is yes."""
    passed = Verdict(indication=Indication.TOTAL_PASSED).as_dict()
    for answer in found.values():
        if not answer.ok:
            sub = answer.sub or SubIndication.SIG_CONSTRAINTS_FAILURE
            passed = refusal(Refused(sub, answer.why)).as_dict()
    return {**passed, "ledger": answered(found)}


def ledger_refused(error: LedgerError) -> Json:
    """Return the verdict on a proof that the ledger refuses."""
    return refusal(Refused(SubIndication.SIG_CRYPTO_FAILURE, error.message)).as_dict()


def unaccompanied(en: str, zh: str) -> Json:
    """Return the verdict on a proof that came without what it is about."""
    answer = nothing(f"Give {en} with --detached.", f"请用 --detached 给出{zh}。")
    why = Refused(SubIndication.SIGNED_DATA_NOT_FOUND, answer.why)
    return {**refusal(why).as_dict(), "ledger": answered({Question.IN_LOG: answer})}
