"""JWE in the general JSON form (RFC 7516, RFC 7518): ECDH-ES or RSA-OAEP-256, with A256GCM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from certs import jose
from certs.errors import NoEncryptionKey, NotDecrypted
from certs.keys import SigningKey, spki
from certs.verdict import Refused
from certs.x509.certificate import Certificate
from schemas.jcs import canonical_json

_CONTENT: Final = "A256GCM"
_TRANSPORT: Final = "RSA-OAEP-256"
_AGREEMENT: Final = "ECDH-ES+A256KW"
_LARGEST: Final = 64 * 1024 * 1024
_MOST_RECIPIENTS: Final = 64
_LEAST_RSA_BITS: Final = 2048


class _Registry(jwe.JWERegistry):
    """Takes content as large as this house signs; the library stops at 64 kB."""

    max_ciphertext_length = _LARGEST


_REGISTRY: Final = _Registry(
    algorithms=[_TRANSPORT, _AGREEMENT, _CONTENT], verify_all_recipients=False
)


def encrypt(data: bytes, recipients: Sequence[Certificate]) -> bytes:
    """Return the JWE (JSON) of `data`, each recipient named by its certificate's thumbprint."""
    whole = jwe.GeneralJSONEncryption({"enc": _CONTENT}, data)
    for each in recipients:
        algorithm, key = _public(each)
        whole.add_recipient({"alg": algorithm, "kid": _thumbprint(each)}, key)
    found = jwe.encrypt_json(whole, None, registry=_REGISTRY)
    return canonical_json(dict(found))


def _public(recipient: Certificate) -> tuple[str, ECKey | RSAKey]:
    key = recipient.public_key
    match key:
        case rsa.RSAPublicKey(key_size=bits) if bits >= _LEAST_RSA_BITS:
            algorithm, usage = _TRANSPORT, "key_encipherment"
        case ec.EllipticCurvePublicKey():
            algorithm, usage = _AGREEMENT, "key_agreement"
        case _:
            raise NoEncryptionKey(name=recipient.name, reason="its key is neither RSA nor EC")
    if not recipient.allows(usage):
        raise NoEncryptionKey(name=recipient.name, reason=f"it is not certified for {usage}")
    kind = ECKey if algorithm == _AGREEMENT else RSAKey
    return algorithm, kind.import_key(spki(key))


def decrypt(data: bytes, key: SigningKey) -> bytes:
    """Return what was encrypted to `key`; raises NotDecrypted, whatever the reason."""
    try:
        return _opened(data, key)
    except (Refused, JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotDecrypted from error


def _opened(data: bytes, key: SigningKey) -> bytes:
    members = jose.parse(data)
    listed = members["recipients"]
    if not isinstance(listed, list) or len(listed) > _MOST_RECIPIENTS or "unprotected" in members:
        raise NotDecrypted
    mine = [each for each in listed if each["header"]["kid"] == _thumbprint(key.certificate)]
    if not mine:
        raise NotDecrypted
    alone = cast("jwe.GeneralJSONSerialization", {**members, "recipients": mine[:1]})
    found = jwe.decrypt_json(alone, _private(key), registry=_REGISTRY)
    if found.plaintext is None:
        raise NotDecrypted
    return found.plaintext


def _private(key: SigningKey) -> ECKey | RSAKey:
    match key.private:
        case ec.EllipticCurvePrivateKey() | rsa.RSAPrivateKey() as private:
            encoded = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        case _:
            raise NotDecrypted
    kind = RSAKey if isinstance(key.private, rsa.RSAPrivateKey) else ECKey
    return kind.import_key(encoded)


def _thumbprint(each: Certificate) -> str:
    return jose.encode(each.sha256)
