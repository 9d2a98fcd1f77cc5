"""Refusing what does not verify: for good, or until a word on revocation is to be had."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from certs.trust import TrustStore
from certs.verdict import Verdict
from gateway.wiring.errors import NotVerified, NotVerifiedYet


def refusal(
    verdict: Verdict, where: str, trust: TrustStore, verify: Callable[[TrustStore], Verdict]
) -> NotVerified:
    """Return the refusal of a verdict that `verify` gave under `trust`.

    Where a word on every certificate is demanded and all else is good, it is only put off.
    """
    missing = trust.strict and verify(replace(trust, strict=False)).passed
    return (NotVerifiedYet if missing else NotVerified).because(verdict, where)
