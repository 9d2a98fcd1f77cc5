"""What a certificate in a chain may be and do (EN 319 102-1, 5.2.6; RFC 5280, 6.1.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from certs.decision.model import CertificateFacts
from certs.decision.policy import Policy
from certs.verdict import Refused, SubIndication
from schemas.text import Text

_TIME_STAMPING: Final = "1.3.6.1.5.5.7.3.8"
_CHAIN: Final = SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE
_CONSTRAINTS: Final = SubIndication.CHAIN_CONSTRAINTS_FAILURE


def check(policy: Policy, path: Sequence[CertificateFacts], place: int, where: str) -> None:
    """Raise Refused when the certificate at `place` breaks a constraint of the policy."""
    for name, sub, broken in _judged(policy, path, place, where):
        if broken and policy.demands(f"{where}/{name}"):
            raise Refused(
                sub,
                Text(
                    f"A certificate may not do what it does here ({name}).",
                    f"证书超出其允许的用途({name})。",
                ),
            )


def _judged(
    policy: Policy, path: Sequence[CertificateFacts], place: int, where: str
) -> Iterator[tuple[str, SubIndication, bool]]:
    """Yield each constraint, what breaking it means, and whether it is broken, in order."""
    each = path[place]
    between = sum(not (one.self_signed or one.self_issued) for one in path[1:place])
    usages = policy.ids.get(f"{where}/KeyUsage", frozenset())
    forbidden = policy.ids.get(f"{where}/ForbiddenExtensions", frozenset())
    yield "Signature", _CHAIN, not each.crypto.valid
    yield "CA", _CHAIN, not each.authority
    yield "IssuerName", _CHAIN, not each.names_issuer
    yield "MaxPathLength", _CHAIN, each.path_length is not None and between > each.path_length
    yield "KeyUsage", _CHAIN if place else _CONSTRAINTS, not each.key_usages & usages
    yield "ExtendedKeyUsage", _CONSTRAINTS, _TIME_STAMPING not in each.purposes
    yield "ForbiddenExtensions", _CHAIN, bool(each.extensions & forbidden)
