"""The refusals that the parts of path validation share."""

from __future__ import annotations

from certs.verdict import Refused, SubIndication
from certs.x509.certificate import Certificate
from schemas.text import Text


def constraint(each: Certificate, en: str, zh: str) -> Refused:
    """Return the refusal of a certificate that breaks a rule of its chain."""
    return Refused(
        SubIndication.CHAIN_CONSTRAINTS_FAILURE,
        Text(f"“{each.name}”: {en}.", f"“{each.name}”:{zh}。"),
    )


def too_much() -> Refused:
    """Return the refusal of a search or comparison that would cost too much."""
    return Refused(
        SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
        Text("The search for a path was given up: too many ways.", "证书路径过多,已放弃搜索。"),
    )
