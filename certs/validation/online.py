"""Whom verification may ask about revocation while it runs: nobody, unless somebody is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from certs.validation.material import Material
from certs.validation.sources import Source
from certs.x509.certificate import Certificate

_source: ContextVar[Source | None] = ContextVar("source of revocation data", default=None)
_noted: ContextVar[list[Material] | None] = ContextVar("what was said meanwhile", default=None)


@contextmanager
def asking(source: Source | None) -> Iterator[None]:
    """Let verifications in the block ask this source where no revocation data came along."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


@contextmanager
def noting() -> Iterator[list[Material]]:
    """Give a list that fills with what verifications in the block learn by asking."""
    found: list[Material] = []
    token = _noted.set(found)
    try:
        yield found
    finally:
        _noted.reset(token)


def ask(each: Certificate, issuer: Certificate, at: datetime) -> Material:
    """Return what the source of the moment knows about a certificate; nothing without one."""
    source = _source.get()
    found = Material() if source is None else source.about(each, issuer, at)
    noted = _noted.get()
    if noted is not None and found:
        noted.append(found)
    return found
