"""EnvelopedData of GB/T 35275-2017 (GM/T 0010): content under SM4, its key encrypted to SM2 keys.

The content key is an SM2Cipher (GB/T 35276, GM/T 0009) in each RecipientInfo; the mode is CBC.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from certs import cms
from certs.asn1 import ber, der, oids
from certs.encryption import recipients as infos
from certs.errors import (
    KeyUnreadable,
    MalformedDer,
    NoEncryptionKey,
    NotDecrypted,
    UnsupportedAlgorithm,
)
from certs.keys import SigningKey
from certs.sm2 import Sm2PrivateKey, Sm2PublicKey
from certs.x509.certificate import Certificate

_VERSION: Final = 1
_SIZE: Final = 16
"""Octets of an SM4 key, and of its block."""
_CONTENT: Final = 0x80
_MODES: Final = frozenset({oids.SM4_CBC, oids.SM4})


def is_enveloped(data: bytes) -> bool:
    """Tell whether `data` begins like a ContentInfo of this type."""
    return data[:1] == b"\x30" and der.oid(oids.GBT_ENVELOPED_DATA) in data[:32]


def encrypt(data: bytes, recipients: Sequence[Certificate]) -> bytes:
    """Return the ContentInfo (DER) of `data` encrypted to every one of `recipients`.

    Raises NoEncryptionKey for a certificate of another type of key or usage, NoLibcrypto.
    """
    key, vector = secrets.token_bytes(_SIZE), secrets.token_bytes(_SIZE)
    listed = der.set_of(*(_info(key, each) for each in recipients))
    padder = PKCS7(8 * _SIZE).padder()
    worker = Cipher(SM4(key), CBC(vector)).encryptor()
    sealed = worker.update(padder.update(data) + padder.finalize()) + worker.finalize()
    content = der.sequence(
        der.oid(oids.GBT_DATA),
        der.sequence(der.oid(oids.SM4_CBC), der.octets(vector)),
        der.tlv(_CONTENT, sealed),
    )
    inner = der.sequence(der.integer(_VERSION), listed, content)
    return der.sequence(der.oid(oids.GBT_ENVELOPED_DATA), der.context(0, inner))


def _info(content_key: bytes, recipient: Certificate) -> bytes:
    """Return the RecipientInfo that lets `recipient` have the content key."""
    public = recipient.public_key
    if not isinstance(public, Sm2PublicKey):
        raise NoEncryptionKey(name=recipient.name, reason="its key is not SM2")
    infos.needs(recipient, "key_encipherment")
    return der.sequence(
        der.integer(_VERSION),
        cms.identified_by(recipient),
        der.sequence(der.oid(oids.SM2_3)),
        der.octets(public.encrypt(content_key)),
    )


def decrypt(data: bytes, key: SigningKey) -> bytes:
    """Return what was encrypted to `key`; raises NotDecrypted, whatever the reason, NoLibcrypto."""
    try:
        return _opened(ber.definite(data), key)
    except (MalformedDer, UnsupportedAlgorithm, KeyUnreadable, ValueError, IndexError) as error:
        raise NotDecrypted from error


def _opened(encoded: bytes, key: SigningKey) -> bytes:
    _, wrapped = der.parse(encoded).children()
    version, listed, content = wrapped.expect(0xA0).children()[0].children()
    _, algorithm, encrypted, *_ = content.children()
    name, vector = algorithm.children()
    if version.number() != _VERSION or name.dotted() not in _MODES:
        raise MalformedDer(reason="another version or cipher")
    content_key = _content_key(listed, key)
    if len(content_key) != _SIZE:
        raise MalformedDer(reason="a content key of another length")
    worker = Cipher(SM4(content_key), CBC(vector.expect(der.OCTET_STRING).content)).decryptor()
    remover = PKCS7(8 * _SIZE).unpadder()
    opened = worker.update(infos.joined(encrypted)) + worker.finalize()
    return remover.update(opened) + remover.finalize()


def _content_key(listed: der.Node, key: SigningKey) -> bytes:
    for each in infos.listed(listed):
        _, identifier, algorithm, encrypted = each.expect(der.SEQUENCE).children()
        if isinstance(key.private, Sm2PrivateKey) and infos.is_ours(identifier, key):
            if algorithm.children()[0].dotted() != oids.SM2_3:
                raise MalformedDer(reason="not SM2 encryption")
            return key.private.decrypt(encrypted.expect(der.OCTET_STRING).content)
    raise MalformedDer(reason="no recipient of this key")
