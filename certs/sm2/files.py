"""SM2 private keys in PEM: PKCS#8, encrypted by PBES2 (RFC 8018) or not, and SEC 1.

Written: PBKDF2 with HMAC-SHA-256 and AES-256-CBC, which every OpenSSL opens. Read also: the
other HMACs and key lengths, and HMAC-SM3 with SM4-CBC as Chinese tools write it.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.padding import PKCS7

from certs.asn1 import der
from certs.errors import KeyUnreadable, MalformedDer, UnsupportedAlgorithm
from certs.sm2.keys import Sm2PrivateKey

_PEM: Final = re.compile(
    rb"-----BEGIN ((?:ENCRYPTED |EC |SM2 )?PRIVATE KEY)-----\s+([A-Za-z0-9+/=\s]+)-----END \1-----"
)
_PBES2: Final = "1.2.840.113549.1.5.13"
_PBKDF2: Final = "1.2.840.113549.1.5.12"
_HMAC_SHA256: Final = "1.2.840.113549.2.9"
_AES_256_CBC: Final = "2.16.840.1.101.3.4.1.42"
_HMACS: Final[dict[str, hashes.HashAlgorithm]] = {
    "1.2.840.113549.2.7": hashes.SHA1(),  # noqa: S303 - the default of the standard, in an HMAC
    _HMAC_SHA256: hashes.SHA256(),
    "1.2.840.113549.2.10": hashes.SHA384(),
    "1.2.840.113549.2.11": hashes.SHA512(),
    "1.2.156.10197.1.401.2": hashes.SM3(),
}
_CIPHERS: Final[dict[str, tuple[type[AES | SM4], int]]] = {
    "2.16.840.1.101.3.4.1.2": (AES, 16),
    "2.16.840.1.101.3.4.1.22": (AES, 24),
    _AES_256_CBC: (AES, 32),
    "1.2.156.10197.1.104.2": (SM4, 16),
}
_ROUNDS: Final = 600_000
_MOST_ROUNDS: Final = 10_000_000
_SALT: Final = 16
_BLOCK: Final = 16


def load_pem(pem: bytes, password: bytes | None) -> Sm2PrivateKey:
    """Return the SM2 key in `pem`; raises KeyUnreadable when there is none, or it stays shut."""
    found = _PEM.search(pem)
    if found is None:
        raise KeyUnreadable(ref="SM2", reason="there is no private key in the file")
    try:
        encoded = base64.b64decode(b"".join(found.group(2).split()), validate=True)
        if found.group(1) == b"ENCRYPTED PRIVATE KEY":
            encoded = _opened(encoded, password or b"")
        elif found.group(1) != b"PRIVATE KEY":
            return Sm2PrivateKey.from_sec1(encoded)
        return Sm2PrivateKey.from_pkcs8(encoded)
    except (MalformedDer, UnsupportedAlgorithm) as error:
        raise KeyUnreadable(ref="SM2", reason=error.message.en) from error
    except (ValueError, IndexError, binascii.Error) as error:
        raise KeyUnreadable(ref="SM2", reason="the secret or the file is wrong") from error


def to_pem(key: Sm2PrivateKey, password: bytes) -> bytes:
    """Return the key as PEM, encrypted when there is a password."""
    encoded = _closed(key.pkcs8, password) if password else key.pkcs8
    label = b"ENCRYPTED PRIVATE KEY" if password else b"PRIVATE KEY"
    text = base64.b64encode(encoded)
    lines = b"\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return b"-----BEGIN %s-----\n%s\n-----END %s-----\n" % (label, lines, label)


def _closed(plain: bytes, password: bytes) -> bytes:
    salt, vector = secrets.token_bytes(_SALT), secrets.token_bytes(_BLOCK)
    cipher, size = _CIPHERS[_AES_256_CBC]
    secret = PBKDF2HMAC(_HMACS[_HMAC_SHA256], size, salt, _ROUNDS).derive(password)
    padder = PKCS7(8 * _BLOCK).padder()
    padded = padder.update(plain) + padder.finalize()
    worker = Cipher(cipher(secret), CBC(vector)).encryptor()
    digest = der.sequence(der.oid(_HMAC_SHA256), der.null())
    derived = der.sequence(der.octets(salt), der.integer(_ROUNDS), digest)
    scheme = der.sequence(
        der.sequence(der.oid(_PBKDF2), derived),
        der.sequence(der.oid(_AES_256_CBC), der.octets(vector)),
    )
    return der.sequence(
        der.sequence(der.oid(_PBES2), scheme),
        der.octets(worker.update(padded) + worker.finalize()),
    )


def _opened(encoded: bytes, password: bytes) -> bytes:
    """Decrypt an EncryptedPrivateKeyInfo; raises ValueError for another password."""
    algorithm, octets = der.parse(encoded).children()
    name, parameters = algorithm.children()
    if name.dotted() != _PBES2:
        raise UnsupportedAlgorithm(algorithm=name.dotted())
    derivation, encryption = parameters.children()
    kind, vector = encryption.children()
    chosen = _CIPHERS.get(kind.dotted())
    if chosen is None:
        raise UnsupportedAlgorithm(algorithm=kind.dotted())
    cipher, size = chosen
    mode = CBC(vector.expect(der.OCTET_STRING).content)
    worker = Cipher(cipher(_secret(derivation, size, password)), mode).decryptor()
    padded = worker.update(octets.expect(der.OCTET_STRING).content) + worker.finalize()
    remover = PKCS7(8 * _BLOCK).unpadder()
    return remover.update(padded) + remover.finalize()


def _secret(derivation: der.Node, size: int, password: bytes) -> bytes:
    name, parameters = derivation.children()
    if name.dotted() != _PBKDF2:
        raise UnsupportedAlgorithm(algorithm=name.dotted())
    salt, rounds, *rest = parameters.children()
    named = [each.children()[0].dotted() for each in rest if each.tag == der.SEQUENCE]
    hmac = _HMACS.get(named[0] if named else "1.2.840.113549.2.7")
    if hmac is None or not 0 < rounds.number() <= _MOST_ROUNDS:
        raise UnsupportedAlgorithm(algorithm="PBKDF2 with these parameters")
    content = salt.expect(der.OCTET_STRING).content
    return PBKDF2HMAC(hmac, size, content, rounds.number()).derive(password)
