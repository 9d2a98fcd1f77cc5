"""Encryption to recipients by their certificates: CMS for any file, JWE for JSON.

Only for confidentiality on the way: who sent it, and that it is unchanged, is said by the signature
inside. So sign first, then encrypt.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from certs.certificate import Certificate
from certs.encryption import enveloped, jwe
from certs.errors import NotDecrypted
from certs.keys import SigningKey


class Form(StrEnum):
    """How something is encrypted; `CMS_CBC` is for readers that know no authenticated form."""

    CMS = "cms"
    CMS_CBC = "cms-cbc"
    JWE = "jwe"


def encrypt(data: bytes, recipients: Sequence[Certificate], form: Form = Form.CMS) -> bytes:
    """Return `data` encrypted so that each of `recipients` can open it.

    Raises NoEncryptionKey for a certificate whose key or usage does not fit.
    """
    if form is Form.JWE:
        return jwe.encrypt(data, recipients)
    return enveloped.encrypt(data, recipients, authenticated=form is Form.CMS)


def decrypt(data: bytes, key: SigningKey) -> bytes:
    """Return what was encrypted to `key`; raises NotDecrypted, always with the same words."""
    if enveloped.is_enveloped(data):
        return enveloped.decrypt(data, key)
    if data.lstrip()[:1] in {b"{", b"e"}:
        return jwe.decrypt(data, key)
    raise NotDecrypted


def is_encrypted(data: bytes) -> bool:
    """Tell whether `data` is encrypted in the form of CMS."""
    return enveloped.is_enveloped(data)
