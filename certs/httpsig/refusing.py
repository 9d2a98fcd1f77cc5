"""Saying in both languages why a message is refused."""

from __future__ import annotations

from certs.errors import HttpSignatureRefused
from schemas.text import Text


def refused(where: str, en: str, zh: str) -> HttpSignatureRefused:
    """Return the refusal of a part of a message."""
    return HttpSignatureRefused(where=where, reason=Text(en, zh))
