"""The revisions of a PDF compared, by pyHanko's rules, each with the signed state it follows.

A revision is compared once: with the newest revision before it that a signature covers. What each
older signature covers was compared with that one in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    GenericFieldModificationRule,
    ModificationLevel,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
)

from certs.pades.fields import FormRule, Written

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature


def unsigned_change(signatures: Sequence[EmbeddedPdfSignature]) -> str:
    """Return the first change that no signature covers or permits, '' when there is none.

    The signatures come oldest first, and each covers its revision.
    """
    total = signatures[0].reader.total_revisions
    for revision in range(signatures[0].signed_revision + 1, total):
        before = [each for each in signatures if each.signed_revision < revision]
        why = _unsigned(before, revision, covered=len(before) < len(signatures))
        if why:
            return why
    return ""


def _unsigned(before: Sequence[EmbeddedPdfSignature], revision: int, *, covered: bool) -> str:
    """Tell what is wrong with a revision, which a later signature covers or not."""
    reader = before[-1].reader
    permitted = [each.docmdp_level for each in before if each.docmdp_level is not None]
    try:
        found = _POLICY.apply(
            reader.get_historical_resolver(before[-1].signed_revision),
            reader.get_historical_resolver(revision),
            doc_mdp=min(permitted, key=lambda each: each.value, default=None),
        )
    except SuspiciousModification as suspicious:
        return str(suspicious)
    if any(found.modification_level.value > each.value for each in permitted):
        return "it goes beyond what the signer permitted"
    locks = [each.fieldmdp for each in before if each.fieldmdp is not None]
    if any(lock.is_locked(name) for lock in locks for name in found.changed_form_fields):
        return "a form field was changed that the signer locked"
    if not covered and found.modification_level > ModificationLevel.LTA_UPDATES:
        return "content was added and nobody signed it"
    return ""


_POLICY: Final = StandardDiffPolicy(
    global_rules=DEFAULT_DIFF_POLICY.global_rules,
    form_rule=FormRule(
        field_rules=[
            SigFieldCreationRule(),
            Written(SigFieldModificationRule(), GenericFieldModificationRule()),
        ]
    ),
)
