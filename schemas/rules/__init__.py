"""Business rules: what must hold between the terms of a document, and between documents.

The face:

    check(document, ruleset_ids, together=()) -> list[Finding]
    rulesets() -> Mapping[str, RuleSet]
    default(document) -> tuple[str, ...]        the sets for a family when no profile names any
    reads(ruleset_ids) -> frozenset[str] | None the terms of items that they look at, if all say so
    shipment(documents) -> list[list[Finding]]  each document against the others (kind match)

A rule's id begins with its kind (mandatory, range, code, sum, weight, checkdigit, consistency,
match). Its findings point at the source path of the term a person would fix.
"""

from schemas.rules.rule import Mismatch, Rule, rule
from schemas.rules.runner import (
    RuleSet,
    UnknownRuleSet,
    check,
    default,
    reads,
    rulesets,
    shipment,
)

__all__ = [
    "Mismatch",
    "Rule",
    "RuleSet",
    "UnknownRuleSet",
    "check",
    "default",
    "reads",
    "rule",
    "rulesets",
    "shipment",
]
