"""Encryption to recipients by their certificates: CMS, JWE for JSON, GB/T 35275 for SM2 keys.

Only for confidentiality on the way: who sent it, and that it is unchanged, is said by the signature
inside. So sign first, then encrypt.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from certs.encryption import enveloped, gbt35275, jwe
from certs.errors import NoEncryptionKey, NotDecrypted
from certs.keys import SigningKey
from certs.sm2 import Sm2PublicKey
from certs.x509.certificate import Certificate


class Form(StrEnum):
    """How something is encrypted; `CMS_CBC` is for readers that know no authenticated form.

    `GBT35275` is for SM2 keys, and no other form is.
    """

    CMS = "cms"
    CMS_CBC = "cms-cbc"
    JWE = "jwe"
    GBT35275 = "gbt35275"


def form_for(recipients: Sequence[Certificate]) -> Form:
    """Return the form that fits the keys; raises NoEncryptionKey for SM2 and others together."""
    chinese = [each for each in recipients if isinstance(each.public_key, Sm2PublicKey)]
    if not chinese:
        return Form.CMS
    if len(chinese) < len(recipients):
        reason = "no form is for SM2 and other keys together; encrypt for each kind"
        raise NoEncryptionKey(name=chinese[0].name, reason=reason)
    return Form.GBT35275


def encrypt(data: bytes, recipients: Sequence[Certificate], form: Form | None = None) -> bytes:
    """Return `data` encrypted so that each of `recipients` can open it, in the form that fits.

    Raises NoEncryptionKey for a certificate whose key or usage does not fit.
    """
    if not recipients:
        raise NoEncryptionKey(name="?", reason="no recipient is named")
    chosen = form or form_for(recipients)
    match chosen:
        case Form.JWE:
            return jwe.encrypt(data, recipients)
        case Form.GBT35275:
            return gbt35275.encrypt(data, recipients)
    return enveloped.encrypt(data, recipients, authenticated=chosen is Form.CMS)


def decrypt(data: bytes, key: SigningKey) -> bytes:
    """Return what was encrypted to `key`; raises NotDecrypted, always with the same words."""
    if enveloped.is_enveloped(data):
        return enveloped.decrypt(data, key)
    if gbt35275.is_enveloped(data):
        return gbt35275.decrypt(data, key)
    if data.lstrip()[:1] in {b"{", b"e"}:
        return jwe.decrypt(data, key)
    raise NotDecrypted


def is_encrypted(data: bytes) -> bool:
    """Tell whether `data` is encrypted in the form of CMS or of GB/T 35275."""
    return enveloped.is_enveloped(data) or gbt35275.is_enveloped(data)
