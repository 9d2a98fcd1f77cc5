"""CMS AuthEnvelopedData with AES-256-GCM (RFC 5083, RFC 5084), and EnvelopedData (RFC 5652, 6)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap
from cryptography.hazmat.primitives.padding import PKCS7

from certs.asn1 import ber, der, oids
from certs.encryption import recipients as infos
from certs.errors import MalformedDer, NotDecrypted, UnsupportedAlgorithm
from certs.keys import SigningKey
from certs.x509.certificate import Certificate

_ENVELOPED: Final = "1.2.840.113549.1.7.3"
_AUTH_ENVELOPED: Final = "1.2.840.113549.1.9.16.1.23"
_GCM: Final = {
    "2.16.840.1.101.3.4.1.6": 16,
    "2.16.840.1.101.3.4.1.26": 24,
    "2.16.840.1.101.3.4.1.46": 32,
}
_GCM_256: Final = "2.16.840.1.101.3.4.1.46"
_CBC: Final = {
    "2.16.840.1.101.3.4.1.2": 16,
    "2.16.840.1.101.3.4.1.22": 24,
    "2.16.840.1.101.3.4.1.42": 32,
}
_CBC_256: Final = "2.16.840.1.101.3.4.1.42"
_KEY: Final = 32
_NONCE: Final = 12
_TAG: Final = 16
_BLOCK: Final = 16
_CONTENT: Final = 0x80
_SEQUENCE_START: Final = b"\x30"
_SHORT_TAG_TAKEN: Final = 12


def is_enveloped(data: bytes) -> bool:
    """Tell whether `data` begins like one of the two structures."""
    head = data[:32]
    return data[:1] == _SEQUENCE_START and (
        der.oid(_ENVELOPED) in head or der.oid(_AUTH_ENVELOPED) in head
    )


def encrypt(data: bytes, recipients: Sequence[Certificate], *, authenticated: bool) -> bytes:
    """Return the ContentInfo (DER) of `data` encrypted to every one of `recipients`."""
    key = secrets.token_bytes(_KEY)
    wrapped = [infos.info(key, each) for each in recipients]
    agreed = any(each[0] != der.SEQUENCE for each in wrapped)
    listed = der.set_of(*wrapped)
    if authenticated:
        return _authenticated(data, key, listed)
    vector = secrets.token_bytes(_BLOCK)
    padder = PKCS7(8 * _BLOCK).padder()
    padded = padder.update(data) + padder.finalize()
    worker = Cipher(AES(key), CBC(vector)).encryptor()
    algorithm = der.sequence(der.oid(_CBC_256), der.octets(vector))
    content = _content(algorithm, worker.update(padded) + worker.finalize())
    # RFC 5652, 6.1: version 2 as soon as a recipient agrees on the key.
    inner = der.sequence(der.integer(2 if agreed else 0), listed, content)
    return der.sequence(der.oid(_ENVELOPED), der.context(0, inner))


def _authenticated(data: bytes, key: bytes, listed: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    sealed = AESGCM(key).encrypt(nonce, data, None)
    parameters = der.sequence(der.octets(nonce), der.integer(_TAG))
    content = _content(der.sequence(der.oid(_GCM_256), parameters), sealed[:-_TAG])
    inner = der.sequence(der.integer(0), listed, content, der.octets(sealed[-_TAG:]))
    return der.sequence(der.oid(_AUTH_ENVELOPED), der.context(0, inner))


def _content(algorithm: bytes, encrypted: bytes) -> bytes:
    return der.sequence(der.oid(oids.ID_DATA), algorithm, der.tlv(_CONTENT, encrypted))


def decrypt(data: bytes, key: SigningKey) -> bytes:
    """Return what was encrypted to `key`; raises NotDecrypted, whatever the reason."""
    try:
        return _opened(ber.definite(data), key)
    except (
        *(MalformedDer, UnsupportedAlgorithm, InvalidTag, InvalidUnwrap),
        *(ValueError, KeyError, IndexError),
    ) as error:
        raise NotDecrypted from error


def _opened(encoded: bytes, key: SigningKey) -> bytes:
    kind, wrapped = der.parse(encoded).children()
    fields = wrapped.expect(0xA0).children()[0].children()[1:]
    if fields[0].tag == 0xA0:  # noqa: PLR2004 - originatorInfo, not needed
        fields = fields[1:]
    content_key = infos.content_key(fields[0], key)
    _, algorithm, encrypted = fields[1].children()
    name, parameters = algorithm.children()
    octets = infos.joined(encrypted)
    if kind.dotted() == _AUTH_ENVELOPED:
        return _from_gcm(name.dotted(), parameters, content_key, octets, fields[2:])
    if len(content_key) != _CBC[name.dotted()]:
        raise MalformedDer(reason="a content key of another length")
    mode = CBC(parameters.expect(der.OCTET_STRING).content)
    worker = Cipher(AES(content_key), mode).decryptor()
    remover = PKCS7(8 * _BLOCK).unpadder()
    return remover.update(worker.update(octets) + worker.finalize()) + remover.finalize()


def _from_gcm(
    name: str,
    parameters: der.Node,
    content_key: bytes,
    octets: bytes,
    rest: Sequence[der.Node],
) -> bytes:
    nonce, *sizes = parameters.children()
    size = sizes[0].number() if sizes else _SHORT_TAG_TAKEN
    attributes = b""
    if rest[0].tag == 0xA1:  # noqa: PLR2004 - authAttrs, authenticated as SET OF
        attributes = b"\x31" + rest[0].encoded[1:]
        rest = rest[1:]
    tag = rest[0].expect(der.OCTET_STRING).content
    if len(content_key) != _GCM[name] or size != _TAG or len(tag) != _TAG:
        raise MalformedDer(reason="a key or tag of another length")
    cipher = AESGCM(content_key)
    return cipher.decrypt(nonce.content, octets + tag, attributes or None)
